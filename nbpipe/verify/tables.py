"""Tables in outputs, compared cell by cell: HTML, and the fixed-width text that pandas prints."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

from nbpipe.verify.text import Comparison, compare_text, number_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.verify.context import Context

MARKUP = "table markup"
_SHOWN = 3
_WIDTH = 80
_GAP = re.compile(r"\s{2,}")
_SUMMARY = re.compile(r"\[\d+ rows x \d+ columns\]")
_FOOT = re.compile(r"(?:Name|Length|dtype|Freq|Categories)\b.*:.*")


class Table(NamedTuple):
    """A table as it is shown.

    Attributes:
        rows: the texts of the cells; a cell over several columns or rows stands where it begins.
        heads: how many rows come first that are all headings.
    """

    rows: tuple[tuple[str, ...], ...]
    heads: int

    def place(self, row: int, column: int) -> str:
        """Name a cell: by its row's and its column's heading where there are such."""
        label = self.rows[row][0] if self.rows[row] and column > 0 else ""
        name = ""
        for head in self.rows[: self.heads]:
            # Rows under a heading of several levels are shorter: counted from the right, they match.
            at = column - len(self.rows[row]) + len(head)
            name = head[at] if 0 <= at < len(head) and head[at] else name
        rows = f"row {label}" if label else f"row {row - self.heads + 1}"
        return f"{rows}, column {name or column + 1}"


class _Reader(HTMLParser):
    """Collects tables, and the text outside of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[tuple[list[str], bool]]] = []
        self.outside: list[str] = []
        self._cell: list[str] | None = None
        self._depth = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element."""
        if tag in ("style", "script"):
            self._silent += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif self._depth == 1 and tag == "tr":
            self.tables[-1].append(([], True))
        elif self._depth == 1 and tag in ("td", "th") and self.tables[-1]:
            self._cell = []
            if tag == "td":
                self.tables[-1][-1] = (self.tables[-1][-1][0], False)
        elif tag in ("img", "svg", "canvas", "input"):
            # What is shown beside text has to be the same.
            self._put(f"<{tag} {sorted((name, value or '') for name, value in attrs)}>")

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag in ("style", "script"):
            self._silent = max(0, self._silent - 1)
        elif tag == "table":
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in ("td", "th", "tr") and self._cell is not None:
            self.tables[-1][-1][0].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._silent:
            self._put(data)

    def _put(self, text: str) -> None:
        (self.outside if self._cell is None else self._cell).append(text)


def html_tables(html: str) -> tuple[tuple[Table, ...], str] | None:
    """Give the tables of a piece of HTML and the text around them; None where it has no table, or a script.

    A script may show anything: what it makes of a table is not compared by the table.
    """
    if "<table" not in html or "<script" in html:
        return None
    reader = _Reader()
    reader.feed(html)
    reader.close()
    tables = []
    for found in reader.tables:
        rows = [(tuple(cells), head) for cells, head in found if cells]
        heads = next((at for at, (_, head) in enumerate(rows) if not head), len(rows))
        tables.append(Table(tuple(cells for cells, _ in rows), heads))
    return tuple(tables), " ".join("".join(reader.outside).split())


def text_table(text: str) -> Table | None:
    """Read what pandas prints for a frame or a series, or another table whose columns stand apart; None for else.

    The first line is the heading where it has one cell less than the others (the index has no name), or begins with
    white space.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not _SUMMARY.fullmatch(line.strip()) and not _FOOT.fullmatch(line.strip())]
    if len(lines) < 2 or any(mark in lines[0] for mark in "[({<\\"):  # noqa: PLR2004 - a heading and a row
        return None
    rows = [tuple(_GAP.split(line.strip())) for line in lines]
    width = max(map(len, rows))
    if width < 2 or any(len(row) not in (width, width - 1) for row in rows):  # noqa: PLR2004 - columns
        return None
    heads = int(lines[0].startswith(" ") or len(rows[0]) < width)
    return Table(tuple(rows), heads)


def compare_html(stored: str, fresh: str, context: Context) -> Comparison | None:
    """Compare tables in HTML by their cells, and what stands around them; None where there are none on both sides."""
    left, right = html_tables(stored), html_tables(fresh)
    if left is None or right is None or len(left[0]) != len(right[0]):
        return None
    needed: list[str] = []
    for one, other in zip(left[0], right[0], strict=True):
        comparison = compare_tables(one, other, context)
        if not comparison.same:
            return comparison
        needed += comparison.needed
    around = compare_text(left[1], right[1], context)
    if not around.same:
        return Comparison(same=False, difference=f"- {left[1][:_WIDTH]}\n+ {right[1][:_WIDTH]}")
    if not context.uses(MARKUP):
        return None
    return Comparison(same=True, needed=tuple(dict.fromkeys((*needed, *around.needed))) or (MARKUP,))


def compare_tables(stored: Table, fresh: Table, context: Context) -> Comparison:
    """Compare two tables cell by cell."""
    shapes = [(len(table.rows) - table.heads, max(map(len, table.rows), default=0)) for table in (stored, fresh)]
    if [len(row) for row in stored.rows] != [len(row) for row in fresh.rows]:
        if shapes[0] == shapes[1]:
            return Comparison(same=False)  # cells that span others: lines show it better
        told = [f"{rows} rows, {columns} columns" for rows, columns in shapes]
        lost = _columns(stored, fresh)
        return Comparison(same=False, difference="\n".join([f"- {told[0]}", f"+ {told[1]}", *lost]))
    needed: list[str] = []
    differing: list[tuple[int, int]] = []
    for place, a, b in _pairs(stored, fresh):
        comparison = compare_text(a, b, context)
        needed += comparison.needed
        if not comparison.same:
            differing.append(place)
    if differing:
        return Comparison(same=False, difference=_show(stored, fresh, differing))
    return Comparison(same=True, needed=tuple(dict.fromkeys(needed)))


def _pairs(stored: Table, fresh: Table) -> Iterator[tuple[tuple[int, int], str, str]]:
    for row, (left, right) in enumerate(zip(stored.rows, fresh.rows, strict=True)):
        for column, (a, b) in enumerate(zip(left, right, strict=True)):
            if a != b:
                yield (row, column), a, b


def _columns(stored: Table, fresh: Table) -> list[str]:
    """Say which columns one side lacks."""
    left, right = ({name for head in table.rows[: table.heads] for name in head if name} for table in (stored, fresh))
    lines = [f"- column {name}" for name in sorted(left - right)] + [
        f"+ column {name}" for name in sorted(right - left)
    ]
    return [line[:_WIDTH] for line in lines[: 2 * _SHOWN]]


def _show(stored: Table, fresh: Table, differing: Sequence[tuple[int, int]]) -> str:
    """Give the first cells that differ, with the names of their rows and columns."""
    total = sum(map(len, stored.rows))
    lines = []
    for row, column in differing[:_SHOWN]:
        place = stored.place(row, column) if row >= stored.heads else "heading"
        a, b = stored.rows[row][column], fresh.rows[row][column]
        note = number_note(a, b)
        lines += [f"- {place}: {a[:_WIDTH]}", f"+ {place}: {b[:_WIDTH]}{f'  ({note})' if note else ''}"]
    same = sorted(stored.rows) == sorted(fresh.rows)
    lines.append(f"  ({len(differing)} of {total} cells differ{', as the rows come in another order' if same else ''})")
    return "\n".join(lines)
