"""Rows of data, abstractly: which source they came from, and which of its parts they are."""

from __future__ import annotations

from typing import Any, NamedTuple


class Part(NamedTuple):
    """Some rows of one source.

    Attributes:
        source: number of the source, as of a file that was read.
        path: what was done to tell these rows from others of the source: pairs of a division and the side taken. Two
            sides of one division share no row; the same side taken again gives the same rows.
    """

    source: int
    path: frozenset[tuple[Any, Any]]


Rows = frozenset[Part]
NO_ROWS: Rows = frozenset()


def whole(source: int) -> Rows:
    """Give all rows of a source."""
    return frozenset((Part(source, frozenset()),))


def divided(rows: Rows, division: Any, side: Any) -> Rows:
    """Give the rows that are on one side of a division."""
    return frozenset(Part(part.source, part.path | {(division, side)}) for part in rows)


def contains(larger: Part, smaller: Part) -> bool:
    """Tell whether the rows of one part are surely among those of another."""
    return larger.source == smaller.source and larger.path <= smaller.path


def divisions_between(one: Part, other: Part) -> list[Any]:
    """Give the divisions of which two parts are on different sides."""
    if one.source != other.source:
        return []
    sides = dict(one.path)
    return [key for key, side in other.path if key in sides and sides[key] != side]


def disjoint(one: Part, other: Part) -> bool:
    """Tell whether two parts surely share no row."""
    return one.source != other.source or bool(divisions_between(one, other))


def separate(one: Rows, other: Rows) -> bool:
    """Tell whether two sets of rows are both known and surely share none."""
    return bool(one and other) and all(disjoint(a, b) for a in one for b in other)


def covers(larger: Rows, smaller: Rows) -> bool:
    """Tell whether some part of the smaller set is surely all in the larger one."""
    return any(contains(a, b) for a in larger for b in smaller)


# Divisions that a value of the rows makes: on which side a row is has nothing to do with splits made later.
_FILTERS = frozenset(["mask", "equal", "<", ">", "==", "in", "not"])


def reaches(one: Rows, other: Rows) -> bool:
    """Tell whether one set of rows, filtered as it may be, reaches into another: nothing but a filter restricts it."""
    return any(_unfiltered(a).path <= b.path and not disjoint(a, b) for a in one for b in other if a.source == b.source)


def _unfiltered(part: Part) -> Part:
    return Part(part.source, frozenset((key, side) for key, side in part.path if key[0] not in _FILTERS))


def covers_all(larger: Rows, smaller: Rows) -> bool:
    """Tell whether every row of the smaller set is surely in the larger one."""
    return bool(smaller) and all(any(contains(a, b) for a in larger) for b in smaller)


def meet(one: Rows, other: Rows) -> bool:
    """Tell whether two sets surely share rows: a part of one is all in the other."""
    return covers(one, other) or covers(other, one)
