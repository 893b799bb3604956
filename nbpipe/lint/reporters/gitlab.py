"""GitLab's code quality report: a list of what Code Climate's specification calls issues.

See "Code quality report format" in GitLab's documentation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbpipe.lint import reporting
from nbpipe.lint.fingerprint import fingerprints
from nbpipe.lint.registry import BY_CODE
from nbpipe.lint.repository import repository_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


class Reporter(reporting.Reporter):
    """Collects all findings and writes them at the end."""

    locates = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._issues: list[dict[str, Any]] = []

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        path = repository_path(result.path)
        names = fingerprints(result, path)
        for item, name in zip(result.diagnostics, names, strict=True):
            self._issues.append(_issue(result, item, path, name))
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:  # noqa: ARG002 - nothing of it has a place here
        """Yield the list."""
        yield json.dumps(self._issues, indent=1)


def _issue(result: FileResult, item: Diagnostic, path: str, fingerprint: str) -> dict[str, Any]:
    line = item.json_line or 1
    lines = [reporting.located_message(result, item)]
    lines += [reporting.related_message(result, other) for other in item.related]
    return {
        "type": "issue",
        "check_name": item.rule,
        # The merge request shows the description only.
        "description": f"{item.code}: {lines[0]}",
        "content": {"body": "\n\n".join([*lines, f"See {BY_CODE[item.code].url}"])},
        "categories": ["Bug Risk"],
        "severity": SEVERITIES[item.severity.label],
        "fingerprint": fingerprint,
        "location": {"path": path, "lines": {"begin": line, "end": item.json_end_line or line}},
    }
