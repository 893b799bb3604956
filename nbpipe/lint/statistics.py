"""Counts by rule in place of the findings: ``nbpipe check --statistics``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError
from nbpipe.lint import reporting
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.registry import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

TEXT = ("full", "concise", "grouped")
JSON = ("json", "json-lines")
VERSION = 1
COLOURS = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}


class Count:
    """How often a rule found something.

    Attributes:
        severity: the worst of the findings.
        fixable: how many can be fixed.
    """

    __slots__ = ("fixable", "info", "number", "severity")

    def __init__(self, code: str) -> None:
        self.info = BY_CODE[code]
        self.severity = Severity.INFO
        self.number = 0
        self.fixable = 0

    def add(self, item: Diagnostic) -> None:
        """Count one finding."""
        self.severity = max(self.severity, item.severity)
        self.number += 1
        self.fixable += reporting.is_fixable(item)

    def key(self) -> tuple[int, str]:
        """Give the order of showing: the most first."""
        return (-self.number, self.info.code)


class Statistics(reporting.Reporter):
    """Counts, and writes a line a rule at the end; as JSON where the format is one of JSON."""

    def __init__(self, output_format: str, origin: str, paint: reporting.Paint) -> None:
        """Take the format that was asked for; raises ConfigError, naming `origin`, where it cannot hold counts."""
        super().__init__(paint)
        if output_format not in (*TEXT, *JSON):
            known = ", ".join((*TEXT, *JSON))
            raise ConfigError(f"{origin}: --statistics cannot be written as '{output_format}'. It can as: {known}")
        self._format = output_format
        self.summarises = output_format in TEXT
        self._counts: dict[str, Count] = {}

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        for item in result.diagnostics:
            self._counts.setdefault(item.code, Count(item.code)).add(item)
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:
        """Yield the counts, the most first."""
        counts = sorted(self._counts.values(), key=Count.key)
        if self._format in JSON:
            yield from self._json(counts, summary)
            return
        digits = max((len(str(count.number)) for count in counts), default=0)
        names = max((len(count.info.name) for count in counts), default=0)
        for count in counts:
            mark = f"  [*] {count.fixable} fixable" if count.fixable else ""
            level = self.paint(f"{count.severity.label:7}", COLOURS[count.severity.label])
            code = self.paint(count.info.code, "bold")
            yield f"{count.number:>{digits}}  {code}  {level}  {count.info.name:{names}}{mark}".rstrip()

    def _json(self, counts: list[Count], summary: reporting.Summary) -> Iterator[str]:
        import json

        from nbpipe.lint.reporters.json import summary_object

        objects = [_object(count) for count in counts]
        if self._format == "json-lines":
            yield from map(json.dumps, objects)
        else:
            document = {"version": VERSION, "statistics": objects, "summary": summary_object(summary)}
            yield json.dumps(document, indent=1)


def _object(count: Count) -> dict[str, Any]:
    return {
        "code": count.info.code,
        "rule": count.info.name,
        "severity": count.severity.label,
        "count": count.number,
        "fixable": count.fixable,
    }
