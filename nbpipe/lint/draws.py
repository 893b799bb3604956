"""Random draws as the rules about seeds report them: which of them matter, and the words for their generators."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.analysis.randomness import Randomness, may_draw
from nbpipe.analysis.reach import Reach
from nbpipe.keeping import kept
from nbpipe.lint.diagnostic import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.randomness import Draw, Seed
    from nbpipe.lint.context import Context

# The generator in words, and what seeds it.
GENERATORS = {
    "random": ("Python's generator", "random.seed"),
    "numpy.random": ("NumPy's global generator", "numpy.random.seed"),
    "torch.random": ("PyTorch's generator", "torch.manual_seed"),
    "tensorflow.random": ("TensorFlow's generator", "tensorflow.random.set_seed"),
}
# Functions that only show something, and names of inputs whose values do not matter.
_SHOWING = r"(?i:(^|_)(show|display|plot|draw|visuali[sz]e|preview|print|view))"
# Libraries that call the functions they are given when someone uses a page or a widget.
_INTERACTIVE = frozenset(["dash", "gradio", "ipywidgets", "panel", "streamlit"])
_DUMMY = r"(?i:dummy|warm_?up|fake|mock|(random|test|example|sample)_?inputs?$|suffix|uuid|unique|(^|_)(id|port|name)$)"


@kept
def randomness_of(analysis: Analysis) -> Randomness | None:
    """Give the draws and seeds of a notebook, worked out once for all rules; None where nothing is drawn."""
    return Randomness(analysis) if may_draw(analysis) else None


def unseeded(context: Context) -> Iterator[Draw]:
    """Yield the draws that matter and are not seeded before, top-down: the first of each generator, and own ones."""
    randomness = randomness_of(context.analysis)
    seen: set[str] = set()
    for draw in randomness.draws() if randomness is not None else ():
        if randomness is None or draw.generator in seen or _does_not_matter(context, draw):
            continue
        if draw.name.startswith("keras.") and _is_on_theano(context.analysis):
            continue  # NumPy draws the weights
        if not draw.own and randomness.seeded_before(draw.generator, draw.order):
            seen.add(draw.generator)
        elif _is_learned_from(context, draw):
            yield draw
            if not draw.own:
                seen.add(draw.generator)  # once it is used, what comes later is the same story


@kept
def _is_on_theano(analysis: Analysis) -> bool:
    """Tell whether a stored output says that Keras runs on Theano: ``Using Theano backend.``."""
    return any(
        "Theano backend" in str(output.get("text", ""))
        for cell in analysis.notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.get("output_type") == "stream"
    )


def seeding_of(draw: Draw) -> str:
    """Give the name of what seeds the generator of a draw, as the part of TensorFlow wants it that is used."""
    if draw.name.startswith("tensorflow.compat.v1."):
        return "tensorflow.compat.v1.set_random_seed"
    return GENERATORS[draw.generator][1]


def _is_learned_from(context: Context, draw: Draw) -> bool:
    """Tell whether something learns from what is drawn, or rows are chosen by it, as far as it can be followed."""
    return bool(Reach(context.analysis).follow(draw.site.home, draw.site.node).learned)


def overtaken(context: Context) -> Iterator[tuple[Draw, Seed]]:
    """Yield, for each generator, its first seed and the first draw before that which a seed was meant for.

    That is one from which something learns, or whose value is read after the seed.
    """
    randomness = randomness_of(context.analysis)
    seen: set[str] = set()
    for draw in randomness.draws() if randomness is not None else ():
        if randomness is None or draw.own or draw.generator in seen or _draws_later(draw):
            continue
        late = late_seed(context, draw)
        if late is None or randomness.seeded_before(draw.generator, draw.order):
            seen.add(draw.generator)
        elif not _does_not_matter(context, draw) and _is_read_behind(context, draw, late):
            seen.add(draw.generator)
            yield draw, late


def _draws_later(draw: Draw) -> bool:
    """Tell whether making this draws nothing, but going through it does."""
    return draw.name.endswith(("DataLoader", "RandomSampler"))


def _is_read_behind(context: Context, draw: Draw, seed: Seed) -> bool:
    """Tell whether a value drawn before a seed is learned from, or read behind the seed."""
    site = context.analysis.top_down.calls.get(id(seed.node))
    cell = site.cell if site is not None else seed.home
    line: int = seed.node.lineno if cell == seed.home else 0  # type: ignore[attr-defined]
    reach = Reach(context.analysis, (cell, line)).follow(draw.site.home, draw.site.node)
    return bool(reach.learned) or any((home, node.lineno) > (cell, line) for home, node in reach.read)


def late_seed(context: Context, draw: Draw) -> Seed | None:
    """Give what seeds the generator after a draw, and is there for that.

    `Trainer` seeds only by the way, and ``generator=torch.manual_seed(0)`` seeds for one call.
    """
    randomness = randomness_of(context.analysis)
    passed_on = {id(keyword.value) for _, keyword in context.analysis.nodes(ast.keyword)}
    for seed in randomness.seeds if randomness is not None and not draw.own else ():
        if seed.order > draw.order and seed.generator == draw.generator and isinstance(seed.node, ast.Call):
            name = getattr(seed.node.func, "attr", getattr(seed.node.func, "id", ""))
            if any(word in name for word in ("seed", "state", "determinis")) and id(seed.node) not in passed_on:
                return seed
    return None


def severity_of(context: Context, draw: Draw) -> Severity | None:
    """Give an info where code that cannot be looked into ran before a draw: it may have seeded the generator."""
    hidden = any(
        mark.binds and mark.cell <= draw.site.cell and mark.reason.startswith(("%run", "exec", "%load"))
        for mark in context.analysis.top_down.opaque
    )
    return Severity.INFO if hidden else None


def _does_not_matter(context: Context, draw: Draw) -> bool:
    """Tell by names whether the author wants just any numbers: to look at some rows, to try whether something runs."""
    code = context.analysis.codes[draw.site.home]
    line = draw.site.node.lineno
    statement = next((each for each in code.body if each.lineno <= line <= (each.end_lineno or line)), None)
    if isinstance(statement, ast.Assign):
        return any(isinstance(target, ast.Name) and re.search(_DUMMY, target.id) for target in statement.targets)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return getattr(statement.value.func, "id", "") in ("print", "display")
    if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return False
    around = [
        each.name
        for home, each in context.analysis.nodes(ast.FunctionDef)
        if home == draw.site.home and each.lineno <= line <= (each.end_lineno or line)
    ]
    return any(re.search(_SHOWING, name) for name in around) or _is_answering(context, around)


def _is_answering(context: Context, functions: list[str]) -> bool:
    """Tell whether one of the functions is handed to a page or a widget, where each answer may be another."""
    return bool(functions) and any(
        isinstance(argument, ast.Name) and argument.id in functions
        for site in context.analysis.calls
        if any(name.partition(".")[0] in _INTERACTIVE for name in site.names)
        for argument in (*site.node.args, *(keyword.value for keyword in site.node.keywords))
    )
