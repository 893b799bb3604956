"""Lines beside rows, as branches have in the log of git: what leaves one row and enters others.

Each row that gives something has a line of its own. Sixty rows read like six; only the number of lines beside each
other grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROW = 26  # height of a row, in pixels
LANE = 13  # between two lines
TURN = 7  # radius of a line's corners
OUT, IN = 4, -4  # a line leaves below the middle of a row and enters above it


class Lane:
    """The line of one row: the rows it touches, and how far from the rows it runs.

    Attributes:
        source: the row it leaves.
        targets: the names that flow, by the row that it enters.
        column: 0 is nearest to the rows.
    """

    __slots__ = ("column", "high", "low", "source", "targets")

    def __init__(self, source: int, targets: Mapping[int, tuple[str, ...]]) -> None:
        """Take rows and, by row, the names that flow there."""
        self.source = source
        self.targets = targets
        self.low = min(source, *targets)
        self.high = max(source, *targets)
        self.column = 0


def lanes(flows: Mapping[tuple[int, int], tuple[str, ...]]) -> list[Lane]:
    """Give the lines by row: the short ones near the rows, none upon another.

    Args:
        flows: names by the row that gives them and the row that takes them.
    """
    sources: dict[int, dict[int, tuple[str, ...]]] = {}
    for (source, target), names in flows.items():
        sources.setdefault(source, {})[target] = names
    found = sorted(
        (Lane(source, targets) for source, targets in sources.items()),
        key=lambda lane: (lane.high - lane.low, lane.low),
    )
    columns: list[list[Lane]] = []
    for lane in found:
        for column, others in enumerate(columns):
            if all(other.high < lane.low or lane.high < other.low for other in others):
                others.append(lane)
                lane.column = column
                break
        else:
            lane.column = len(columns)
            columns.append([lane])
    return sorted(found, key=lambda lane: lane.source)


def room(found: Iterable[Lane]) -> int:
    """Give the width of all lines, in pixels."""
    return (max((lane.column for lane in found), default=-1) + 1) * LANE + 10


def way(lane: Lane, target: int, left: int) -> tuple[str, str, bool]:
    """Give the path of a line to one of its rows, the path of its tip, and whether it goes up.

    Args:
        lane: the line.
        target: the row that it enters.
        left: where the rows begin, in pixels.
    """
    x = left - (lane.column + 1) * LANE
    start = lane.source * ROW + ROW // 2 + OUT
    end = target * ROW + ROW // 2 + IN
    down = 1 if end > start else -1
    turn = min(TURN, abs(end - start) // 2)
    path = (
        f"M{left} {start}H{x + turn}Q{x} {start} {x} {start + down * turn}"
        f"V{end - down * turn}Q{x} {end} {x + turn} {end}H{left - 5}"
    )
    return path, f"M{left - 6} {end - 3.5}l6 3.5l-6 3.5z", down < 0
