"""JUnit's XML, which every CI reads: a test suite a notebook, a test case a code cell."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbpipe.lint.reporting import printable
from nbpipe.verify.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.verify.verdict import CellVerdict, NotebookVerdict

_FAILURES = (Outcome.DIFFERENT, Outcome.MISSING, Outcome.NEW)
_SKIPPED = (Outcome.SKIPPED, Outcome.NOT_RUN)


def junit(notebooks: Sequence[NotebookVerdict]) -> str:
    """Give the document: what differs is a failure, a cell that fails an error, one that did not run is skipped."""
    suites = [list(_suite(item)) for item in notebooks]
    lines = [line for suite in suites for line in suite]
    tests = sum("<testcase " in line for line in lines)
    failures, errors = sum("<failure " in line for line in lines), sum("<error " in line for line in lines)
    head = f'<testsuites name="nbpipe verify" tests="{tests}" failures="{failures}" errors="{errors}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *lines, "</testsuites>", ""])


def _suite(item: NotebookVerdict) -> Iterator[str]:
    cases = list(_cases(item))
    counts = {name: sum(f"<{name} " in line for line in cases) for name in ("failure", "error", "skipped")}
    tests = sum("<testcase " in line for line in cases)
    seconds = 0.0 if item.record is None else item.record.seconds
    yield (
        f'  <testsuite name="{_text(item.path)}" tests="{tests}" failures="{counts["failure"]}" '
        f'errors="{counts["error"]}" skipped="{counts["skipped"]}" time="{seconds:.3f}">'
    )
    yield from cases
    yield "  </testsuite>"


def _cases(item: NotebookVerdict) -> Iterator[str]:
    path = _text(item.path)
    times = {} if item.record is None else {cell.index: cell.seconds or 0.0 for cell in item.record.cells}
    for cell in item.cells:
        name = _text(f"cell {cell.index + 1} ({cell.title})")
        yield f'    <testcase name="{name}" classname="{path}" file="{path}" time="{times.get(cell.index, 0.0):.3f}">'
        yield from _ending(cell)
        yield "    </testcase>"
    if not item.cells or item.verdict is Verdict.NOTHING:
        # Without a case of its own, a notebook that cannot be read would pass.
        yield f'    <testcase name="notebook" classname="{path}" file="{path}" time="0">'
        kind = "skipped" if item.verdict is Verdict.NOTHING else "error"
        yield f'      <{kind} message="{_text(f"{item.verdict.value}: {item.reason}")}"/>'
        yield "    </testcase>"


def _ending(cell: CellVerdict) -> Iterator[str]:
    cause = f"\ncause: {cell.cause}" if cell.cause is not None else ""
    body = escape("\n".join(printable(line) for line in f"{cell.difference}{cause}".splitlines()))
    if cell.outcome in _FAILURES:
        message = _text(f"{cell.outcome.value}{cause}")
        yield f'      <failure type="{cell.outcome.value}" message="{message}">{body}</failure>'
    elif cell.outcome is Outcome.ERROR:
        yield f'      <error type="error" message="{_text(cell.difference)}">{body}</error>'
    elif cell.outcome in _SKIPPED:
        yield f'      <skipped message="{cell.outcome.value}"/>'


def _text(value: str) -> str:
    """Give text as XML may hold it in an attribute: what it may not hold at all is written as Python does."""
    return escape(printable(" ".join(value.splitlines())))
