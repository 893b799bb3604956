"""What a pipeline shows for itself: metrics, and the results of steps that no later step needs anything of."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nbpipe.convert.display import is_display
from nbpipe.convert.source import Statement
from nbpipe.steps import Note, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbpipe.convert.dataflow import DataFlow, StepFlow
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source

_NO_RESULT: Final = ("matplotlib", "function", "module", "builtin_function_or_method", "method", "type")


def logged(name: str, value: Any) -> dict[str, float]:
    """Give the metrics that a run logs of a recorded number: a dict's under the names of both."""
    if isinstance(value, dict):
        return {f"{name}.{key}": float(item) for key, item in value.items()}
    return {} if value is None else {name: float(value)}


def metrics_of(
    source: Source, flow: DataFlow, recording: Recording
) -> tuple[dict[str, tuple[str, ...]], tuple[Note, ...]]:
    """Give, by step, the names of the numbers in its cells tagged metrics, and which of these cells have none."""
    found: dict[str, tuple[str, ...]] = {}
    notes: list[Note] = []
    for step in source.steps:
        numbers = recording.after[step.name].numbers
        names: dict[str, None] = {}
        for cell in step.metrics_cells:
            statements = [statement for statement in source.of_step(step.name) if statement.cell == cell]
            own = [name for name in _shown_or_bound(statements) if name in numbers]
            own = [name for name in own if name in flow.steps[step.name].binds]
            if not own:
                notes.append(
                    Note(cell, "is tagged metrics, but binds or shows no name with a number: nothing is logged")
                )
            names.update(dict.fromkeys(own))
        found[step.name] = tuple(names)
    return found, tuple(notes)


def _shown_or_bound(statements: Iterable[Statement]) -> list[str]:
    """Give the names that statements bind, print or show, in order."""
    names: dict[str, None] = {}
    for statement in statements:
        node = statement.node
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = [inner for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)]
            names.update(dict.fromkeys(inner.id for inner in bound if isinstance(inner.ctx, ast.Store)))
        elif isinstance(node, ast.Expr):
            names.update(dict.fromkeys(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)))
    return list(names)


class LeftOut(NamedTuple):
    """A result that a step does not give.

    Attributes:
        step, name: which.
        cell: index of the last cell that binds it.
        reason: why it cannot be given.
    """

    step: str
    name: str
    cell: int
    reason: str


def add_results(
    source: Source, flow: DataFlow, recording: Recording, metrics: dict[str, tuple[str, ...]]
) -> tuple[LeftOut, ...]:
    """Let steps of which no later one needs anything give their results: what they bind and use no further.

    Without them nothing would show, or could be compared, of what such a step computed.

    Returns:
        The results that cannot be stored or compared: nothing needs them, so the steps do without.
    """
    left_out = []
    for step in flow.steps.values():
        if step.outputs or metrics[step.name]:
            continue
        after = recording.after[step.name]
        for name in _results(source, flow, step):
            value = after.values.get(name)
            if value is None or str(value["type"]).startswith(_NO_RESULT):
                continue
            reason = after.unstorable.get(name) or _incomparable(value)
            if reason:
                cells = [item.cell for item in source.of_step(step.name) if name in item.names.binds]
                left_out.append(LeftOut(step.name, name, cells[-1], reason))
                continue
            step.outputs.append(name)
            step.why[name] = "output: it is a result of the notebook: nothing uses it further"
    return tuple(left_out)


def _incomparable(value: dict[str, object]) -> str:
    if not value["comparable"]:
        return f"it is or holds {value['reason']}"
    return "it is too large to be compared whole" if value["sampled"] else ""


def notes_of(left_out: Iterable[LeftOut]) -> Iterator[Note]:
    """Tell of results that are left out."""
    for each in left_out:
        yield Note(each.cell, f"'{each.name}' is no output of step '{each.step}', and is not compared: {each.reason}")


def given_names(source: Source, flow: DataFlow) -> dict[str, tuple[str, ...]]:
    """Give the names that each step may give, as far as reading tells."""
    return {
        name: tuple(dict.fromkeys((*step.outputs, *_results(source, flow, step))))
        for name, step in flow.foreseen.items()
    }


def _results(source: Source, flow: DataFlow, step: StepFlow) -> list[str]:
    """Give the names that a step binds and of which it makes nothing further, but shows or draws them."""
    statements = [statement for statement in flow.body(step.name) if not is_display(source, statement)]
    last_bound: dict[str, int] = {}
    for place, statement in enumerate(statements):
        if isinstance(statement.node, ast.Assign | ast.AnnAssign | ast.AugAssign) and not _draws(source, statement):
            last_bound.update(dict.fromkeys(_shown_or_bound([statement]), place))
    used = {
        name
        for name, place in last_bound.items()
        if any(name in later.names.reads and later.names.binds - {name} for later in statements[place + 1 :])
    }
    used |= _bound_aside(source, step.name)
    return [name for name in last_bound if name not in used and not name.startswith("_")]


def _bound_aside(source: Source, step: str) -> set[str]:
    """Give the names that cells left out of the middle of a step bind or may change: what they hold is not its own."""
    cells = next(item.cells for item in source.steps if item.name == step)
    aside = [cell for cell in source.plan.cells_of(Role.SKIP, Role.SERVE) if cells[0] < cell < cells[-1]]
    found = {name for cell in aside for name in source.analysis.top_down.changes[cell].binds}
    for cell in aside:
        for place, node in enumerate(source.analysis.codes[cell].body):
            # What only shows a name changes nothing; of other calls that is not known.
            if not is_display(source, Statement(cell, place, node, "", is_dropped=False)):
                found.update(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return found


def _draws(source: Source, statement: Statement) -> bool:
    """Tell whether what a statement binds is a part of a picture."""
    inside = {id(node) for node in ast.walk(statement.node)}
    return any(
        name.startswith(("matplotlib.", "seaborn.", "plotly."))
        for call in source.analysis.calls
        if id(call.node) in inside
        for name in call.names
    )
