"""Finds hyperparameters: literals that reach a known setting of an estimator, split, optimizer or training loop."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.arguments import entry, known_names, passed
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Container
from nbpipe.keeping import kept
from nbpipe.settings.configuration import is_configuration
from nbpipe.settings.literals import Literal, NoLiteral, assigned, expression_of, literal, value_of
from nbpipe.settings.setting import HYPERPARAMETER, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import CallSite

# Parameters that mean the same wherever they stand, in the notebook's own functions and unknown libraries, too.
UNMISTAKABLE = frozenset([
    "batch_size", "dropout_rate", "epochs", "learning_rate", "lr", "max_epochs", "n_epochs", "n_estimators",
    "nb_epoch", "num_boost_round", "num_epochs", "num_train_epochs", "test_size", "validation_split", "weight_decay",
])  # fmt: skip
# Settings that are tuned though they are texts; other texts choose what to do, which is implementation.
TUNED_TEXT = frozenset(["activation", "criterion", "kernel", "linkage", "loss", "metric", "norm", "penalty", "weights"])
# Objects that gather settings: whoever makes one has already put configuration in one place.
_GATHERING = (
    "config", "configuration", "args", "arguments", "params", "parameters", "settings", "options", "namespace", "dict",
    "hparams",
)  # fmt: skip
# Methods for which a batch is how much is worked on at once, and changes no result.
_BATCHED = frozenset(
    ["encode", "evaluate", "filter", "generate", "iter", "iter_batches", "map", "predict", "to_batches"]
)
_COUNTERS = frozenset(["epoch", "epochs", "i", "id", "idx", "index", "n", "no", "num", "number"])
# What changes no result: speed, noise, and seeds, which are no tuning.
_UNTUNED = frozenset([
    "n_jobs", "nthread", "num_threads", "num_workers", "random_seed", "random_state", "seed", "silent", "verbose",
    "verbosity", "workers",
])  # fmt: skip
_NEUTRAL = (0, 1, -1)
_MAX_NAMES = 3  # how many names a probability is followed through
_EVEN = 0.5  # the threshold that is none: the more probable class


@kept
def find_hyperparameters(analysis: Analysis) -> list[Setting]:
    """Give the hard-coded hyperparameters of a notebook, in order of the calls, loops and comparisons they configure.

    A literal in a cell tagged ``parameters`` or on a Colab form's line is configuration, and not found. Nor are 0,
    1, -1, None, True and False, which rather choose than tune.
    """
    found: list[Setting] = []
    probabilities = False
    for site in analysis.calls if _may_be_in_calls(analysis) else ():
        found += _of_call(analysis, site)
        probabilities |= any(name.endswith(".predict_proba") for name in site.names)
    for home, code in analysis.codes.items():
        if code.tree is not None and (probabilities or ("epoch" in code.code.text and "for" in code.code.text)):
            found += _of_code(analysis, home, code.tree)
    found.sort(key=lambda setting: (setting.home, setting.place.lineno, setting.place.col_offset))  # type: ignore[attr-defined]
    return found


def _may_be_in_calls(analysis: Analysis) -> bool:
    """Tell by names alone whether a call may take settings, before the data flow is asked what it calls."""
    if analysis.keywords & UNMISTAKABLE or "predict_proba" in analysis.called:
        return True
    return not analysis.called.isdisjoint(known_names(("settings", "settings_in"), analysis.imported))


def _of_call(analysis: Analysis, site: CallSite) -> Iterator[Setting]:
    names = site.names or ("",)
    for name in names:
        known = entry("settings", name) if name else None
        gathered = entry("settings_in", name) if name else None
        if known is None and gathered is None:
            if not any(keyword.arg in UNMISTAKABLE for keyword in site.node.keywords):
                continue
            written = name or _written(site.node.func)
            if written.lower().endswith(_GATHERING) or written.rpartition(".")[2] in _BATCHED:
                continue
        wanted = frozenset(known.split()) | UNMISTAKABLE if known else UNMISTAKABLE
        sink = name or _written(site.node.func)
        for keyword, argument in passed(site, name).items():
            if keyword == gathered and argument.node is not None:
                yield from _of_dict(analysis, site, argument.node, sink)
            elif argument.node is not None and (keyword in wanted or known == "*"):
                yield from _setting(analysis, site, keyword, argument.node, sink)
        for spread in site.node.keywords:
            if spread.arg is None:
                yield from _of_dict(analysis, site, spread.value, sink, None if known == "*" else wanted)
        return


def _setting(analysis: Analysis, site: CallSite, keyword: str, node: ast.expr, sink: str) -> Iterator[Setting]:
    found = literal(analysis, site.cell, site.home, node)
    if found is not None and _tunes(keyword, found.value):
        yield from _make(analysis, found, (keyword, sink), site.node, site.home)


def _make(analysis: Analysis, found: Literal, use: tuple[str, str], place: ast.AST, home: int) -> Iterator[Setting]:
    """Give the setting, unless its literal is configuration; `use` is the keyword and the sink."""
    if not is_configuration(analysis, found.home, found.node):
        where = analysis.range(found.home, found.node)
        keyword, sink = use
        given = {"keyword": keyword, "sink": sink, "via": found.via}
        yield Setting(HYPERPARAMETER, found.value, where, place=place, home=home, node=found.node, **given)


def _of_dict(
    analysis: Analysis, site: CallSite, node: ast.expr, sink: str, wanted: frozenset[str] | None = None
) -> Iterator[Setting]:
    """Give the settings in a dict that a call is given, also through a name."""
    home, via = site.home, ""
    if isinstance(node, ast.Name):
        found = assigned(analysis, site.cell, node)
        if found is None or not _unchanged(analysis, site, node):
            return
        home, via, node = found[0].home, found[0].name, found[1]
    if not isinstance(node, ast.Dict):
        return
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and (wanted is None or key.value in wanted):
            try:
                number = value_of(value)
            except NoLiteral:
                continue
            if _tunes(key.value, number):
                yield from _make(analysis, Literal(number, value, home, via), (key.value, sink), site.node, site.home)


def _unchanged(analysis: Analysis, site: CallSite, node: ast.Name) -> bool:
    """Tell whether nothing changes the dict that a name holds: its literal then is what arrives."""
    use = analysis.top_down.uses[site.cell, id(node)]
    held = use.definitions[0].value
    return not any(mutation.obj in held for mutation in analysis.top_down.mutations) and all(
        isinstance(obj, Container) for obj in held
    )


def _tunes(keyword: str, value: Any) -> bool:
    """Tell whether this value is a tuned one and not a plain choice."""
    if isinstance(value, bool) or value is None or keyword in _UNTUNED:
        return False
    if isinstance(value, str):
        return keyword in TUNED_TEXT and bool(value)
    if isinstance(value, tuple | list):
        return any(number not in _NEUTRAL for number in value)
    return value not in _NEUTRAL


def _written(node: ast.expr) -> str:
    """Give the last part of what is called as it is written."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


