"""Where things stand in the text of a notebook file: each cell, its members, and the file line of each source line.

A scan over the JSON that decodes nothing it does not need: values are skipped by the decoder of the standard library,
which is C.
"""

from __future__ import annotations

from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined] # not in typeshed

from nbpipe.errors import NotebookError
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_skip = JSONDecoder().raw_decode
_space = pattern(r"[ \t\r\n]*").match
# The names of a source, the newest format's first.
SOURCES = ("source", "input", "code", "text")


class Member:
    """A member of a JSON object: offsets of its key, and of its value from start to end."""

    __slots__ = ("end", "key", "start")

    def __init__(self, key: int, start: int, end: int) -> None:
        self.key = key
        self.start = start
        self.end = end


class CellPlace:
    """Where a cell stands: offsets of its object's start and end, and its members by name."""

    __slots__ = ("end", "members", "start")

    def __init__(self, start: int, end: int, members: dict[str, Member]) -> None:
        self.start = start
        self.end = end
        self.members = members

    def source(self) -> Member | None:
        """Give the member that holds the source."""
        return next((self.members[name] for name in SOURCES if name in self.members), None)


class CellList:
    """A list of cells: offsets of its brackets' start and end, and the cells in it."""

    __slots__ = ("cells", "end", "start")

    def __init__(self, start: int, end: int, cells: list[CellPlace]) -> None:
        self.start = start
        self.end = end
        self.cells = cells


class Places:
    """Where all cells of a file stand.

    Attributes:
        text: the file's text.
        cells: the cells, in the order of the file.
        lists: the lists that hold them: one, or one for each worksheet of nbformat 3.
        members: the members of the whole notebook by name.
    """

    __slots__ = ("_lines", "cells", "lists", "members", "text")

    def __init__(self, text: str, lists: list[CellList], members: dict[str, Member]) -> None:
        self.text = text
        self.lists = lists
        self.members = members
        self.cells = [cell for entry in lists for cell in entry.cells]
        self._lines: dict[int, list[int]] = {}

    def source_line(self, cell: int, line: int) -> int:
        """Give the 1-based line of the file where line `line` (from 0) of the source of cell `cell` stands."""
        lines = self._lines.get(cell)
        if lines is None:
            lines = self._lines[cell] = self._source_lines(self.cells[cell])
        return lines[min(line, len(lines) - 1)]

    def _source_lines(self, cell: CellPlace) -> list[int]:
        """Give the file line of each line of a source; the cell's own where it has no source."""
        source = cell.source()
        first = self._file_line(source.start if source else cell.start)
        if source is None or self.text[source.start] not in '["':
            return [first]
        if self.text[source.start] == '"':
            return [first] * (scanstring(self.text, source.start + 1)[0].count("\n") + 1)
        # A line starts at an element, unless the one before does not end in a line end.
        lines, at, number = [first], source.start, first
        fresh = True
        for start, _ in elements(self.text, source.start):
            number += self.text.count("\n", at, start)
            at = start
            value = scanstring(self.text, start + 1)[0] if self.text[start] == '"' else ""
            if fresh:
                lines[-1] = number
            lines += [number] * value.count("\n")
            fresh = value.endswith("\n") or (fresh and not value)
        return lines

    def _file_line(self, offset: int) -> int:
        """Give the 1-based line of an offset."""
        return self.text.count("\n", 0, offset) + 1


def find_places(text: str) -> Places:
    """Find the cells in the text of a notebook file.

    Raises:
        NotebookError: the text is not a notebook's.
    """
    lists: list[CellList] = []

    def visit_root(key: str, at: int) -> int | None:
        if key == "cells" and text[at] == "[":
            lists.clear()
            lists.append(_cell_list(text, at))
            return lists[-1].end
        return _worksheets(text, at, lists) if key == "worksheets" and text[at] == "[" and not lists else None

    try:
        members, _ = scan_object(text, text.index("{"), visit_root)
    except (ValueError, IndexError, RecursionError) as error:
        raise NotebookError(f"is not a notebook: {error}") from None
    return Places(text, lists, members)


def scan_object(
    text: str, at: int, visit: Callable[[str, int], int | None] | None = None
) -> tuple[dict[str, Member], int]:
    """Scan a JSON object.

    Args:
        text: the JSON.
        at: offset of its brace.
        visit: called with each key and the offset of its value; gives the end of the value where it has scanned it.

    Returns:
        Its members by name, and the offset behind it.
    """
    members: dict[str, Member] = {}
    at = _after(text, at + 1)
    while text[at] != "}":
        if text[at] == ",":
            at = _after(text, at + 1)
        key_at = at
        key, at = scanstring(text, at + 1)
        at = _after(text, _after(text, at) + 1)
        end = visit(key, at) if visit else None
        if end is None:
            end = _skip(text, at)[1]
        members.pop(key, None)  # of several with one name the last counts, and keeps its place
        members[key] = Member(key_at, at, end)
        at = _after(text, end)
    return members, at + 1


def elements(text: str, at: int) -> list[tuple[int, int]]:
    """Give start and end of each element of the JSON list whose bracket is at `at`."""
    found = []
    at = _after(text, at + 1)
    while text[at] != "]":
        if text[at] == ",":
            at = _after(text, at + 1)
        end = _skip(text, at)[1]
        found.append((at, end))
        at = _after(text, end)
    return found


def _cell_list(text: str, at: int) -> CellList:
    """Scan a list of cells."""
    start = at
    cells = []
    at = _after(text, at + 1)
    while text[at] != "]":
        if text[at] == ",":
            at = _after(text, at + 1)
        members, end = scan_object(text, at) if text[at] == "{" else ({}, _skip(text, at)[1])
        cells.append(CellPlace(at, end, members))
        at = _after(text, end)
    return CellList(start, at + 1, cells)


def _worksheets(text: str, at: int, lists: list[CellList]) -> int:
    """Scan the worksheets of nbformat 2 and 3."""

    def visit(key: str, value: int) -> int | None:
        if key != "cells" or text[value] != "[":
            return None
        lists.append(_cell_list(text, value))
        return lists[-1].end

    at = _after(text, at + 1)
    while text[at] != "]":
        if text[at] == ",":
            at = _after(text, at + 1)
        at = _after(text, scan_object(text, at, visit)[1] if text[at] == "{" else _skip(text, at)[1])
    return at + 1


def _after(text: str, at: int) -> int:
    """Give the offset of what follows white space."""
    match = _space(text, at)
    return match.end() if match else at
