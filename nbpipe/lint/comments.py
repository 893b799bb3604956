"""Comments in a cell that say what must not be reported; imported only for cells that have such words in them."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.notebook.model import Range

ALL = ("all",)
COMMENT = pattern(r"#\s*nbpipe:\s*(?P<what>ignore-cell|ignore)\b(?:\s*\[(?P<names>[^\]]*)\])?")
# What somebody took for one.
MALFORMED = pattern(
    r"#\s*nbpipe\b[\s:-]*(?:ignor|disabl|noqa|skip|suppress)\w*(?P<names>[\s:=]*\[[^\]]*\])?", re.IGNORECASE
)
NOQA = pattern(r"#\s*noqa\s*:\s*(?P<names>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)


class IgnoreComment:
    """A comment, or the part of one, that silences rules.

    Attributes:
        kind: ``ignore``, ``ignore-cell``, ``noqa``, or ``malformed`` for what only looks like one of them.
        names: the rules it names, as written; `ALL` where it names none.
        line: where it stands, from 0.
        covers: the last line that it silences, from 0; the first is its own. None for the whole cell.
        alone: whether nothing else is on its line.
        misplaced: it speaks of the cell and does not stand on its first line, or is malformed: it silences nothing.
        comment: the whole comment.
        start, end: where it stands in the comment; `start` is a `#`.
        names_start, names_end: where the names stand in the comment; -1 where none are written.
    """

    __slots__ = (
        "alone", "comment", "covers", "end", "kind", "line", "misplaced", "names", "names_end", "names_start", "start",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - one fact each
        self, kind: str, match: re.Match[str], line: int, *, covers: int | None, alone: bool, misplaced: bool = False
    ) -> None:
        self.kind = kind
        self.names = () if kind == "malformed" else ALL if match["names"] is None else split(match["names"])
        self.line = line
        self.covers = covers
        self.alone = alone
        self.misplaced = misplaced
        self.comment = match.string
        self.start, self.end = match.span()
        self.names_start, self.names_end = match.span("names")

    def speaks_of(self, place: Range) -> bool:
        """Tell whether it silences a finding at a place in its cell: one that begins or ends on its lines."""
        if self.covers is None:
            return not self.misplaced
        return any(self.line <= line <= self.covers for line in (place.start_line, place.end_line))


def ignore_comments(code: str) -> Iterator[IgnoreComment]:
    """Yield the comments of some Python that silence something, or would in another place."""
    lines = code.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for line, alone, comment in comments(code):
        for match in COMMENT.finditer(comment):
            if match["what"] == "ignore":
                covers = _next_code(lines, line) if alone else line
                yield IgnoreComment("ignore", match, line, covers=covers, alone=alone)
            else:
                yield IgnoreComment("ignore-cell", match, line, covers=None, alone=alone, misplaced=line != first)
        for match in MALFORMED.finditer(comment):
            if not COMMENT.match(comment, match.start()):
                yield IgnoreComment("malformed", match, line, covers=None, alone=alone, misplaced=True)
        for match in NOQA.finditer(comment):
            yield IgnoreComment("noqa", match, line, covers=line, alone=alone)


def comments(code: str) -> Iterator[tuple[int, bool, str]]:
    """Yield the comments of some Python: line from 0, whether nothing else is on it, and the text.

    Where the code does not parse, the rest is read line by line: a `#` in a string may then pass for a comment.
    """
    reached = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0] - 1, not token.line[: token.start[1]].strip(), token.string
            reached = token.end[0]
    except (tokenize.TokenError, SyntaxError):
        for number, text in enumerate(code.split("\n")[reached:], reached):
            before, hash_sign, rest = text.partition("#")
            if hash_sign:
                yield number, not before.strip(), hash_sign + rest


def is_ignore_comment(comment: str) -> bool:
    """Tell whether a comment silences something."""
    return COMMENT.search(comment) is not None or NOQA.search(comment) is not None


def split(names: str) -> tuple[str, ...]:
    """Give the names in a list separated by commas or blanks."""
    return tuple(name for name in re.split(r"[\s,]+", names) if name)


def _next_code(lines: list[str], line: int) -> int:
    """Give the first line below a comment that is neither blank nor a comment."""
    below = (number for number, text in enumerate(lines) if number > line and text.strip() and text.strip()[0] != "#")
    return next(below, line)
