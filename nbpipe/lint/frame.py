"""Code frames: the lines of a cell that a finding is about, underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.reporting import Paint
    from nbpipe.notebook.model import Range

MOST_LINES = 4
WIDEST = 120
TAB = "    "


def frame(source: str, place: Range, mark: str, style: str, paint: Paint) -> Iterator[str]:
    """Yield the lines of the range, each with an underline made of `mark`, and one line before for company.

    Line numbers count from 1 inside the cell. A range of many lines shows its first ones only; a long line shows
    the part around the underline.
    """
    lines = source.split("\n")  # as Python counts lines, which is not what splitlines does
    first = min(place.start_line, len(lines) - 1)
    last = max(first, min(place.end_line, len(lines) - 1))
    if place.end_column == 0 and last > first:  # the range ends before that line begins
        last -= 1
    shown_last = min(last, first + MOST_LINES - 1)
    width = len(str(shown_last + 1))
    bar = paint("|", "blue")
    yield f"{'':{width}} {bar}"
    if first > 0 and lines[first - 1].strip():
        yield f"{paint(f'{first:>{width}}', 'blue')} {bar} {_cut(lines[first - 1], 0, 0)[0]}".rstrip()
    for number in range(first, shown_last + 1):
        text = lines[number]
        start = place.start_column if number == place.start_line else len(text) - len(text.lstrip())
        end = place.end_column if number == place.end_line else len(text.rstrip())
        shown, offset, length = _cut(text, start, max(end, start + 1))
        yield f"{paint(f'{number + 1:>{width}}', 'blue')} {bar} {shown}".rstrip()
        if text.strip() or first == last:
            yield f"{'':{width}} {bar} {' ' * offset}{paint(mark * length, style)}"
    if shown_last < last:
        yield f"{'':{width}} {bar} {paint('...', 'blue')}"


def _cut(text: str, start: int, end: int) -> tuple[str, int, int]:
    """Give what is shown of a line, and the offset and length of the underline in columns of the terminal."""
    left = 0
    if len(text) > WIDEST:
        left = max(0, min(start - WIDEST // 3, len(text) - WIDEST))
        end = min(end, left + WIDEST)
    before, inside, after = text[left:start], text[start:end], text[max(start, end) : left + WIDEST]
    before, inside, after = map(_plain, (before, inside, after))
    prefix = "..." if left else ""
    suffix = "..." if len(text) > left + WIDEST else ""
    return f"{prefix}{before}{inside}{after}{suffix}", len(prefix) + _width(before), max(1, _width(inside))


def _plain(text: str) -> str:
    """Give text that takes its place and no more: tabs as blanks, control characters visible."""
    if text.isprintable():
        return text
    text = text.replace("\t", TAB)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _width(text: str) -> int:
    """Give the number of terminal columns: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # a large table: only for those who need it

    return sum(0 if combining(character) else 1 + (east_asian_width(character) in "WF") for character in text)
