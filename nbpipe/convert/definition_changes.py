"""Constants, functions and classes that a step changes: class attributes, mutable defaults, caches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.convert.observed import cell_that_changes, changed_between, later_than
from nbpipe.convert.refusal import TiedStepsError

if TYPE_CHECKING:
    from nbpipe.convert.dataflow import StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recording import Recording
    from nbpipe.convert.source import Source


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
            if name in _reached(layout, later) or (_is_class(layout, name) and _takes_objects(later, recording))
        ]
        if users:
            reason = f"changes {_kind(layout, name)} '{name}', which other steps have unchanged"
            raise TiedStepsError(cell_that_changes(source, flow.name, name), reason, flow.name, users[-1])


def _reached(layout: Layout, flow: StepFlow) -> set[str]:
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


def _takes_objects(flow: StepFlow, recording: Recording) -> bool:
    """Tell whether an input may be, or hold, an object of a class of the notebook."""
    types = recording.before[flow.name].types
    modules = {kind[0] if (kind := types.get(name)) else "" for name in flow.inputs}
    return not modules.isdisjoint(["__main__", "builtins", "collections", ""])


def _kind(layout: Layout, name: str) -> str:
    return "the constant" if name in layout.constants else "the definition of"
