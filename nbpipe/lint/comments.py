"""Comments in a cell that say what must not be reported; imported only for cells that have such words in them."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = ("all",)
COMMENT = re.compile(r"#\s*nbpipe:\s*(?P<what>ignore-cell|ignore)\b(?:\s*\[(?P<names>[^\]]*)\])?")
NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<names>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)


def silenced(code: str) -> Iterator[tuple[int | None, tuple[str, ...]]]:
    """Yield the lines (from 0; None for the whole cell) of some Python that are silenced, and for which rules."""
    lines = code.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for line, alone, comment in comments(code):
        for match in COMMENT.finditer(comment):
            names = split(match["names"]) if match["names"] is not None else ALL
            if match["what"] == "ignore":
                yield _next_code(lines, line) if alone else line, names
            elif line == first:
                yield None, names
        for match in NOQA.finditer(comment):
            yield line, split(match["names"])


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


def split(names: str) -> tuple[str, ...]:
    """Give the names in a list separated by commas or blanks."""
    return tuple(name for name in re.split(r"[\s,]+", names) if name)


def _next_code(lines: list[str], line: int) -> int:
    """Give the first line below a comment that is neither blank nor a comment."""
    below = (number for number, text in enumerate(lines) if number > line and text.strip() and text.strip()[0] != "#")
    return next(below, line)
