"""One cell of the page: its code, its cause, and its outputs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.verify.context import IMAGE_THRESHOLD, Context
from nbpipe.verify.html.pieces import Pair, frame, picture, plain, tables, text, texts
from nbpipe.verify.images import describe, difference_image
from nbpipe.verify.outputs import HTML, IMAGES, PLAIN, Shown, shown
from nbpipe.verify.tables import html_tables
from nbpipe.verify.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.verify.verdict import CellVerdict

SVG = "image/svg+xml"
# The richest representation that can be shown is the one that people saw.
_SHOWN = (*(mime for mime in IMAGES if mime != "application/pdf"), SVG, HTML, "text/markdown", "text/latex", PLAIN)


class Budget:
    """How much of pictures a page may hold; beyond it they are told, not shown.

    Attributes:
        left: bytes of base64.
    """

    def __init__(self, left: int = 40_000_000) -> None:
        self.left = left

    def take(self, *values: str) -> bool:
        """Tell whether there is room for some pictures, and take it."""
        size = sum(map(len, values))
        if size > self.left:
            return False
        self.left -= size
        return True


def cell_section(number: int, cell: CellVerdict, budget: Budget) -> Iterator[str]:
    """Yield the section of a cell.

    Args:
        number: of the notebook, from 1.
        cell: the cell.
        budget: what is left for pictures.
    """
    kind = cell.outcome.name.lower()
    yield f'<section class="cell {kind}" id="n{number}c{cell.index + 1}"><h3>Cell {cell.index + 1} '
    yield f'<span class="title">{text(cell.title)}</span> <span class="chip {kind}">{cell.outcome.value}</span></h3>\n'
    if cell.cause is not None:
        yield f'<p class="cause"><b>Cause:</b> {text(str(cell.cause))}</p>'
    if cell.needed:
        yield f'<p class="hint">Looked past: {text(", ".join(cell.needed))}</p>'
    if cell.source:
        yield f'<details class="source"><summary>Code</summary>{plain(cell.source)}</details>'
    if cell.outcome is Outcome.ERROR:
        yield plain(cell.difference)
        yield "</section>\n"
        return
    if cell.stored or cell.fresh:
        yield from _outputs(cell, budget)
    else:
        yield plain(cell.difference)
    yield "</section>\n"


def _outputs(cell: CellVerdict, budget: Budget) -> Iterator[str]:
    """Yield all outputs that are not the same on both sides."""
    left, right = shown(cell.stored), shown(cell.fresh)
    same = 0
    yield '<div class="sides"><p class="head">stored</p><p class="head">fresh</p>'
    for place in dict.fromkeys((*left, *right)):
        if left.get(place) == right.get(place):
            same += 1
            continue
        pair = _pair(left.get(place), right.get(place), budget)
        yield f'<p class="place">{text(place)}</p>'
        yield f'<div class="side">{pair[0].stored}</div><div class="side right">{pair[0].fresh}</div>'
        if pair[1]:
            yield f'<div class="whole">{pair[1]}</div>'
    yield "</div>"
    if same:
        yield f'<p class="hint">{same} {"output is" if same == 1 else "outputs are"} the same.</p>'


def _pair(stored: Shown | None, fresh: Shown | None, budget: Budget) -> tuple[Pair, str]:
    """Give both sides of one output, and what stands beneath them."""
    if stored is None or fresh is None:
        sides = [
            '<p class="hint">nothing</p>' if side is None else _one(side, _best(side), budget)
            for side in (stored, fresh)
        ]
        return Pair(*sides), ""
    mime = next((each for each in _SHOWN if each in stored.data and each in fresh.data), "")
    if not mime or stored.data[mime] == fresh.data[mime]:
        # What is seen is the same: the difference lies in another representation.
        differing = [each for each in _SHOWN if stored.data.get(each) != fresh.data.get(each)]
        mime = next((each for each in differing if each in stored.data and each in fresh.data), mime)
    if not mime or stored.data.keys() - fresh.data.keys():
        return Pair(_one(stored, _best(stored), budget), _one(fresh, _best(fresh), budget)), ""
    return compared(mime, stored.data[mime], fresh.data[mime], budget)


def compared(mime: str, stored: str, fresh: str, budget: Budget) -> tuple[Pair, str]:
    """Give two sides of one kind with what differs marked, and what stands beneath them."""
    if mime in IMAGES:
        return _pictures(mime, stored, fresh, budget)
    context = Context()
    if mime == HTML:
        found = html_tables(stored), html_tables(fresh)
        if found[0] is not None and found[1] is not None and len(found[0][0]) == len(found[1][0]):
            pairs = [tables(*both, context) for both in zip(found[0][0], found[1][0], strict=True)]
            return Pair("".join(pair.stored for pair in pairs), "".join(pair.fresh for pair in pairs)), ""
    if mime in (HTML, SVG):
        return Pair(*(_representation(mime, value, "", budget) for value in (stored, fresh))), ""
    return texts(stored, fresh, context), ""


def _pictures(mime: str, stored: str, fresh: str, budget: Budget) -> tuple[Pair, str]:
    if not budget.take(stored, fresh):
        told = '<p class="hint">a picture, not shown: the page holds enough of them</p>'
        return Pair(told, told), ""
    sizes = f'<p class="hint">stored: {describe(stored)}; fresh: {describe(fresh)}</p>'
    drawn = difference_image(stored, fresh, IMAGE_THRESHOLD)
    beneath = "" if drawn is not None else sizes
    if drawn is not None and budget.take(drawn):
        beneath = f'<p class="hint">what differs, in red</p>{picture("image/png", drawn, "what differs")}'
    return Pair(picture(mime, stored, "stored"), picture(mime, fresh, "fresh")), beneath


def _best(side: Shown) -> str:
    return next((mime for mime in _SHOWN if mime in side.data), "")


def _one(side: Shown, mime: str, budget: Budget) -> str:
    """Show one representation of one output."""
    if not mime:
        return f'<p class="hint">{text(", ".join(sorted(side.data)))}</p>'
    return _representation(mime, side.data[mime], side.place, budget)


def _representation(mime: str, value: str, title: str, budget: Budget) -> str:
    if mime in IMAGES or mime == SVG:
        if not budget.take(value):
            return '<p class="hint">a picture, not shown: the page holds enough of them</p>'
        return picture(mime, value, title)
    return frame(value) if mime == HTML else plain(value)
