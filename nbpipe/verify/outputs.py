"""Comparing the outputs of one cell with its stored ones."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.verify.images import compare_image, show_image_difference
from nbpipe.verify.lines import WARNINGS, compare_stream, without_warnings
from nbpipe.verify.reprs import same_object
from nbpipe.verify.tables import compare_html, compare_tables, text_table
from nbpipe.verify.text import Comparison, compare_text, number_note, show_difference
from nbpipe.verify.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.verify.context import Context

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
HTML = "text/html"
PLAIN = "text/plain"
WIDGET_IDS = "widget ids"
REPRESENTATIONS = "further representations"
PLACEHOLDERS = "names of figures"
# Shows a model that lives in the kernel; its id and layout say nothing about results.
WIDGET = "application/vnd.jupyter.widget-view+json"
STREAMS = ("stdout", "stderr")
# Richest last: a difference is shown in the text that people can read.
_READABLE = (PLAIN, "text/markdown", "text/latex", HTML)
_PLACEHOLDER = re.compile(r"<[\w.]+[^\n]*>")


class Shown(NamedTuple):
    """One thing that a cell shows: a whole stream, a display, or an error.

    Attributes:
        place: what it is called: ``stdout``, ``stderr``, ``output 1``..., ``error``.
        data: mime type to text (JSON types as indented JSON).
    """

    place: str
    data: dict[str, str]


class CellComparison(NamedTuple):
    """How a cell's fresh outputs compare with the stored ones; see `CellVerdict` for the fields."""

    outcome: Outcome
    needed: tuple[str, ...] = ()
    difference: str = ""


def shown(outputs: Sequence[Mapping[str, Any]]) -> dict[str, Shown]:
    """Collect what a cell shows by place; the pieces of a stream, which time cuts, are joined."""
    found: dict[str, Shown] = {}
    displays = 0
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            name = str(output.get("name"))
            before = found[name].data[PLAIN] if name in found else ""
            found[name] = Shown(name, {PLAIN: before + str(output.get("text", ""))})
        elif kind == "error":
            text = f"{output.get('ename')}: {output.get('evalue')}"
            found["error"] = Shown("error", {PLAIN: text})
        else:
            displays += 1
            place = f"output {displays}"
            data = output.get("data") or {}
            found[place] = Shown(place, {mime: _text(value) for mime, value in data.items()})
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)


def compare_outputs(
    stored: Sequence[Mapping[str, Any]], fresh: Sequence[Mapping[str, Any]], context: Context
) -> CellComparison:
    """Compare all that a cell shows; each representation of an output (text, HTML, picture) is compared."""
    left, right = shown(stored), shown(fresh)
    needed: list[str] = []
    for place in dict.fromkeys((*left, *right)):
        one, other = left.get(place), right.get(place)
        if one is None or other is None:
            if _is_only_warnings(one or other, context):
                needed.append(WARNINGS)
                continue
            if one is None and other is not None:
                return CellComparison(Outcome.NEW, (), f"{place} is new:\n{_excerpt('+', other)}")
            if one is not None:
                return CellComparison(Outcome.MISSING, (), f"{place} is missing:\n{_excerpt('-', one)}")
            continue
        comparison = _compare_shown(one, other, context)
        if not comparison.same:
            return CellComparison(Outcome.DIFFERENT, (), f"{place}:\n{comparison.difference}")
        needed += comparison.needed
    return CellComparison(Outcome.EQUIVALENT if needed else Outcome.IDENTICAL, tuple(dict.fromkeys(needed)))


def _is_only_warnings(item: Shown | None, context: Context) -> bool:
    if item is None or item.place != "stderr" or not context.uses(WARNINGS):
        return False
    return not without_warnings(item.data[PLAIN]).strip()


def _compare_shown(stored: Shown, fresh: Shown, context: Context) -> Comparison:
    """Compare all representations; the difference shown is that of the most readable one that differs."""
    lost, won = stored.data.keys() - fresh.data.keys(), fresh.data.keys() - stored.data.keys()
    # Newer libraries show the same object in more ways; what both sides have tells whether it is the same.
    more = bool(won and not lost and stored.data and context.uses(REPRESENTATIONS))
    if (lost or won) and not more:
        lines = [f"- {mime}" for mime in sorted(lost)] + [f"+ {mime}" for mime in sorted(won)]
        return Comparison(same=False, difference="\n".join(lines))
    needed: list[str] = [REPRESENTATIONS] if more else []
    for mime in sorted(stored.data, key=_turn):
        a, b = stored.data[mime], fresh.data[mime]
        if a == b:
            continue
        comparison = _compare_data(stored, fresh, mime, context)
        if not comparison.same:
            return comparison if comparison.difference else comparison._replace(difference=_show(mime, a, b, context))
        needed += comparison.needed
    return Comparison(same=True, needed=tuple(needed))


def _turn(mime: str) -> tuple[int, str]:
    return _READABLE.index(mime) if mime in _READABLE else len(_READABLE), mime


def _compare_data(stored: Shown, fresh: Shown, mime: str, context: Context) -> Comparison:
    """Compare one representation that is not equal."""
    a, b = stored.data[mime], fresh.data[mime]
    if mime in IMAGES:
        return compare_image(a, b, context)
    if WIDGET in stored.data and mime in (WIDGET, PLAIN) and context.uses(WIDGET_IDS):
        return Comparison(same=True, needed=(WIDGET_IDS,))
    if stored.place in STREAMS:
        return compare_stream(stored.place, a, b, context)
    found = compare_text(a, b, context)
    if found.same:
        return found
    if mime == HTML:
        return compare_html(a, b, context) or found
    if mime == PLAIN:
        return _compare_plain(stored, a, b, context) or found
    return found


def _compare_plain(stored: Shown, a: str, b: str, context: Context) -> Comparison | None:
    """Compare two texts that stand for something: the name of a figure, or a table in fixed columns."""
    pictured = any(mime in IMAGES or mime == "image/svg+xml" for mime in stored.data)
    if pictured and context.uses(PLACEHOLDERS) and _PLACEHOLDER.fullmatch(a) and _PLACEHOLDER.fullmatch(b):
        return Comparison(same=True, needed=(PLACEHOLDERS,))
    name = same_object(a, b)
    if name and context.uses(name):
        return Comparison(same=True, needed=(name,))
    tables = text_table(a), text_table(b)
    return None if tables[0] is None or tables[1] is None else compare_tables(tables[0], tables[1], context)


def _show(mime: str, stored: str, fresh: str, context: Context) -> str:
    if mime in IMAGES:
        return show_image_difference(mime, stored, fresh, context)
    lines = show_difference(stored, fresh, context)
    note = number_note(*(line[2:] for line in lines.splitlines())) if lines.count("\n") == 1 else ""
    return f"{lines}\n  ({note})" if note else lines


def _excerpt(mark: str, item: Shown) -> str:
    """Give the first lines of something that only one side has."""
    for mime in _READABLE:
        if mime in item.data:
            lines = item.data[mime].strip().splitlines()[:3]
            return "\n".join(f"{mark} {line[:150]}" for line in lines)
    return f"{mark} {', '.join(sorted(item.data))}"
