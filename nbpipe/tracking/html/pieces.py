"""Pieces of the report: escaped text, tables, chips, bars, small histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.graphs.xml import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LONGEST = 2000
_MINUTE = 60
_WIDTH, _HEIGHT = 132, 26


def text(value: object) -> str:
    """Give a text of one line: nothing in it can be markup."""
    shown = str(value)
    return escaped(shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…")


def plain(value: str) -> str:
    """Give a text of several lines."""
    return f"<pre>{escaped(value, lines=True)}</pre>"


def short(digest: str | None) -> str:
    """Give the beginning of a hash or key."""
    return f"<code>{text((digest or 'not known')[:12])}</code>"


def chip(value: str) -> str:
    """Give a word in a frame; how something ended has its colour."""
    kind = value if value in ("ok", "cached") else "failed" if value in _BAD else ""
    return f'<span class="chip {kind}">{text(value)}</span>'


_BAD = ("failed", "died", "timed out", "interrupted")


def seconds(value: float | None) -> str:
    """Give a duration for people; "" where there is none."""
    if value is None:
        return ""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < _MINUTE else f"{value // _MINUTE:.0f} min {value % _MINUTE:02.0f} s"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Give a table of cells that are HTML; the first of each row is its head.

    Args:
        heads: of the columns, as text.
        rows: as HTML.
        numbers: places of the columns that hold numbers.
    """
    classes = [' class="number"' if place in numbers else "" for place in range(len(heads))]
    head = "".join(f'<th scope="col"{kind}>{text(name)}</th>' for name, kind in zip(heads, classes, strict=True))
    body = []
    for row in rows:
        first, *others = zip(row, classes, strict=True)
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in others)
        body.append(f'<tr><th scope="row"{first[1]}>{first[0]}</th>{cells}</tr>')
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def facts(pairs: Mapping[str, Any]) -> str:
    """Give names and texts, of those that have any."""
    rows = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs.items() if value)
    return f"<dl>{rows}</dl>" if rows else ""


def folded(title: str, content: str) -> str:
    """Give something that opens when one asks for it."""
    return f"<details><summary>{text(title)}</summary>{content}</details>" if content else ""


def bar(share: float) -> str:
    """Draw a share of a whole, from 0 to 1."""
    width = max(1.0, _WIDTH * min(1.0, max(0.0, share)))
    return (
        f'<svg class="bars" width="{_WIDTH}" height="10" role="img"><title>{share:.0%}</title>'
        f'<rect width="{width:.1f}" height="10" rx="2"/></svg>'
    )


def histogram(part: Mapping[str, Any]) -> str:
    """Draw the histogram of a column; "" where it has none."""
    known = part.get("histogram")
    if not known or not any(known["counts"]):
        return ""
    counts = known["counts"]
    step, most = _WIDTH / len(counts), max(counts)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_HEIGHT - height:.1f}" width="{step - 1:.1f}" height="{height:.1f}"/>'
        for place, count in enumerate(counts)
        if (height := max(1.0, count / most * _HEIGHT) if count else 0)
    )
    label = ", ".join(map(str, counts))
    return f'<svg class="bars" width="{_WIDTH}" height="{_HEIGHT}" role="img"><title>{text(label)}</title>{bars}</svg>'
