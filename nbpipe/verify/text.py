"""Comparing two texts: equal, or equal but for what differs from run to run."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from nbpipe.verify.dress import DRESS, without_colours
from nbpipe.verify.kinds import KINDS, NUMBERS, WHITE_SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.verify.context import Context

_PADDING = re.compile(r"[ \t]+|-{2,}|─{2,}|={2,}")
_BREAK = re.compile(r"\s*\n\s*")
_LINES = 3
_WIDTH = 160
_MANY_LINES = 2000


class Part(NamedTuple):
    """A stretch of text: of a kind (its place in `KINDS`), or plain (-1)."""

    kind: int
    text: str


class Comparison(NamedTuple):
    """Whether two things shown are the same, what had to be looked past, and where they are not, what differs.

    `difference` is empty where the caller shows it better.
    """

    same: bool
    needed: tuple[str, ...] = ()
    difference: str = ""


@lru_cache(maxsize=32)
def _pattern(off: frozenset[str]) -> re.Pattern[str]:
    kinds = [(index, kind) for index, kind in enumerate(KINDS) if kind.name not in off]
    return re.compile("|".join(f"(?P<k{index}>{kind.pattern})" for index, kind in kinds) or r"(?!)")


def _parts(text: str, off: frozenset[str] = frozenset()) -> Iterator[Part]:
    """Split a text so that plain stretches and those of a kind take turns, plain first and last."""
    end = 0
    for match in _pattern(off).finditer(text):
        yield Part(-1, text[end : match.start()])
        yield Part(int(str(match.lastgroup)[1:]), match[0])
        end = match.end()
    yield Part(-1, text[end:])


def compare_text(stored: str, fresh: str, context: Context) -> Comparison:
    """Compare two texts part by part."""
    if stored == fresh:
        return Comparison(same=True)
    first = _compare_parts(stored, fresh, context)
    if first.same:
        return first
    # What dresses a text is taken away only where that is needed.
    needed: list[str] = []
    for name, undress in DRESS:
        if not context.uses(name):
            continue
        plain = undress(stored), undress(fresh)
        if plain != (stored, fresh):
            needed.append(name)
            stored, fresh = plain
            if stored == fresh:
                return Comparison(same=True, needed=tuple(needed))
            found = _compare_parts(stored, fresh, context)
            if found.same:
                return Comparison(same=True, needed=tuple(dict.fromkeys((*needed, *found.needed))))
    return Comparison(same=False)


def _compare_parts(stored: str, fresh: str, context: Context) -> Comparison:
    left, right = list(_parts(stored, context.off)), list(_parts(fresh, context.off))
    if len(left) != len(right):
        return Comparison(same=False)
    needed: list[str] = []
    for at, (a, b) in enumerate(zip(left, right, strict=True)):
        if a.text == b.text:
            continue
        name = _difference(a, b, context, edge=at in (0, len(left) - 1))
        if not name:
            return Comparison(same=False)
        needed.append(name)
    # A number that is one character shorter moves what stands beside it.
    if len(set(needed)) > 1 and WHITE_SPACE in needed:
        needed = [name for name in needed if name != WHITE_SPACE]
    return Comparison(same=True, needed=tuple(dict.fromkeys(needed)))


def _difference(stored: Part, fresh: Part, context: Context, *, edge: bool) -> str:
    """Name what two parts that are not equal differ in, where that may be looked past; else give nothing."""
    if stored.kind != fresh.kind and (
        stored.kind < 0 or fresh.kind < 0 or KINDS[stored.kind].name != KINDS[fresh.kind].name
    ):
        return ""
    if stored.kind < 0:
        same = _layout(stored.text, edge=edge) == _layout(fresh.text, edge=edge)
        return WHITE_SPACE if same and context.uses(WHITE_SPACE) else ""
    kind = KINDS[fresh.kind]
    return kind.name if kind.same(stored.text, fresh.text, context) else ""


def _layout(text: str, *, edge: bool) -> str:
    """Give a plain text without what only moves things within lines; at the edge of a text, lines may be empty."""
    plain = _BREAK.sub("\n", _PADDING.sub(" ", text)).strip(" ")
    return plain.strip() if edge else plain


def show_difference(stored: str, fresh: str, context: Context) -> str:
    """Give the first lines that differ: ``- stored`` and ``+ fresh``, and how many more there are."""
    left, right = without_colours(stored).splitlines(), without_colours(fresh).splitlines()
    if len(left) == len(right):
        pairs = [([a], [b]) for a, b in zip(left, right, strict=True) if not compare_text(a, b, context).same]
        # Lines that belong together may differ only together: an array that is wrapped elsewhere.
        pairs = pairs or [([a], [b]) for a, b in zip(left, right, strict=True) if a != b]
    else:
        keys = [[" ".join(line.split()) for line in lines[:_MANY_LINES]] for lines in (left, right)]
        matcher = difflib.SequenceMatcher(None, keys[0], keys[1])
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


def distance(stored: str, fresh: str) -> float | None:
    """Give the largest relative distance of two numbers, for texts that differ in numbers only; else None."""
    left, right = (list(_parts(_undressed(text))) for text in (stored, fresh))
    if len(left) != len(right):
        return None
    largest = 0.0
    for a, b in zip(left, right, strict=True):
        if a.text == b.text or (a.kind < 0 and b.kind < 0 and a.text.split() == b.text.split()):
            continue
        if a.kind < 0 or b.kind < 0 or {KINDS[a.kind].name, KINDS[b.kind].name} != {NUMBERS}:
            return None
        one, other = float(a.text), float(b.text)
        size = max(abs(one), abs(other))
        largest = max(largest, abs(one - other) / size if size else 0.0)
    return largest


def _undressed(text: str) -> str:
    for _, undress in DRESS:
        text = undress(text)
    return text
