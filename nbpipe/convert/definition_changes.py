"""Constants, functions and classes that a step changes: class attributes, mutable defaults, caches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.convert.needs import later_than
from nbpipe.convert.observed import cell_that_changes, changed_between
from nbpipe.convert.prelude import state_in
from nbpipe.convert.refusal import TiedStepsError

if TYPE_CHECKING:
    from nbpipe.convert.dataflow import StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source, Statement


def refuse_changed_definitions(
    source: Source, layout: Layout, flows: dict[str, StepFlow], recording: Recording
) -> None:
    """Raise for a constant or a definition that a step changes and a later one uses: modules have it unchanged.

    Raises:
        TiedStepsError: there is one.
    """
    for flow in flows.values():
        _refuse(source, layout, flow, flows, recording)


def _refuse(source: Source, layout: Layout, flow: StepFlow, flows: dict[str, StepFlow], recording: Recording) -> None:
    changed = changed_between(recording.before[flow.name], recording.after[flow.name])
    for name in sorted(changed & (layout.constants.keys() | layout.definitions.keys())):
        users = [
            later.name
            for later in later_than(flows, flow.name)
            if name in reached_names(layout, later) or (_is_class(layout, name) and takes_objects(later, recording))
        ]
        if users:
            reason = f"changes {_kind(layout, name)} '{name}', which other steps have unchanged"
            raise TiedStepsError(cell_that_changes(source, flow.name, name), reason, flow.name, users[-1])


def refuse_caches(source: Source, layout: Layout, flows: dict[str, StepFlow]) -> None:
    """Raise for a function that remembers its calls (`functools.lru_cache`), where a later step can tell.

    It can where it asks for what is remembered, or where the function reads what steps make or draws random numbers.

    Raises:
        TiedStepsError: there is one.
    """
    for name, definition in layout.definitions.items():
        if not _remembers(definition.node):
            continue
        users = [flow.name for flow in flows.values() if name in reached_names(layout, flow)]
        if len(users) > 1 and (
            name not in layout.hoisted or state_in(source, definition) or _is_asked(source, name, definition)
        ):
            reason = f"'{name}' remembers its calls, which step '{users[-1]}' would not find in a process of its own"
            raise TiedStepsError(definition.cell, reason, users[0], users[-1])


def _remembers(node: ast.stmt) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    named = (part for decorator in decorators for part in ast.walk(decorator))
    return any(getattr(part, "attr", getattr(part, "id", "")) in ("lru_cache", "cache") for part in named)


def _is_asked(source: Source, name: str, definition: Statement) -> bool:
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
        for statement in source.statements
        if statement is not definition
        for node in ast.walk(statement.node)
    )


def reached_names(layout: Layout, flow: StepFlow) -> set[str]:
    """Give the names that a step reads, itself or through definitions."""
    found: set[str] = set()
    pending = [*flow.reads, *flow.nested]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(layout.definitions[name].names.reads if name in layout.definitions else ())
    return found


def _is_class(layout: Layout, name: str) -> bool:
    return name in layout.definitions and isinstance(layout.definitions[name].node, ast.ClassDef)


def takes_objects(flow: StepFlow, recording: Recording) -> bool:
    """Tell whether an input may be, or hold, an object of a class of the notebook."""
    types = recording.before[flow.name].types
    kinds = [kind for name in flow.inputs if (kind := types.get(name) or ["", ""])[1] not in _PLAIN]
    return not {kind[0] for kind in kinds}.isdisjoint(["__main__", "builtins", "collections", ""])


_PLAIN: Final = ("bool", "bytes", "complex", "float", "int", "str")


def _kind(layout: Layout, name: str) -> str:
    return "the constant" if name in layout.constants else "the definition of"
