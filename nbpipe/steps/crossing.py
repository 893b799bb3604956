"""What goes from one step of a notebook to another: by names, and by the order that tags ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.undefined import LATER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.steps.plan import StepPlan

# Imports, functions and classes belong to no step: they are there in all of them.
SHARED = frozenset(["import", "function", "class"])


class Crossing:
    """A use, in one step, of what another step made.

    Attributes:
        maker, user: names of the steps.
        late: top-down, the definition comes only after the use.
    """

    __slots__ = ("definition", "late", "maker", "use", "user")

    def __init__(self, maker: str, user: str, use: Use, definition: Definition, *, late: bool = False) -> None:
        self.maker = maker
        self.user = user
        self.use = use
        self.definition = definition
        self.late = late


def crossings(analysis: Analysis, plan: StepPlan) -> Iterator[Crossing]:
    """Yield the values that steps surely or possibly take from other steps, in order of execution."""
    for use in analysis.top_down.uses.values():
        if use.local or use.uncalled or not use.name.isidentifier():
            continue
        for definition in use.definitions:
            if definition.bound and definition.cell != use.cell:
                yield from _between(plan, use, definition)


def late_crossings(analysis: Analysis, plan: StepPlan) -> Iterator[Crossing]:
    """Yield the uses of names that, top-down, only a step further down binds."""
    for found in analysis.undefined_uses:
        if found.kind == LATER and found.certain and not found.use.local:
            for definition in found.definitions[:1]:
                yield from _between(plan, found.use, definition, late=True)


def _between(plan: StepPlan, use: Use, definition: Definition, *, late: bool = False) -> Iterator[Crossing]:
    maker, user = plan.step_of(definition.cell), plan.step_of(use.cell)
    if maker and user and maker != user and definition.kind not in SHARED and definition.node is not None:
        yield Crossing(maker, user, use, definition, late=late)


class StepGraph:
    """Which step needs which.

    Attributes:
        edges: by (needed step, needing step), the first value that goes that way; None where only a tag says so.
    """

    def __init__(self, analysis: Analysis, plan: StepPlan) -> None:
        self._place = {step.name: number for number, step in enumerate(plan.steps)}
        self.edges: dict[tuple[str, str], Crossing | None] = {}
        for found in (*crossings(analysis, plan), *late_crossings(analysis, plan)):
            self.edges.setdefault((found.maker, found.user), found)
        for step in plan.steps:
            for other in step.after:
                self.edges.setdefault((other, step.name), None)

    def backward(self) -> list[Crossing]:
        """Give what steps take from steps that begin after them."""
        place = self._place
        return [
            found for (maker, user), found in self.edges.items() if found is not None and place[maker] > place[user]
        ]

    def way(self, start: str, end: str) -> list[tuple[str, str]]:
        """Give the edges of a shortest way from one step to another; none where the second does not need the first."""
        before: dict[str, tuple[str, str]] = {}
        reached = [start]
        for step in reached:
            for edge in self.edges:
                if edge[0] == step and edge[1] != start and edge[1] not in before:
                    before[edge[1]] = edge
                    reached.append(edge[1])
        return list(_back(before, start, end))[::-1]


def _back(before: Mapping[str, tuple[str, str]], start: str, end: str) -> Iterator[tuple[str, str]]:
    while end != start and end in before:
        yield before[end]
        end = before[end][0]
