"""The code of a cell as lines of HTML, with colours and with marks at the exact ranges of the findings."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nbpipe.lint.reporters.html.highlight import tokens
from nbpipe.lint.reporters.html.texts import code_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbpipe.notebook.model import Range

WIDEST = 600  # a longer line shows the part around its first mark
BEFORE = 100
FOLDED = 14  # as many lines without a mark are folded
NEAR = 4  # but for those near a mark

Span = tuple[int, int, str]


class Mark:
    """A range that is marked, and the card that it belongs to.

    Attributes:
        kind: ``error``, ``warning``, ``info``, or ``related``.
        card: the id of the card.
    """

    __slots__ = ("card", "kind", "range")

    def __init__(self, range: Range, kind: str, card: str) -> None:  # noqa: A002 - LSP's name
        self.range = range
        self.kind = kind
        self.card = card


ORDER = {"error": 0, "warning": 1, "info": 2, "related": 3}


def code_lines(source: str, marks: Iterable[Mark], *, coloured: bool) -> list[str]:
    """Give each line of a source as HTML."""
    lines = source.split("\n")
    marked: dict[int, list[tuple[int, int, Mark]]] = {}
    for mark in marks:
        for line, start, end in _pieces(mark.range, lines):
            marked.setdefault(line, []).append((start, end, mark))
    colours = _by_line(source, lines) if coloured else {}
    return [_line(line, marked.get(at, ()), colours.get(at, ())) for at, line in enumerate(lines)]


def folded(lines: Sequence[str], first: int, marked: Iterable[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield stretches of lines, from and to, and whether they are folded.

    Args:
        lines: those of a part of a cell.
        first: number of the first of them in the cell, from 0.
        marked: numbers of the lines of the cell that have marks.
    """
    near = {at for line in marked for at in range(line - NEAR, line + NEAR + 1)}
    last = first + len(lines)
    start = first
    while start < last:
        far = start not in near
        end = start
        while end < last and (end not in near) == far:
            end += 1
        yield start, end, far and end - start >= FOLDED
        start = end


def _pieces(place: Range, lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the line, start and end of each line's part of a range, without indentation; one character at least."""
    first = min(place.start_line, len(lines) - 1)
    last = max(first, min(place.end_line, len(lines) - 1))
    for at in range(first, last + 1):
        line = lines[at]
        start = place.start_column if at == place.start_line else len(line) - len(line.lstrip())
        end = min(place.end_column, len(line)) if at == place.end_line else len(line.rstrip())
        start = min(start, len(line))
        if end <= start:
            if at > first:  # nothing of that line is in the range
                continue
            end = start + 1
        yield at, start, end


def _by_line(source: str, lines: Sequence[str]) -> dict[int, list[Span]]:
    """Give the coloured stretches of each line."""
    found: dict[int, list[Span]] = {}
    at, offset = 0, 0
    for start, end, kind in tokens(source):
        while offset + len(lines[at]) < start:
            offset += len(lines[at]) + 1
            at += 1
        line, begin = at, offset
        while True:
            stretch = (max(start - begin, 0), min(end - begin, len(lines[line])), kind)
            if stretch[0] < stretch[1]:
                found.setdefault(line, []).append(stretch)
            begin += len(lines[line]) + 1
            line += 1
            if begin >= end:
                break
    return found


def _line(line: str, marks: Sequence[tuple[int, int, Mark]], colours: Sequence[Span]) -> str:
    if marks and max(end for _, end, _ in marks) > len(line):
        line += " "  # a mark behind the last character
    low, high = _window(line, marks)
    edges = {low, high, *(min(max(edge, low), high) for start, end, _ in marks for edge in (start, end))}
    points = sorted(edges)
    parts = ["…" if low else ""]
    for start, end in pairwise(points):
        inner = _coloured(line, start, end, colours)
        over = sorted(
            (mark for begin, stop, mark in marks if begin <= start and end <= stop), key=lambda mark: ORDER[mark.kind]
        )
        if over:
            cards = " ".join(dict.fromkeys(mark.card for mark in over))
            inner = f'<a class="m {over[0].kind}" href="#{over[0].card}" data-f="{cards}">{inner}</a>'
        parts.append(inner)
    parts.append("…" if high < len(line) else "")
    return "".join(parts)


def _window(line: str, marks: Sequence[tuple[int, int, Mark]]) -> tuple[int, int]:
    if len(line) <= WIDEST:
        return 0, len(line)
    first = min((start for start, _, _ in marks), default=0)
    low = max(0, min(first - BEFORE, len(line) - WIDEST))
    return low, low + WIDEST


def _coloured(line: str, start: int, end: int, colours: Sequence[Span]) -> str:
    parts = []
    at = start
    for begin, stop, kind in colours:
        low, high = max(begin, at), min(stop, end)
        if low < high:
            parts += [code_text(line[at:low]), f'<span class="{kind}">{code_text(line[low:high])}</span>']
            at = high
    parts.append(code_text(line[at:end]))
    return "".join(parts)
