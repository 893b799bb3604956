"""One JSON object a line and finding, as in the list ``diagnostics`` of the format json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.reporters.json import diagnostic_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import FileResult


class Reporter(reporting.Reporter):
    """Writes each finding as soon as it is known."""

    locates = True
    summarises = False

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield a line a finding."""
        for item in result.diagnostics:
            yield json.dumps(diagnostic_object(item, result.cells))
