"""One HTML page that needs nothing else: summary, filters, and each notebook's code with the findings beside it.

No script and no style but its own may run in it (a Content-Security-Policy says so, by their hashes), nothing is
loaded from anywhere, and whatever comes from a notebook is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.reporters.html.notebook import Numbers, notebook_section
from nbpipe.lint.reporters.html.page import page
from nbpipe.lint.statistics import Count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import FileResult


class Reporter(reporting.Reporter):
    """Collects the parts of the page and writes it at the end."""

    locates = True
    draws = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._numbers = Numbers()
        self._results: list[FileResult] = []
        self._counts: dict[str, Count] = {}

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        if result.diagnostics or result.failures:
            self._results.append(result)
        for item in result.diagnostics:
            self._counts.setdefault(item.code, Count(item.code)).add(item)
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:
        """Yield the page."""
        counts = sorted(self._counts.values(), key=Count.key)
        alone = len(self._results) == 1
        sections = (
            notebook_section(number, result, self._numbers, alone=alone)
            for number, result in enumerate(self._results, 1)
        )
        yield from page(self._results, counts, summary, sections)
