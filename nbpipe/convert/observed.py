"""What a recorded run settles: values changed in place, shared objects, files, generators, what can be passed on."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from nbpipe.convert.left_out import needed
from nbpipe.convert.module_state import changed_inside
from nbpipe.convert.needs import later_than, needed_after
from nbpipe.convert.prelude import state_in
from nbpipe.convert.refusal import TiedStepsError, refuse
from nbpipe.convert.step_settings import settings_of

if TYPE_CHECKING:
    from nbpipe.convert.dataflow import StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Boundary, Recording
    from nbpipe.convert.source import Source

_NOT_PASSED: Final = {
    "module": "a module: import it in the step that uses it",
    "function": "a function: define it once, with def, in a cell tagged definitions",
    "builtin_function_or_method": "a function: call it by its own name in the step that uses it",
    "method": "a method of an object: pass the object",
}


def changed_names(source: Source, layout: Layout, recording: Recording) -> dict[str, set[str]]:
    """Give, by step, the names of values that changed although the step does not bind them."""
    found: dict[str, set[str]] = {}
    for step in source.steps:
        binds = {name for statement in source.of_step(step.name) for name in statement.names.binds}
        changed = changed_between(recording.before[step.name], recording.after[step.name]) - binds
        found[step.name] = {name for name in changed if not layout.is_global(name) and name not in layout.definitions}
    return found


def changed_between(before: Boundary, after: Boundary) -> set[str]:
    """Give the names bound on both sides whose values are not surely the same."""
    both = before.values.keys() & after.values.keys()
    return {
        name
        for name in both
        if before.digest(name) != after.digest(name)
        or (not after.values[name]["comparable"] and after.values[name]["type"] not in _NOT_PASSED)
    }


def cell_that_changes(source: Source, step: str, name: str) -> int:
    """Give the cell of a step that changes a name as far as the code shows it, else the last that mentions it."""
    cells = next(item.cells for item in source.steps if item.name == step)
    changes = source.analysis.top_down.changes
    for cell in cells:
        if name in changes[cell].mutates:
            return cell
    mentions = [statement.cell for statement in source.of_step(step) if name in statement.names.reads]
    return mentions[-1] if mentions else cells[0]


def refuse_observed(source: Source, layout: Layout, flows: dict[str, StepFlow], recording: Recording) -> None:
    """Raise for the first thing that the run showed and that steps in processes of their own would not keep.

    Raises:
        ConversionError: there is such a thing.
        TiedStepsError: it would be kept if some steps were one.
    """
    for flow in flows.values():
        _refuse_unseen_change(source, layout, flow, flows)
        _refuse_unstorable(source, flow, flows, recording.after[flow.name])
        _refuse_inner_classes(source, layout, flow, flows, recording.after[flow.name])
        _refuse_state_change(source, flow.name, flows, recording)


def _refuse_unseen_change(source: Source, layout: Layout, flow: StepFlow, flows: dict[str, StepFlow]) -> None:
    needed = needed_after(flows, flow.name)
    for name in sorted(flow.mutates & needed):
        cell = cell_that_changes(source, flow.name, name)
        if name in layout.parameters and name not in flow.outputs:
            raise refuse(cell, f"changes the parameter '{name}', which later steps use: copy it first")
        if name not in flow.inputs:
            reason = f"changes '{name}' through another name, and a later step uses '{name}': copy it first"
            raise TiedStepsError(cell, reason, _maker(flows, flow.name, name), flow.name)


def _refuse_unstorable(source: Source, flow: StepFlow, flows: dict[str, StepFlow], after: Boundary) -> None:
    for name in flow.outputs:
        cell = _binding_cell(source, flow.name, name)
        value = after.values.get(name)
        if value is None:
            raise refuse(cell, f"'{name}' is not bound at the end of step '{flow.name}', but a later step uses it")
        if value["type"] in _NOT_PASSED:
            reason = f"'{name}', which a later step uses, is {_NOT_PASSED[value['type']]}"
            raise TiedStepsError(cell, reason, flow.name, _last_user(flows, flow.name, name))
        problem = f"it is or holds {_what(value['reason'])}" if not value["comparable"] else after.unstorable.get(name)
        if problem:
            reason = f"'{name}' cannot be passed to a later step: {problem}; build it in the step that uses it"
            raise TiedStepsError(cell, reason, flow.name, _last_user(flows, flow.name, name))


def _refuse_inner_classes(
    source: Source, layout: Layout, flow: StepFlow, flows: dict[str, StepFlow], after: Boundary
) -> None:
    """Refuse to pass on objects of a class that can only be defined inside the function of its step."""
    inner = {
        f"__main__.{name}"
        for name, statement in layout.definitions.items()
        if isinstance(statement.node, ast.ClassDef) and name not in layout.hoisted
    }
    for name in flow.outputs:
        kind = after.values[name]["type"]
        if kind in inner:
            reason = f"'{name}', which a later step uses, is of a class that reads what a step makes"
            cell = _binding_cell(source, flow.name, name)
            raise TiedStepsError(cell, reason, flow.name, _last_user(flows, flow.name, name))


def _maker(flows: dict[str, StepFlow], step: str, name: str) -> str:
    """Give the last step before one that makes or changes a name, the step itself where there is none."""
    names = list(flows)
    earlier = [other for other in names[: names.index(step)] if name in flows[other].outputs]
    return earlier[-1] if earlier else step


def _last_user(flows: dict[str, StepFlow], step: str, name: str) -> str:
    """Give the last step that takes what a step makes of a name."""
    last = step
    for flow in later_than(flows, step):
        if name in flow.inputs:
            last = flow.name
        if name in flow.outputs:
            break
    return last


def _what(reason: str) -> str:
    return reason if len(reason) < 100 else f"{reason[:97]}..."  # noqa: PLR2004 - characters of a message


def _binding_cell(source: Source, step: str, name: str) -> int:
    cells = [statement.cell for statement in source.of_step(step) if name in statement.names.binds]
    return cells[-1] if cells else cell_that_changes(source, step, name)


def _refuse_state_change(source: Source, step: str, flows: dict[str, StepFlow], recording: Recording) -> None:
    """Refuse state of the process that a step leaves otherwise than it was, but for the settings made again."""
    before, after = recording.before[step].state, recording.after[step].state
    again = {access.kind for item in settings_of(source, step) for access in state_in(source, item)}
    for kind, (setting, told) in _STATE.items():
        # What was not there before came with its library.
        is_changed = kind in before and kind in after and before[kind] != after[kind]
        if is_changed and setting not in again and later_than(flows, step):
            cell = next(item.cells[0] for item in source.steps if item.name == step)
            raise TiedStepsError(cell, f"changes {told}", step, next(reversed(flows)))


_STATE: Final = {
    "cwd": ("cwd", "the working directory, which later steps would not have: use paths instead"),
    "decimal.context": ("decimal", "the decimal context, which later steps would not have"),
    "locale": ("locale", "the locale, which later steps would not have"),
    "numpy.errstate": ("numpy.seterr", "how numpy handles errors, which later steps would not have"),
    "sklearn.config": ("sklearn.config", "scikit-learn's configuration, which later steps would not have"),
    "sys.recursionlimit": ("sys", "the recursion limit, which later steps would not have"),
}
"""Kinds of state (see `nbpipe.runtime.recorder.global_state`): how the analysis calls it, and people."""


def refuse_skipped(source: Source, flows: dict[str, StepFlow], recording: Recording) -> None:
    """Raise for cells that are left out although they change what a later step uses.

    Raises:
        ConversionError: there is one.
    """
    names = list(flows)
    for first, second in pairwise(names):
        before, after = recording.after[first], recording.before[second]
        between = [
            index
            for index in source.plan.roles
            if _end(source, first) < index < _start(source, second) and not source.plan.step_of(index)
        ]
        changed = {
            name
            for name in changed_between(before, after) & needed_after(flows, first)
            if before.digest(name) != after.digest(name) or name in _mentioned(source, between)
        }
        changed |= changed_inside(before, after)
        if changed and between:
            name = min(changed).replace(":", ".")
            raise needed(source, between, f"changes '{name}', which step '{second}' or a later one uses")
        drawn = [kind for kind, digest in before.generators.items() if after.generators.get(kind) != digest]
        if (
            drawn
            and between
            and any(drawn[0] in generators_of(source, flow, recording) for flow in later_than(flows, first))
        ):
            raise needed(source, between, f"draws from {drawn[0]}, as later steps do")


def _mentioned(source: Source, cells: list[int]) -> set[str]:
    """Give the names in the code of cells: what they do to a value that cannot be compared is not known."""
    trees = [tree for cell in cells if (tree := source.analysis.codes[cell].tree) is not None]
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _end(source: Source, step: str) -> int:
    return next(item.cells[-1] for item in source.steps if item.name == step)


def _start(source: Source, step: str) -> int:
    return next(item.cells[0] for item in source.steps if item.name == step)


def generators_of(source: Source, flow: StepFlow, recording: Recording) -> tuple[str, ...]:
    """Give the global generators that a step draws from or seeds, by the run and by the code."""
    before, after = recording.before[flow.name].generators, recording.after[flow.name].generators
    used = {kind for kind, digest in after.items() if kind in before and before[kind] != digest}
    cells = next(step.cells for step in source.steps if step.name == flow.name)
    kinds = {"random": "random", "numpy.random": "numpy.random", "torch.random": "torch"}
    for access in source.analysis.top_down.global_state:
        if access.cell in cells and access.kind in kinds and access.effect in ("seed", "draw"):
            used.add(kinds[access.kind])
    first = source.steps[0].name == flow.name
    if first and any(access.effect == "seed" for access in source.analysis.top_down.global_state):
        used.update(
            kinds[access.kind]
            for access in source.analysis.top_down.global_state
            if access.kind in kinds and source.plan.step_of(access.cell) == ""
        )
    return tuple(sorted(used))