# Loops and comparisons


def _of_code(analysis: Analysis, home: int, tree: ast.Module) -> Iterator[Setting]:
    """Give the bounds of loops over epochs, and the thresholds that probabilities are compared with."""
    for node in walk(tree):
        if isinstance(node, ast.For):
            yield from _of_loop(analysis, home, node)
        elif (
            isinstance(node, ast.Compare)
            and len(node.ops) == 1
            and isinstance(node.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE)
        ):
            yield from _of_comparison(analysis, home, node)


def _of_loop(analysis: Analysis, home: int, node: ast.For) -> Iterator[Setting]:
    """Give N of ``for epoch in range(N)``, with ``tqdm`` and the like around it."""
    if not (isinstance(node.target, ast.Name) and _counts_epochs(node.target.id)):
        return
    bound: ast.expr = node.iter
    while isinstance(bound, ast.Call) and bound.args and _written(bound.func) not in ("range", "trange"):
        bound = bound.args[0]
    if isinstance(bound, ast.Call) and bound.args:
        stop = bound.args[0] if len(bound.args) == 1 else bound.args[1]
        found = literal(analysis, home, home, stop)
        if found is not None and isinstance(found.value, int) and _tunes("epochs", found.value):
            yield from _make(analysis, found, ("epochs", "range"), bound, home)


def _counts_epochs(name: str) -> bool:
    words = name.lower().split("_")
    return ("epoch" in words or "epochs" in words) and _COUNTERS.issuperset(filter(None, words))


def _of_comparison(analysis: Analysis, home: int, node: ast.Compare) -> Iterator[Setting]:
    """Give the threshold of ``model.predict_proba(X)[:, 1] > 0.3``."""
    for compared, bound in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
        if _is_probability(analysis, home, compared):
            found = literal(analysis, home, home, bound)
            if found is not None and isinstance(found.value, float) and found.value not in (0.0, _EVEN, 1.0):
                yield from _make(analysis, found, ("threshold", "predict_proba"), node, home)


def _is_probability(analysis: Analysis, home: int, node: ast.expr, depth: int = _MAX_NAMES) -> bool:
    """Tell whether an expression is what `predict_proba` gave, or a part of it, through names."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Call):
        site = analysis.top_down.calls.get(id(node))
        return site is not None and any(name.endswith(".predict_proba") for name in site.names)
    use = analysis.top_down.uses.get((home, id(node))) if isinstance(node, ast.Name) else None
    if use is None or not use.definitions or depth == 0:
        return False
    for definition in use.definitions:
        value = expression_of(analysis, definition)
        if value is None or not _is_probability(analysis, definition.home, value, depth - 1):
            return False
    return True
