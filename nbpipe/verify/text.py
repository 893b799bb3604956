"""Comparing two texts: equal, or equal but for what differs from run to run."""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from nbpipe.verify.kinds import KINDS, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.verify.context import Context

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# What dresses a text and says nothing: colours, and the style sheet that newer versions of pandas put before a table.
_DRESS = (
    ("terminal colours", _ANSI),
    ("style sheets", re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)),
)
_PADDING = re.compile(r"[ \t]+|-{2,}|─{2,}|={2,}")
_LINES = 3
_WIDTH = 160
_MANY_LINES = 2000


class Part(NamedTuple):
    """A stretch of text: of a kind (its place in `KINDS`), or plain (-1)."""

    kind: int
    text: str


class Comparison(NamedTuple):
    """Whether two texts are the same, and what had to be looked past."""

    same: bool
    needed: tuple[str, ...] = ()


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<k{index}>{kind.pattern})" for index, kind in enumerate(KINDS)))


def _parts(text: str) -> Iterator[Part]:
    """Split a text so that plain stretches and those of a kind take turns, plain first and last."""
    end = 0
    for match in _pattern().finditer(text):
        yield Part(-1, text[end : match.start()])
        yield Part(int(str(match.lastgroup)[1:]), match[0])
        end = match.end()
    yield Part(-1, text[end:])


def compare_text(stored: str, fresh: str, context: Context) -> Comparison:
    """Compare two texts part by part."""
    if stored == fresh:
        return Comparison(same=True)
    needed: list[str] = []
    for name, pattern in _DRESS:
        plain = pattern.sub("", stored), pattern.sub("", fresh)
        if plain != (stored, fresh):
            needed.append(name)
            stored, fresh = plain
        if stored == fresh:
            return Comparison(same=True, needed=tuple(needed))
    left, right = list(_parts(stored)), list(_parts(fresh))
    if len(left) != len(right):
        return Comparison(same=False)
    for a, b in zip(left, right, strict=True):
        if a.text == b.text:
            continue
        name = _difference(a, b, context)
        if not name:
            return Comparison(same=False)
        needed.append(name)
    # A number that is one character shorter moves what stands beside it.
    if len(set(needed)) > 1 and "white space" in needed:
        needed = [name for name in needed if name != "white space"]
    return Comparison(same=True, needed=tuple(dict.fromkeys(needed)))


def _difference(stored: Part, fresh: Part, context: Context) -> str:
    """Name what two parts that are not equal differ in, where that may be looked past; else give nothing."""
    if stored.kind != fresh.kind and (
        stored.kind < 0 or fresh.kind < 0 or KINDS[stored.kind].name != KINDS[fresh.kind].name
    ):
        return ""
    if stored.kind < 0:
        same = _PADDING.sub(" ", stored.text).strip() == _PADDING.sub(" ", fresh.text).strip()
        return "white space" if same else ""
    kind = KINDS[fresh.kind]
    return kind.name if kind.same(stored.text, fresh.text, context) else ""


def show_difference(stored: str, fresh: str, context: Context) -> str:
    """Give the first lines that differ: ``- stored`` and ``+ fresh``, and how many more there are."""
    left, right = _ANSI.sub("", stored).splitlines(), _ANSI.sub("", fresh).splitlines()
    if len(left) == len(right):
        pairs = [([a], [b]) for a, b in zip(left, right, strict=True) if not compare_text(a, b, context).same]
    else:
        matcher = difflib.SequenceMatcher(a=left[:_MANY_LINES], b=right[:_MANY_LINES], autojunk=True)
        pairs = [(left[i:j], right[k:m]) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]
    lines = [line for old, new in pairs for line in ([f"- {text}" for text in old] + [f"+ {text}" for text in new])]
    shown = [line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…" for line in lines[: 2 * _LINES]]
    if len(lines) > len(shown):
        shown.append(f"  ({len(lines) - len(shown)} more lines differ)")
    return "\n".join(shown)


def number_note(stored: str, fresh: str) -> str:
    """Say how far apart two numbers are, for lines that differ in one number only; else give nothing."""
    left, right = list(_parts(stored)), list(_parts(fresh))
    if len(left) != len(right):
        return ""
    apart = [(a, b) for a, b in zip(left, right, strict=True) if a.text != b.text and a.text.strip() != b.text.strip()]
    if len(apart) != 1 or any(part.kind < 0 or KINDS[part.kind].name != NUMBERS for part in apart[0]):
        return ""
    a, b = (float(part.text) for part in apart[0])
    largest = max(abs(a), abs(b))
    return f"{abs(a - b) / largest:.2g} apart, relative" if largest else ""
