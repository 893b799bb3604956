"""The Reviewdog Diagnostic Format as one JSON document: ``reviewdog -f=rdjson``.

See ``proto/rdf/reviewdog.proto`` in reviewdog's repository. Ranges without columns are whole lines, the last included:
the only lines that reviewdog knows are the file's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbpipe.lint import reporting
from nbpipe.lint.registry import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileEdit, FileResult

SOURCE = {"name": "nbpipe", "url": "https://github.com/nbpipe/nbpipe"}


class Reporter(reporting.Reporter):
    """Collects all findings and writes them at the end; fixes become suggestions."""

    locates = True
    edits_files = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._found: list[dict[str, Any]] = []

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        self._found += [_diagnostic(result, item) for item in result.diagnostics]
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:  # noqa: ARG002 - nothing of it has a place here
        """Yield the document."""
        yield json.dumps({"source": SOURCE, "diagnostics": self._found}, indent=1)


def _diagnostic(result: FileResult, item: Diagnostic) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "message": reporting.located_message(result, item),
        "location": _location(result.path, item.json_line, item.json_end_line),
        "severity": item.severity.name,
        "code": {"value": item.code, "url": BY_CODE[item.code].url},
    }
    if item.related:
        shown["related_locations"] = [
            {
                "message": reporting.related_message(result, other),
                "location": _location(result.path, other.json_line, other.json_line),
            }
            for other in item.related
        ]
    edit = _suggestion(item)
    if edit is not None:
        shown["suggestions"] = [{"range": _range(edit.start_line, edit.end_line), "text": edit.content}]
    return shown


def _suggestion(item: Diagnostic) -> FileEdit | None:
    """Give the fix where it changes only lines that the finding is about: reviewdog puts the comment there."""
    edits = item.fix.file_edits if item.fix is not None and reporting.is_fixable(item) else ()
    if len(edits) != 1 or item.json_line is None:
        return None
    edit = edits[0]
    last = item.json_end_line or item.json_line
    return edit if edit.start_line <= last and item.json_line <= edit.end_line else None


def _location(path: str, line: int | None, end: int | None) -> dict[str, Any]:
    return {"path": path} if line is None else {"path": path, "range": _range(line, end or line)}


def _range(line: int, end: int) -> dict[str, Any]:
    return {"start": {"line": line}, "end": {"line": end}}
