"""Runs of statements that stand in several notebooks: found in one pass over the statements' shapes.

A window is the shortest run from a statement on that is long enough to matter. The first notebook that has a window
owns it; another one that has it, too, shares it with the owner, and windows that follow one another in both make one
run. So the work grows with the number of statements, however many copies there are, and a notebook that shares
nothing changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Operations (calls, attributes, operators, control flow) that a run, or a function by itself, must have.
RUN = 28
FUNCTION = 16
# A run must hold this many different statements, else it is one thing done to several columns.
DIFFERENT = 4
LINES = 6
_LONGEST = 40  # statements in a window


class Fragment:
    """One statement of a notebook that does something.

    Attributes:
        shape: equal for statements that differ in names and literals only.
        weight: number of its operations.
        cell, start, end: its cell and lines, from 0, the last one included.
        name: of the function or class that it defines.
        hidden: the notebook says not to report it.
    """

    __slots__ = ("cell", "end", "hidden", "name", "shape", "start", "weight")

    def __init__(  # noqa: PLR0913 - the columns of what is kept
        self, shape: int, weight: int, cell: int, start: int, end: int, name: str = "", hidden: int = 0
    ) -> None:
        self.shape = shape
        self.weight = weight
        self.cell = cell
        self.start = start
        self.end = end
        self.name = name
        self.hidden = hidden

    @property
    def lines(self) -> int:
        """The number of its lines."""
        return self.end - self.start + 1


class Match:
    """A run that two notebooks share, given as the numbers of its first and last statement in each.

    Attributes:
        owner, other: numbers of the notebooks; the owner comes first.
    """

    __slots__ = ("end", "other", "other_end", "other_start", "owner", "start", "weight")

    def __init__(self, owner: int, other: int, start: int, other_start: int) -> None:
        self.owner = owner
        self.other = other
        self.start = self.end = start
        self.other_start = self.other_end = other_start
        self.weight = 0


class Group:
    """A run of the owner's and the notebooks that have it, or a part of it, too; the largest match first."""

    __slots__ = ("matches",)

    def __init__(self, first: Match) -> None:
        self.matches = [first]

    @property
    def largest(self) -> Match:
        """The match that says what is reported."""
        return self.matches[0]


def groups(notebooks: Sequence[Sequence[Fragment]]) -> list[Group]:
    """Give the runs that several notebooks share, by owner and place; of two notebooks only the largest one."""
    best: dict[tuple[int, int], Match] = {}
    for match in _matches(notebooks):
        _extend(match, notebooks[match.owner], notebooks[match.other])
        fragments = notebooks[match.owner][match.start : match.end + 1]
        if sum(fragment.lines for fragment in fragments) < LINES:
            continue
        match.weight = sum(fragment.weight for fragment in fragments)
        pair = (match.owner, match.other)
        if pair not in best or best[pair].weight < match.weight:
            best[pair] = match
    found: dict[int, list[Group]] = {}
    for match in sorted(best.values(), key=lambda match: (match.owner, -match.weight, match.start, match.other)):
        known = found.setdefault(match.owner, [])
        group = next((each for each in known if _overlap(each.largest, match)), None)
        if group is not None:
            group.matches.append(match)
        else:
            known.append(Group(match))
    ordered = [group for known in found.values() for group in known]
    return sorted(ordered, key=lambda group: (group.largest.owner, group.largest.start))


def _extend(match: Match, owner: Sequence[Fragment], other: Sequence[Fragment]) -> None:
    """Take in the statements around a run that are the same in both notebooks, too few to be a window."""
    while match.start and match.other_start and owner[match.start - 1].shape == other[match.other_start - 1].shape:
        match.start -= 1
        match.other_start -= 1
    last, other_last = len(owner) - 1, len(other) - 1
    while (
        match.end < last
        and match.other_end < other_last
        and owner[match.end + 1].shape == other[match.other_end + 1].shape
    ):
        match.end += 1
        match.other_end += 1


def _overlap(first: Match, second: Match) -> bool:
    return first.start <= second.end and second.start <= first.end


def _matches(notebooks: Sequence[Sequence[Fragment]]) -> Iterator[Match]:
    """Yield the runs that notebooks share with the owners of their windows."""
    owners: dict[tuple[int, ...], tuple[int, int]] = {}
    for number, fragments in enumerate(notebooks):
        current: Match | None = None
        own: list[tuple[tuple[int, ...], int]] = []
        for place, window in _windows(fragments):
            owner, start = owners.get(window, (number, place))
            if owner == number:
                own.append((window, place))
                continue
            continues = (
                current is not None
                and current.owner == owner
                and place <= current.other_end + 1
                and place - start == current.other_start - current.start
            )
            if current is None or not continues:
                if current is not None:
                    yield current
                current = Match(owner, number, start, place)
            current.end = max(current.end, start + len(window) - 1)
            current.other_end = max(current.other_end, place + len(window) - 1)
        if current is not None:
            yield current
        for window, place in own:
            owners.setdefault(window, (number, place))


def _windows(fragments: Sequence[Fragment]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield, for each statement from which on there is enough, its number and the shapes of the window."""
    for place, first in enumerate(fragments):
        if first.weight >= (FUNCTION if first.name else RUN):
            yield place, (first.shape,)
            continue
        weight = 0
        shapes: list[int] = []
        for fragment in fragments[place : place + _LONGEST]:
            weight += fragment.weight
            shapes.append(fragment.shape)
            if weight >= RUN and len(shapes) >= DIFFERENT and len(set(shapes)) >= DIFFERENT:
                yield place, tuple(shapes)
                break
