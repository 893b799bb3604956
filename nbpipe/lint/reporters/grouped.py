"""Findings by notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.reporters.concise import COLOURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult


class Reporter(reporting.Reporter):
    """The path, and under it a line a finding: place, code, severity, message, and ``[*]`` where there is a fix."""

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield the path, a line a finding, and a blank one; nothing where nothing is found."""
        if not result.diagnostics:
            return
        yield self.paint(reporting.printable(result.path), "bold")
        places = [_place(item) for item in result.diagnostics]
        width = max(map(len, places))
        for place, item in zip(places, result.diagnostics, strict=True):
            level = self.paint(f"{item.severity.label:7}", COLOURS[item.severity.label])
            mark = " [*]" if reporting.is_fixable(item) else ""
            message = reporting.printable(item.message)
            yield f"  {place:{width}}  {self.paint(item.code, 'bold')} {level} {message}{mark}"
        yield ""


def _place(item: Diagnostic) -> str:
    place = item.range
    if place is None:
        return f"line {item.json_line}" if item.json_line is not None else ""
    return f"cell {place.cell + 1}:{place.start_line + 1}:{place.start_column + 1}"
