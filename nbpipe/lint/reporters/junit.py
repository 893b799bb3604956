"""JUnit's XML, which every CI reads: a test suite a notebook, a test case a finding."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.registry import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

CLEAN = "nothing found"


class Reporter(reporting.Reporter):
    """Errors and warnings are failures; an info is a skipped test; a notebook without findings is one that passes."""

    locates = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._suites: list[str] = []

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        infos = sum(item.severity is Severity.INFO for item in result.diagnostics)
        counts = _counts(len(result.diagnostics) or 1, len(result.diagnostics) - infos, infos)
        path = _escaped(result.path)
        self._suites.append(f'  <testsuite name="{path}" {counts}>')
        for item in result.diagnostics:
            self._suites += _case(result, item)
        if not result.diagnostics:
            self._suites.append(f'    <testcase name="{CLEAN}" classname="{path}" file="{path}" time="0"/>')
        self._suites.append("  </testsuite>")
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:
        """Yield the document."""
        infos = summary.counts[Severity.INFO]
        tests = sum("<testcase " in line for line in self._suites)
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield f'<testsuites name="nbpipe" {_counts(tests, summary.at_least(Severity.WARNING), infos)}>'
        yield from self._suites
        yield "</testsuites>"


def _counts(tests: int, failures: int, skipped: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}" time="0"'


def _case(result: FileResult, item: Diagnostic) -> Iterator[str]:
    path = _escaped(result.path)
    name = f"{item.code} {item.rule}"
    if item.range is not None:
        name += f", {reporting.place_name(result.cells[item.range.cell], item.range)}"
    line = f' line="{item.json_line}"' if item.json_line is not None else ""
    yield f'    <testcase name="{_escaped(name)}" classname="{path}" file="{path}"{line} time="0">'
    message = _escaped(item.message)
    if item.severity is Severity.INFO:
        yield f'      <skipped message="{message}"/>'
    else:
        lines = [f"{reporting.printable(result.path)}: {reporting.located_message(result, item)}"]
        lines += [reporting.related_message(result, other) for other in item.related]
        body = escape("\n".join([*lines, BY_CODE[item.code].url]))
        yield f'      <failure type="{item.severity.label}" message="{message}">{body}</failure>'
    yield "    </testcase>"


def _escaped(text: str) -> str:
    """Give text as XML may hold it: what it may not hold at all, even escaped, is written as Python does."""
    return escape(reporting.printable(text))
