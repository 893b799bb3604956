"""Annotations of GitHub Actions: workflow commands, which the runner reads from the output.

See "Workflow commands for GitHub Actions" in GitHub's documentation; how values are escaped is in the source of
actions/toolkit (``packages/core/src/command.ts``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.repository import repository_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


class Reporter(reporting.Reporter):
    """``::error title=NB102 undefined-name,file=a/b.ipynb,line=118,endLine=118::message``."""

    locates = True

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield a line a finding."""
        for item in result.diagnostics:
            lines = [reporting.located_message(result, item)]
            lines += [reporting.related_message(result, other) for other in item.related]
            properties = ",".join(f"{name}={_property(value)}" for name, value in _properties(item))
            yield f"::{COMMANDS[item.severity.label]} {properties}::{_data(chr(10).join(lines))}"


def _properties(item: Diagnostic) -> Iterator[tuple[str, str]]:
    yield "title", f"{item.code} {item.rule}"
    yield "file", reporting.printable(repository_path(item.path))
    if item.json_line is not None:
        yield "line", str(item.json_line)
        yield "endLine", str(item.json_end_line or item.json_line)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
