"""Streams: warnings that Python wrote among them, and lines that came in another order."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from nbpipe.verify.text import Comparison, compare_text

if TYPE_CHECKING:
    from nbpipe.verify.context import Context

ORDER = "order of lines"
WARNINGS = "warnings"
_MANY = 2000  # lines: each is compared with each that is left

# How Python's `warnings` writes: ``path:line: Category: message``, which may go on, and the line of code, indented.
_WARNING = re.compile(r"\S.*:\d+: [\w.]*Warning: ")
_LONGEST_MESSAGE = 12  # lines


def without_warnings(text: str) -> str:
    """Take the warnings that Python's `warnings` module wrote out of a stream.

    Which ones are given depends on the versions of libraries and on what was warned of before in the same process.
    """
    if "Warning: " not in text:
        return text
    lines = text.splitlines(keepends=True)
    heads = [at for at, line in enumerate(lines) if _WARNING.match(line)]
    gone: set[int] = set()
    for at, following in zip(heads, [*heads[1:], len(lines)], strict=True):
        last = at
        for other in range(at + 1, min(following, at + _LONGEST_MESSAGE)):
            # The message goes on as far as an indented line shows; what comes behind it is somebody else's.
            if lines[other][:1] in " \t" or not lines[other].strip():
                last = other
        gone.update(range(at, last + 1))
    return "".join(line for at, line in enumerate(lines) if at not in gone)


def compare_stream(name: str, stored: str, fresh: str, context: Context) -> Comparison:
    """Compare a stream: part by part, then without warnings, then line by line in any order."""
    found = compare_text(stored, fresh, context)
    if found.same:
        return found
    needed: tuple[str, ...] = ()
    if name == "stderr" and context.uses(WARNINGS):
        plain = without_warnings(stored), without_warnings(fresh)
        if plain != (stored, fresh):
            stored, fresh = plain
            needed = (WARNINGS,)
            found = compare_text(stored, fresh, context)
            if found.same:
                return found._replace(needed=(*needed, *found.needed))
    if context.uses(ORDER):
        rest = _in_any_order(stored, fresh, context)
        if rest is not None:
            return Comparison(same=True, needed=tuple(dict.fromkeys((*needed, ORDER, *rest))))
    return found


def _in_any_order(stored: str, fresh: str, context: Context) -> list[str] | None:
    """Find for each stored line a fresh one; give what had to be looked past besides, None where a line is left."""
    left, right = stored.splitlines(), fresh.splitlines()
    if len(left) != len(right) or len(left) < 2:  # noqa: PLR2004 - one line has no order
        return None
    common = Counter(left) & Counter(right)
    left, right = list((Counter(left) - common).elements()), list((Counter(right) - common).elements())
    if len(left) > _MANY:
        return None
    needed: list[str] = []
    for line in left:
        for at, other in enumerate(right):
            found = compare_text(line, other, context)
            if found.same:
                needed += found.needed
                del right[at]
                break
        else:
            return None
    return needed
