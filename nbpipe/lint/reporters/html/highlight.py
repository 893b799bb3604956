"""Colours for code: comments, strings, numbers, keywords and IPython's magics."""

from __future__ import annotations

import re
from keyword import kwlist
from typing import TYPE_CHECKING

from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYWORDS = frozenset(kwlist)
TOKEN = pattern(
    r"""
    (?P<c> \#[^\n]* )
  | (?P<m> ^[ \t]*[%!][^\n]* )
  | (?P<s> [rRbBuUfFtT]{0,2}
        (?: \"{3} (?:\\.|[^\\])*? (?:\"{3}|\Z) | '{3} (?:\\.|[^\\])*? (?:'{3}|\Z)
          | \" (?:\\.|[^\"\\\n])* \"? | ' (?:\\.|[^'\\\n])* '? ) )
  | (?P<d> \b\d[\w.]* )
  | (?P<k> [^\W\d]\w* )
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def tokens(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind (c, m, s, d, k) of what is coloured, in order; what is no Python is coloured alike."""
    for match in TOKEN.finditer(source):
        kind = match.lastgroup or ""
        if kind != "k" or match[0] in KEYWORDS:
            yield match.start(), match.end(), kind
