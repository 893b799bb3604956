"""Findings with the code they are about, the related cell's too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.frame import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import CellReference, Cells, Diagnostic, FileResult
    from nbpipe.notebook.model import Range

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


class Reporter(reporting.Reporter):
    """A heading, the place, and a frame for each cell involved."""

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield some lines and a blank one for each finding."""
        for item in result.diagnostics:
            yield from self._finding(item, result.cells)
            yield ""

    def _finding(self, item: Diagnostic, cells: Cells) -> Iterator[str]:
        colour = COLOURS[item.severity.label]
        heading = self.paint(f"{item.severity.label}[{item.code}]", f"bold {colour}")
        yield f"{heading} {self.paint(item.rule, 'bold')}: {reporting.printable(item.message)}"
        arrow = self.paint("-->", "blue")
        path = reporting.printable(item.path)
        if item.range is None:
            yield f" {arrow} {path if item.json_line is None else f'{path}, line {item.json_line}'}"
            return
        yield f" {arrow} {path}, {_place(cells[item.range.cell], item.range)}"
        yield from frame(cells[item.range.cell].source, item.range, "^", f"bold {colour}", self.paint)
        for other in item.related:
            cell = cells[other.range.cell]
            yield f" {self.paint(':::', 'blue')} {_place(cell, other.range)}: {reporting.printable(other.message)}"
            yield from frame(cell.source, other.range, "-", "blue", self.paint)
        if item.fix is not None:
            title = reporting.printable(item.fix.title)
            yield f" {self.paint('=', 'blue')} fix ({item.fix.applicability.value}): {title}"


def _place(cell: CellReference, where: Range) -> str:
    """Give the cell, its count and id, and the place in it, 1-based."""
    count = f" In [{cell.execution_count}]" if cell.execution_count is not None else ""
    name = f" (id {reporting.printable(cell.id)})" if cell.id is not None else ""
    return f"cell {cell.number}{count}{name}, line {where.start_line + 1}, column {where.start_column + 1}"
