"""State of the process that no step carries to the next one: settings, generators, changes of imported modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.dependence import root_name
from nbpipe.convert.prelude import import_behind
from nbpipe.convert.refusal import TiedStepsError, refuse
from nbpipe.convert.step_settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.analysis.flow import GlobalState
    from nbpipe.convert.dataflow import StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.source import Source

_CARRIED: Final = frozenset(["random", "numpy.random", "torch.random"])
# State of the process that changes results when a later step lacks it; what only changes the display is let through.
_DECISIVE: Final = frozenset(
    ["cwd", "environ", "sys.path", "sys", "locale", "decimal", "numpy.seterr", "sklearn.config"]
)


def refuse_state(source: Source, flows: Iterable[StepFlow]) -> None:
    """Raise where state of the process that no step carries would cross a boundary.

    Raises:
        ConversionError: a step changes such state before imports that may read it.
        TiedStepsError: a step changes such state, and there are later steps; or two steps use a generator that is
            not carried.
    """
    names = [flow.name for flow in flows]
    cells = {cell: step.name for step in source.steps for cell in step.cells}
    used: dict[str, str] = {}
    again = _made_again(source)
    kinds = {access.kind for access in source.analysis.top_down.global_state if id(access.node) in again}
    dropped = {part for statement in source.statements if statement.is_dropped for part in statement.parts}
    for access in source.analysis.top_down.global_state:
        step = cells.get(access.cell)
        if step is None or id(access.node) in again or id(access.node) in dropped:
            continue
        if access.effect == "set" and (_is_decisive(access) or access.kind in kinds):
            reason = (
                f"sets {_STATE_NAMES.get(access.kind, access.kind)}, which later steps would not have: "
                "set it in a cell before the first step"
            )
            if _is_read_by_imports(source, access):
                raise refuse(access.cell, reason)
            if step != names[-1]:
                raise TiedStepsError(access.cell, reason, step, names[-1])
        if access.effect in ("seed", "draw") and access.kind not in _CARRIED:
            other = used.setdefault(access.kind, step)
            if other != step:
                raise TiedStepsError(
                    access.cell,
                    f"uses the generator {access.kind} as step '{other}' does, and its state is not carried "
                    "from step to step: seed it in this step",
                    other,
                    step,
                )


def _is_read_by_imports(source: Source, access: GlobalState) -> bool:
    """Tell whether an import behind it may read what is set: modules import first."""
    if access.kind == "sys.path":
        return True
    places = [
        statement.place
        for statement in source.statements
        if statement.cell == access.cell and any(node is access.node for node in ast.walk(statement.node))
    ]
    place = places[0] if places else -1
    return access.kind == "environ" and import_behind(source, access.cell, place) is not None


def _made_again(source: Source) -> set[int]:
    """Give the nodes of the settings that later steps make again."""
    return {
        id(node)
        for step in source.steps
        for statement in settings_of(source, step.name)
        for node in ast.walk(statement.node)
    }


def refuse_patches(source: Source, layout: Layout) -> None:
    """Raise where a step changes an imported module or class for the steps behind it: ``math.tau = 6``.

    Raises:
        TiedStepsError: a step does, and there are later steps.
    """
    last = source.steps[-1].name
    again = _made_again(source)
    known = {id(access.node) for access in source.analysis.top_down.global_state} | again
    for statement in source.statements:
        if statement.is_dropped or statement.step in ("", last):
            continue
        for node in ast.walk(statement.node):
            if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load) or id(node) in known:
                continue
            root = root_name(node)
            if root is not None and root.id in layout.imports and id(statement.node) not in known:
                raise TiedStepsError(
                    statement.cell,
                    f"changes '{ast.unparse(node)}', which later steps would not have",
                    statement.step,
                    last,
                )


def _is_decisive(access: GlobalState) -> bool:
    """Tell whether setting this may change results, not only how they are shown."""
    if access.kind == "pandas.options":
        return not any(word in ast.unparse(access.node) for word in ("display", "plotting", "styler"))
    return access.kind in _DECISIVE


_STATE_NAMES: Final = {
    "cwd": "the working directory",
    "environ": "an environment variable",
    "sys": "Python's own settings",
}
