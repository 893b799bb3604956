"""Pieces of the page: escaped text, texts and tables with their differences marked, pictures, frames for HTML."""

from __future__ import annotations

import base64
import difflib
import re
from html import escape
from pathlib import Path
from time import gmtime, strftime
from typing import TYPE_CHECKING, Final, NamedTuple

from nbpipe.lint.reporting import printable, version
from nbpipe.verify.dress import without_colours
from nbpipe.verify.text import compare_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbpipe.verify.context import Context
    from nbpipe.verify.tables import Table

PAGE_END: Final = "</main>\n</body>\n</html>\n"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_LINES = 60  # shown of a text
_WIDTH = 400  # of a line
_ROWS = 60
_COLUMNS = 24
_WORD = re.compile(r"\s+|\w+(?:[.,]\w+)*|.", re.DOTALL)
_LINE_PIXELS, _MOST_PIXELS = 24, 480
_LONGEST_HTML = 200_000


class Pair(NamedTuple):
    """The same thing on both sides, as HTML."""

    stored: str
    fresh: str


def asset(name: str) -> str:
    """Give a file that lies beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def page_head(title: str, inside: str) -> str:
    """Give a page up to what it is about, which `PAGE_END` follows.

    Args:
        title: of the window, not escaped yet.
        inside: HTML for the top of the page.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>{asset('report.css')}</style>\n</head>\n"
        '<body>\n<header><h1>nbpipe verify</h1><p class="hint">'
        f"nbpipe {text(version())} · {strftime('%Y-%m-%d %H:%M', gmtime())} UTC</p>{inside}</header>\n<main>\n"
    )


def tiles(counts: Iterable[tuple[str, int, str]]) -> str:
    """Give numbers as tiles: the class of each, the number, and of what it is."""
    rows = "".join(f'<li class="{kind}"><b>{count:,}</b> {name}</li>' for kind, count, name in counts)
    return f'<ul class="tiles">{rows}</ul>'


def text(value: str) -> str:
    """Give one line of text: nothing in it can be markup or be taken for something else."""
    return escape(printable(value))


def plain(value: str) -> str:
    """Give a text of several lines."""
    lines = without_colours(value).splitlines()
    more = f'\n<i class="more">{len(lines) - _LINES} more lines</i>' if len(lines) > _LINES else ""
    return f"<pre>{chr(10).join(_line(line) for line in lines[:_LINES])}{more}</pre>"


def _line(value: str) -> str:
    shown = value if len(value) <= _WIDTH else value[: _WIDTH - 1] + "…"
    return escape(
        "".join(each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}" for each in shown)
    )


def texts(stored: str, fresh: str, context: Context) -> Pair:
    """Give two texts; lines that differ are marked, and in those that stand for each other, the words that do."""
    left, right = without_colours(stored).splitlines(), without_colours(fresh).splitlines()
    sides: tuple[list[str], list[str]] = ([], [])
    matcher = difflib.SequenceMatcher(None, left[:2000], right[:2000])
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            _unchanged(left[i:j], sides)
            continue
        for at in range(max(j - i, m - k)):
            a = left[i + at] if i + at < j else None
            b = right[k + at] if k + at < m else None
            if a is not None and b is not None:
                kind = "past" if compare_text(a, b, context).same else "changed"
                for side, line in zip(sides, _words(a, b), strict=True):
                    side.append(f'<span class="line {kind}">{line}</span>')
            else:
                sides[0].append(f'<span class="line {"gone" if a is not None else "none"}">{_line(a or "")}</span>')
                sides[1].append(f'<span class="line {"new" if b is not None else "none"}">{_line(b or "")}</span>')
    done = []
    for side in sides:
        more = f'<i class="more">{len(side) - 2 * _LINES} more lines</i>' if len(side) > 2 * _LINES else ""
        done.append(f"<pre>{''.join(side[: 2 * _LINES])}{more}</pre>")
    return Pair(*done)


def _unchanged(lines: Sequence[str], sides: tuple[list[str], list[str]]) -> None:
    """Add lines that are the same: of many, the first and the last few."""
    folded = [*lines[:3], None, *lines[-3:]] if len(lines) > 12 else list(lines)  # noqa: PLR2004 - worth folding
    for line in folded:
        shown = _line(line) if line is not None else f"<i>{len(lines) - 6} lines are the same</i>"
        for side in sides:
            side.append(f'<span class="line">{shown}</span>')


def _words(a: str, b: str) -> tuple[str, str]:
    left, right = _WORD.findall(a[:_WIDTH]), _WORD.findall(b[:_WIDTH])
    sides: tuple[list[str], list[str]] = ([], [])
    for tag, i, j, k, m in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for side, words in zip(sides, (left[i:j], right[k:m]), strict=True):
            shown = _line("".join(words))
            side.append(shown if tag == "equal" or not shown else f"<mark>{shown}</mark>")
    return "".join(sides[0]), "".join(sides[1])


def tables(stored: Table, fresh: Table, context: Context) -> Pair:
    """Give two tables of the same shape or not; the cells that differ are marked."""
    return Pair(_table(stored, fresh, context), _table(fresh, stored, context))


def _table(table: Table, other: Table, context: Context) -> str:
    same_shape = [len(row) for row in table.rows] == [len(row) for row in other.rows]
    rows = []
    for at, row in enumerate(table.rows[:_ROWS]):
        cells = []
        for column, value in enumerate(row[:_COLUMNS]):
            differs = same_shape and value != other.rows[at][column]
            kind = ""
            if differs:
                kind = "past" if compare_text(value, other.rows[at][column], context).same else "changed"
            name = "th" if at < table.heads or column == 0 else "td"
            cells.append(f"<{name}{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{_line(value)}</{name}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    cut = len(table.rows) > _ROWS or any(len(row) > _COLUMNS for row in table.rows)
    note = f'<i class="more">{len(table.rows) - table.heads} rows, not all shown</i>' if cut else ""
    return f'<div class="scroll"><table class="data">{"".join(rows)}</table>{note}</div>'


def picture(mime: str, value: str, title: str) -> str:
    """Give a picture, of the bytes in base64 (SVG as its text); a picture can run nothing."""
    if mime == "image/svg+xml":
        value = base64.b64encode(value.encode(errors="replace")).decode()
    clean = re.sub(r"[^A-Za-z0-9+/=]", "", value)
    return f'<img alt="{escape(title)}" src="data:{escape(mime)};base64,{clean}">'


def frame(html: str) -> str:
    """Give HTML in a frame in which no script runs, and from which nothing is loaded or sent."""
    if len(html) > _LONGEST_HTML:
        return f'<p class="hint">{len(html):,} characters of HTML, not shown</p>'
    lines = html.count("<tr") + html.count("<br") + html.count("<p") + html.count("<li") + 2
    height = min(_MOST_PIXELS, lines * _LINE_PIXELS)
    style = "<style>body{font:13px system-ui,sans-serif;margin:4px;background:#fff;color:#000}</style>"
    return f'<iframe sandbox="" style="height:{height}px" srcdoc="{escape(style + html)}"></iframe>'
