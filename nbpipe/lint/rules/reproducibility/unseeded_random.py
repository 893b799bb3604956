"""NB301."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.randomness import Draw, Randomness
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# The generator in words, and what seeds it.
GENERATORS = {
    "random": ("Python's generator", "random.seed"),
    "numpy.random": ("NumPy's global generator", "numpy.random.seed"),
    "torch.random": ("PyTorch's generator", "torch.manual_seed"),
    "tensorflow.random": ("TensorFlow's generator", "tensorflow.random.set_seed"),
}


# Functions that only show something, and names of inputs whose values do not matter.
SHOWING = r"(?i:(^|_)(show|display|plot|draw|visuali[sz]e|preview|print|view))"
# Libraries that call the functions they are given when someone uses a page or a widget.
INTERACTIVE = frozenset(["dash", "gradio", "ipywidgets", "panel", "streamlit"])
DUMMY = r"(?i:dummy|warm_?up|fake|mock|(random|test|example|sample)_?inputs?$)"


class UnseededRandom(Rule):
    """Random numbers are drawn from a generator that nothing has seeded.

    ## What it does

    Reports, once for each generator, the first use of Python's `random`, NumPy's global generator, PyTorch's or
    TensorFlow's, when no seed of that generator comes before it, top-down. A seed in a function that is called
    before counts, and so do the functions that seed several generators at once: `keras.utils.set_random_seed`,
    `seed_everything` of Lightning, `set_seed` of transformers, accelerate and fastai, and `Trainer` of transformers.
    Making layers of a network uses a generator (for their first weights), and so does a `DataLoader` that shuffles:
    these count where the notebook trains something.

    Reports also each generator that is made without a seed: `np.random.default_rng()`, `RandomState()`,
    `random.Random()`.

    Silent where a seed may come before: in a branch, in a function of a module that is named so (`set_seeds()`), by
    `seed=` or `generator=` of the call itself. Silent in functions that nothing calls, and where the numbers do not
    matter or are meant to differ: in a `print`, in a function that is named as one that shows something
    (`show_examples`) or is handed to a web page or widget (gradio, ipywidgets...), for a dummy input
    (`dummy_data = ...`), for letters and digits drawn as a unique name, for `random.SystemRandom` and `secrets`. JAX
    needs no rule, for its keys are seeds. Calls that take `random_state` are the matter of `missing-random-state`.
    After `%run` of something that cannot be looked into, the finding is an info.

    ## Why is this bad?

    Each run gives other numbers: the stored results cannot be got again, a change for the better cannot be told from
    luck, and neither nbpipe nor anyone else can verify the notebook.

    ## Example

    ```python
    # %%
    import numpy as np

    noise = np.random.normal(size=100)
    ```

    ## Use instead

    ```python
    # %%
    import numpy as np

    rng = np.random.default_rng(0)
    noise = rng.normal(size=100)
    ```
    """

    code = "NB301"
    severity = Severity.WARNING
    triggers = ("random", "torch", "tensorflow", "keras", "fastai")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first use of each unseeded generator, and generators made without a seed."""
        from nbpipe.analysis.randomness import Randomness, may_draw

        if not may_draw(context.analysis):
            return
        randomness = Randomness(context.analysis)
        seen: set[str] = set()
        for draw in randomness.draws():
            if _does_not_matter(context, draw):
                continue
            if draw.own:
                yield _own(context, draw)
            elif draw.generator not in seen:
                seen.add(draw.generator)  # once it is used, what comes later is the same story
                if not randomness.seeded_before(draw.generator, draw.order):
                    yield _global(context, draw, randomness)


def _own(context: Context, draw: Draw) -> Diagnostic:
    where = context.analysis.range(draw.site.home, draw.site.node)
    return context.diagnostic(where, f"'{draw.name}' makes a generator without a seed: each run gives other numbers")


def _global(context: Context, draw: Draw, randomness: Randomness) -> Diagnostic:
    generator, seeding = GENERATORS[draw.generator]
    related: tuple[Related, ...] = ()
    late = randomness.first_seed_after(draw.generator, draw.order)
    if late is None:
        message = f"'{draw.name}' uses {generator}, which nothing seeds (see {seeding})"
    else:
        message = f"'{draw.name}' uses {generator} before it is seeded in cell {late.home + 1}"
        related = (Related(context.analysis.range(late.home, late.node), "the seed, too late"),)
    severity = Severity.INFO if _may_be_seeded_unseen(context, draw) else None
    where = context.analysis.range(draw.site.home, draw.site.node.func)
    return context.diagnostic(where, message, related=related, severity=severity)


def _may_be_seeded_unseen(context: Context, draw: Draw) -> bool:
    """Tell whether code that cannot be looked into ran before."""
    return any(
        mark.binds and mark.cell <= draw.site.cell and mark.reason.startswith(("%run", "exec", "%load"))
        for mark in context.analysis.top_down.opaque
    )


def _does_not_matter(context: Context, draw: Draw) -> bool:
    """Tell by names whether the author wants just any numbers: to look at some rows, to try whether something runs."""
    code = context.analysis.codes[draw.site.home]
    line = draw.site.node.lineno
    statement = next((each for each in code.body if each.lineno <= line <= (each.end_lineno or line)), None)
    if isinstance(statement, ast.Assign):
        return any(isinstance(target, ast.Name) and re.search(DUMMY, target.id) for target in statement.targets)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return getattr(statement.value.func, "id", "") in ("print", "display")
    functions = ast.walk(statement) if isinstance(statement, ast.FunctionDef | ast.ClassDef) else ()
    around = [
        each.name
        for each in functions
        if isinstance(each, ast.FunctionDef) and each.lineno <= line <= (each.end_lineno or line)
    ]
    return any(re.search(SHOWING, name) for name in around) or _is_answering(context, around)


def _is_answering(context: Context, functions: list[str]) -> bool:
    """Tell whether one of the functions is handed to a page or a widget, where each answer may be another."""
    return bool(functions) and any(
        isinstance(argument, ast.Name) and argument.id in functions
        for site in context.analysis.calls
        if any(name.partition(".")[0] in INTERACTIVE for name in site.names)
        for argument in (*site.node.args, *(keyword.value for keyword in site.node.keywords))
    )
