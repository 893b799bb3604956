"""A summary for a pull request, or for the page of a CI run: counts, a table by rule, the worst findings with links."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.registry import BY_CODE
from nbpipe.lint.repository import linker, repository_path
from nbpipe.lint.statistics import Count
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

MOST_BYTES = 60_000  # GitHub takes 65,536 characters in a comment
MOST_FINDINGS = 50
LONGEST = 400
SPAN = pattern(r"`([^`]+)`")
SPECIAL = pattern(r"[\\*_~|\[\]$`]")
COLUMNS = "| Severity | Where | Finding |\n|---|---|---|"


class Reporter(reporting.Reporter):
    """Collects all findings and writes the summary at the end; what is too long for a comment is cut, and said."""

    locates = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._counts: dict[str, Count] = {}
        self._found: list[tuple[FileResult, Diagnostic]] = []
        self._link = linker(os.environ)

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        for item in result.diagnostics:
            self._counts.setdefault(item.code, Count(item.code)).add(item)
            self._found.append((result, item))
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:
        """Yield the summary."""
        yield "## nbpipe\n"
        yield summary.sentence()
        if not self._found:
            return
        yield "\n| Rule | Name | Severity | Findings | Fixable |\n|---|---|---|---:|---:|"
        for count in sorted(self._counts.values(), key=Count.key):
            info = count.info
            yield (
                f"| [{info.code}]({info.url}) | {info.name} | {count.severity.label} | {count.number} "
                f"| {count.fixable or ''} |"
            )
        self._found.sort(key=lambda pair: -pair[1].severity)  # stable: the order of reading within a severity
        yield from self._worst()

    def _worst(self) -> Iterator[str]:
        yield f"\n### {'Findings' if len(self._found) <= MOST_FINDINGS else 'The worst findings'}\n"
        yield COLUMNS
        room = MOST_BYTES - 200 * len(self._counts)
        shown = 0
        for result, item in self._found[:MOST_FINDINGS]:
            row = f"| {item.severity.label} | {self._where(result, item)} | {_finding(result, item)} |"
            room -= len(row.encode("utf-8", "backslashreplace")) + 1
            if room < 0:
                break
            yield row
            shown += 1
        left = len(self._found) - shown
        if left:
            yield f"\n… and {left:,} more: `nbpipe check` shows all."

    def _where(self, result: FileResult, item: Diagnostic) -> str:
        path = repository_path(item.path)
        name = path
        if item.range is not None:
            cell = result.cells[item.range.cell]
            count = f" In [{cell.execution_count}]" if cell.execution_count is not None else ""
            name += f", cell {cell.number}{count}, line {item.range.start_line + 1}"
        elif item.json_line is not None:
            name += f", line {item.json_line}"
        return f"[{_text(_cut(name))}]({self._link(path, item.json_line)})"


def _finding(result: FileResult, item: Diagnostic) -> str:
    lines = [f"[{item.code}]({BY_CODE[item.code].url}) {_message(item.message)}"]
    lines += [f"↳ {_message(reporting.related_message(result, other))}" for other in item.related]
    if reporting.is_fixable(item) and item.fix is not None:
        lines.append(f"Fix ({item.fix.applicability.value}): {_message(item.fix.title)}")
    return "<br>".join(lines)


def _message(text: str) -> str:
    """Give a message with what stands in backticks as code, and nothing else in it that means anything."""
    parts = SPAN.split(_cut(reporting.printable(text)))
    spans = [f"<code>{_text(part)}</code>" if at % 2 else _text(part) for at, part in enumerate(parts)]
    return "".join(spans)


def _text(text: str) -> str:
    """Give text that is shown as it is: no markup, no mention of a person, no link to an issue."""
    plain = SPECIAL.sub(r"\\\g<0>", escape(reporting.printable(text), quote=False))
    return plain.replace("@", "@<!-- -->").replace("#", "#<!-- -->")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
