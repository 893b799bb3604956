"""One line a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

COLOURS = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}


class Reporter(reporting.Reporter):
    """``path:cell 4:2:5: NB102 [error] message``."""

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield a line a finding."""
        for item in result.diagnostics:
            level = self.paint(item.severity.label, COLOURS[item.severity.label])
            yield f"{place(item)}: {self.paint(item.code, 'bold')} [{level}] {reporting.printable(item.message)}"


def place(item: Diagnostic) -> str:
    """Give the path and, 1-based, the cell, line and column; the line in the file for what is in no cell."""
    path = reporting.printable(item.path)
    if item.range is None:
        return path if item.json_line is None else f"{path}:{item.json_line}"
    return f"{path}:cell {item.range.cell + 1}:{item.range.start_line + 1}:{item.range.start_column + 1}"
