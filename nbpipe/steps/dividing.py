"""Where steps begin: the cheapest cuts of the data flow, between parts of the project that do different things.

Dynamic programming over the cells in their order (Bellman 1961, On the approximation of curves by line segments): a
step costs a little, its cells that do something else than the step cost a little, and each cut costs what has to be
passed across it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.graph import CODE
from nbpipe.analysis.values import type_name_of
from nbpipe.steps.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.steps.stages import CellStage

STEP = 1.4  # what a step costs
NAME = 0.25  # what a name costs that crosses a cut
CHANGED = 0.3  # more for one that is changed after it
FLEETING = 4.0  # more for one that cannot be stored
STRANGE = 3.0  # what a cell costs in a step that does something else
VAGUE = 0.2  # and one that does nothing that tells
SAME = 1.0  # what a cut costs between two steps that do the same
LONG = 0.03  # times the square of its number of cells: what a step costs for its length
HEADING = 2.8  # what a heading at a cut is worth

# Values of these classes cannot be stored, or should not be.
_FLEETING: Final = ("matplotlib", "open", "sqlite3", "psycopg2", "requests.Session", "socket", "threading", "zip")


@dataclass(frozen=True, slots=True)
class Part:
    """Cells that become a step.

    Attributes:
        cells: indices, in document order.
        stage: what most of them do.
        crossing: names of what it takes from earlier parts.
    """

    cells: tuple[int, ...]
    stage: Stage
    crossing: tuple[str, ...]


def divide(
    analysis: Analysis, stages: Mapping[int, CellStage], cells: Sequence[int], headed: Mapping[int, str]
) -> list[Part]:
    """Divide the cells of a notebook into steps.

    Args:
        analysis: of the notebook.
        stages: what each cell does.
        cells: those to divide, in document order.
        headed: headings, by the cell that follows.
    """
    names = [_crossing(analysis, cells, place) for place in range(len(cells))]
    cuts = [
        sum(_cost(analysis, name, cells[place]) for name in names[place]) - (HEADING if cells[place] in headed else 0)
        for place in range(len(cells))
    ]
    found = [stages[cell].stage for cell in cells]
    # By the number of cells divided and the stage of the last part: the cost, and where that part begins.
    best: list[dict[Stage, tuple[float, int, Stage]]] = [{} for _ in range(len(cells) + 1)]
    for end in range(1, len(cells) + 1):
        for stage in Stage:
            misfit, choices = 0.0, []
            for start in range(end - 1, -1, -1):
                misfit += _misfit(found[start], stage)
                before, last = _before(best[start], stage) if start else (0.0, stage)
                cut = cuts[start] if start else 0.0
                choices.append((before + cut + misfit + STEP + LONG * (end - start) ** 2, start, last))
            best[end][stage] = min(choices, key=lambda choice: choice[:2])
    return list(_parts(analysis, best, cells))


def _before(best: Mapping[Stage, tuple[float, int, Stage]], stage: Stage) -> tuple[float, Stage]:
    """Give the least cost of what is before a part of this stage, and the stage of the last part there."""
    order = list(Stage)
    costs = ((cost + (SAME if other is stage else 0), order.index(other)) for other, (cost, _, _) in best.items())
    cost, place = min(costs)
    return cost, order[place]


def _misfit(found: Stage, stage: Stage) -> float:
    if found is stage:
        return 0.0
    return VAGUE if found is Stage.OTHER else STRANGE


def _parts(
    analysis: Analysis, best: Sequence[Mapping[Stage, tuple[float, int, Stage]]], cells: Sequence[int]
) -> Iterator[Part]:
    """Yield the parts of the cheapest division."""
    ends = []
    end = len(cells)
    stage = min(best[end], key=lambda each: best[end][each][0]) if end else Stage.OTHER
    while end:
        _, start, before = best[end][stage]
        ends.append((start, end, stage))
        end, stage = start, before
    for start, end, stage in reversed(ends):
        own = tuple(cells[start:end])
        yield Part(own, stage, _passed(analysis, set(cells[:start]), set(own)))


def _crossing(analysis: Analysis, cells: Sequence[int], place: int) -> tuple[str, ...]:
    """Give the names that cells from this place on take from cells before it."""
    return _passed(analysis, set(cells[:place]), set(cells[place:]))


def _passed(analysis: Analysis, before: set[int], after: set[int]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for use in analysis.top_down.uses.values():
        if use.cell in after and not use.uncalled and not use.local:
            for definition in use.definitions:
                if definition.cell in before and definition.kind not in CODE:
                    found[use.name] = None
    return tuple(found)


def _cost(analysis: Analysis, name: str, cell: int) -> float:
    """Give what it costs to pass a name on to a step that begins at a cell."""
    changed = any(later >= cell and change.mutates.get(name) for later, change in analysis.top_down.changes.items())
    fleeting = any(
        (type_name_of(obj) or "").startswith(_FLEETING)
        for definition in analysis.top_down.definitions.get(name, ())
        for obj in definition.value
    )
    return NAME + (CHANGED if changed else 0) + (FLEETING if fleeting else 0)
