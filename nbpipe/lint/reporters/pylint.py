"""``path:line: [code] message``, as flake8's pylint format, which Jenkins and many editors read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import FileResult


class Reporter(reporting.Reporter):
    """The line is that of the file; 1 where none is known."""

    locates = True
    summarises = False

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield a line a finding."""
        path = reporting.printable(result.path)
        for item in result.diagnostics:
            yield f"{path}:{item.json_line or 1}: [{item.code}] {reporting.located_message(result, item)}"
