"""Which comments silence a cell's findings, and the source with them in it."""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

from nbpipe.lint.comments import ignore_comments
from nbpipe.lint.suppression_edits import column_of
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis.code import CellCode
    from nbpipe.lint.comments import IgnoreComment
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell, Range

# Colab reads these to the end of the line.
FORM = pattern(r"#\s*@")


def commented(cell: Cell, code: CellCode, items: Sequence[Diagnostic]) -> tuple[str, list[Diagnostic]]:
    """Give a cell's source with comments that silence findings, and the findings for which there is no place."""
    plan = _Plan(cell, code)
    rest = [item for item in items if item.range is None or not plan.take(item.range, item.rule)]
    return plan.source(), rest


class _Plan:
    """The comments to write into one cell."""

    def __init__(self, cell: Cell, code: CellCode) -> None:
        self._lines = cell.source.split("\n")
        self._python = code.code.text.split("\n")
        self._ends = _line_ends(code.code.text)
        self._known = [comment for comment in ignore_comments(code.code.text) if comment.kind == "ignore"]
        self._merged: dict[int, list[str]] = {}  # by the place in _known
        self._behind: dict[int, list[str]] = {}  # by line
        self._above: dict[int, list[str]] = {}

    def take(self, place: Range, rule: str) -> bool:
        """Find a comment for a finding; False where there is no place for one."""
        for number, comment in enumerate(self._known):
            if comment.speaks_of(place) and comment.names_start >= 0 and self._column(comment) is not None:
                self._merged.setdefault(number, []).append(rule)
                return True
        for line in (place.start_line, place.end_line):
            if self._may_stand_behind(line):
                self._behind.setdefault(line, []).append(rule)
                return True
        if self._may_stand_above(place.start_line):
            self._above.setdefault(place.start_line, []).append(rule)
            return True
        return False

    def source(self) -> str:
        """Give the cell's source with the comments in it."""
        lines = list(self._lines)
        for line, rules in self._behind.items():
            lines[line] = f"{lines[line].rstrip()}  {_comment(rules)}"
        for number, rules in self._merged.items():
            comment = self._known[number]
            base = self._column(comment) or 0
            start, end = base + comment.names_start, base + comment.names_end
            text = lines[comment.line]
            lines[comment.line] = text[:start] + ", ".join(dict.fromkeys([*comment.names, *sorted(rules)])) + text[end:]
        for line, rules in sorted(self._above.items(), reverse=True):
            text = self._lines[line]
            lines.insert(line, text[: len(text) - len(text.lstrip())] + _comment(rules))
        return "\n".join(lines)

    def _column(self, comment: IgnoreComment) -> int | None:
        return column_of(self._lines[comment.line], comment)

    def _may_stand_behind(self, line: int) -> bool:
        """Tell whether a comment at the end of a line is one, speaks of that line, and disturbs nobody."""
        text = self._lines[line]
        plain = text == self._python[line] and bool(text.strip()) and not text.lstrip().startswith("#")
        return plain and line in self._ends and FORM.search(text) is None

    def _may_stand_above(self, line: int) -> bool:
        """Tell whether a line that is not blank can have a comment before it."""
        text = self._lines[line].strip()
        return bool(text) and not text.startswith("%%") and (line == 0 or line - 1 in self._ends)


def _line_ends(text: str) -> set[int]:
    """Give the lines of some Python that parses which end outside of strings and are not continued by a backslash."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] - 1 for token in tokens if token.type in {tokenize.NEWLINE, tokenize.NL}}


def _comment(rules: Sequence[str]) -> str:
    return f"# nbpipe: ignore[{', '.join(sorted(set(rules)))}]"
