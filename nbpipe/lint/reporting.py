"""What a reporter is, and the words that several share."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult, Related
    from nbpipe.notebook.model import Range

    Paint = Callable[[str, str], str]


class Summary:
    """Counts over all files checked.

    Attributes:
        fixable: findings whose fix can be made.
        unsafe: those of them whose fix is not safe.
    """

    __slots__ = ("counts", "fixable", "notebooks", "unsafe")

    def __init__(self) -> None:
        self.notebooks = 0
        self.counts = dict.fromkeys(Severity, 0)
        self.fixable = 0
        self.unsafe = 0

    def add(self, result: FileResult) -> None:
        """Count one file."""
        self.notebooks += not result.compared
        for item in result.diagnostics:
            self.counts[item.severity] += 1
            if is_fixable(item):
                self.fixable += 1
                self.unsafe += item.fix is not None and item.fix.applicability is Applicability.UNSAFE

    def at_least(self, level: Severity) -> int:
        """Give the number of findings of that severity or worse."""
        return sum(count for severity, count in self.counts.items() if severity >= level)

    def sentence(self) -> str:
        """Give the counts in words."""
        checked = plural(self.notebooks, "notebook")
        if not self.at_least(Severity.INFO):
            return f"Checked {checked}: nothing found."
        counts = ", ".join(plural(count, severity.label) for severity, count in sorted(self.counts.items())[::-1])
        return f"Checked {checked}: {counts}."

    def fixes(self, *, unsafe: bool) -> str:
        """Say what could be fixed, and how; nothing where nothing could.

        Args:
            unsafe: whether unsafe fixes are asked for, and count like the others.
        """
        safe = self.fixable - self.unsafe
        if unsafe:
            return f"{self.fixable} fixable with --fix --unsafe-fixes." if self.fixable else ""
        parts = [f"{safe} fixable with --fix"] if safe else []
        if self.unsafe:
            parts.append(f"{self.unsafe} {'more ' if safe else 'fixable '}with --fix --unsafe-fixes")
        return ", ".join(parts) + "." if parts else ""


class Reporter:
    """Turns results into text, file by file, so that nothing waits for the last one.

    Attributes:
        locates: whether it shows lines of the file.
        edits_files: whether it shows fixes as lines of the file.
        draws: whether it shows the names that flow between cells.
        summarises: whether a sentence with the counts may follow.
    """

    locates = False
    edits_files = False
    draws = False
    summarises = True

    def __init__(self, paint: Paint) -> None:
        """Take `paint`, which gives a text in a style such as ``"bold red"``, or as it is without colours."""
        self.paint = paint

    def details(self) -> dict[str, bool]:
        """Give what the linter must find out for it, as the arguments of `check_each`."""
        return {"locate": self.locates, "file_edits": self.edits_files, "flows": self.draws}

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield the lines for one file."""
        raise NotImplementedError

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - for formats that have an end
        """Yield the lines after the last file."""
        yield from ()


def shown_source(result: FileResult, cell: int) -> str:
    """Give the source of a cell as reports may show it: lines and columns are those of the cell.

    All source text in reports comes from here.
    """
    return result.cells[cell].source


def cell_name(cell: CellReference) -> str:
    """Give a cell's number and count in words."""
    return f"cell {cell.number}" + (f" In [{cell.execution_count}]" if cell.execution_count is not None else "")


def place_name(cell: CellReference, place: Range) -> str:
    """Give the cell, its count and id, and the place in it, 1-based."""
    name = f" (id {printable(cell.id)})" if cell.id is not None else ""
    return f"{cell_name(cell)}{name}, line {place.start_line + 1}, column {place.start_column + 1}"


def located_message(result: FileResult, item: Diagnostic) -> str:
    """Give the message, with the cell for formats that know lines of files only."""
    if item.range is None:
        return printable(item.message)
    cell = result.cells[item.range.cell]
    return f"{printable(item.message)} ({cell_name(cell)}, line {item.range.start_line + 1})"


def related_message(result: FileResult, other: Related) -> str:
    """Give what happens at a related place, and where that is."""
    cell = result.cells[other.range.cell]
    return f"{cell_name(cell)}, line {other.range.start_line + 1}: {printable(other.message)}"


def is_fixable(item: Diagnostic) -> bool:
    """Tell whether there is a fix that nbpipe can apply."""
    return item.fix is not None and item.fix.applicability is not Applicability.DISPLAY_ONLY


def version() -> str:
    """Give nbpipe's version, from the package that this module is loaded in: to import it would be upwards."""
    return str(sys.modules["nbpipe"].__version__)


def plural(count: int, noun: str) -> str:
    """Give "1 error", "2 errors"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def printable(text: str) -> str:
    """Give text that cannot move the cursor, change colours or begin a new line."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
