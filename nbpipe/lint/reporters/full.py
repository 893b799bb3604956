"""Findings with the code they are about, the related cell's too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.frame import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


class Reporter(reporting.Reporter):
    """A heading, the place, and a frame for each cell involved."""

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield some lines and a blank one for each finding."""
        for item in result.diagnostics:
            yield from self._finding(item, result)
            yield ""

    def _finding(self, item: Diagnostic, result: FileResult) -> Iterator[str]:
        colour = COLOURS[item.severity.label]
        heading = self.paint(f"{item.severity.label}[{item.code}]", f"bold {colour}")
        yield f"{heading} {self.paint(item.rule, 'bold')}: {reporting.printable(item.message)}"
        arrow = self.paint("-->", "blue")
        path = reporting.printable(item.path)
        if item.range is None:
            yield f" {arrow} {path if item.json_line is None else f'{path}, line {item.json_line}'}"
            return
        yield f" {arrow} {path}, {reporting.place_name(result.cells[item.range.cell], item.range)}"
        source = reporting.shown_source(result, item.range.cell)
        yield from frame(source, item.range, "^", f"bold {colour}", self.paint)
        for other in item.related:
            where = reporting.place_name(result.cells[other.range.cell], other.range)
            yield f" {self.paint(':::', 'blue')} {where}: {reporting.printable(other.message)}"
            yield from frame(reporting.shown_source(result, other.range.cell), other.range, "-", "blue", self.paint)
        if item.fix is not None:
            title = reporting.printable(item.fix.title)
            yield f" {self.paint('=', 'blue')} fix ({item.fix.applicability.value}): {title}"
