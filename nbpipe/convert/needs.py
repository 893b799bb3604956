"""Which values are needed at the boundaries of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.convert.dataflow import StepFlow


def later_than(flows: dict[str, StepFlow], step: str) -> list[StepFlow]:
    """Give the flows of the steps behind one."""
    names = list(flows)
    return [flows[name] for name in names[names.index(step) + 1 :]]


def needed_after(flows: dict[str, StepFlow], step: str) -> set[str]:
    """Give the names whose value at the end of a step some later step takes (or has as a parameter)."""
    needed: set[str] = set()
    made: set[str] = set()
    for flow in later_than(flows, step):
        needed |= set(flow.inputs) - made | set(flow.parameters)
        made |= set(flow.outputs)
    return needed


def needed_from(flows: dict[str, StepFlow], step: str) -> set[str]:
    """Give the names whose value at the start of a step it or a later one takes."""
    flow = flows[step]
    return set(flow.inputs) | set(flow.parameters) | (needed_after(flows, step) - set(flow.outputs) - flow.binds)
