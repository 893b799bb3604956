"""Comparing the outputs of one cell with its stored ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.verify.images import compare_image, show_image_difference
from nbpipe.verify.text import Comparison, compare_text, number_note, show_difference
from nbpipe.verify.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.verify.context import Context

_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
# Shows a model that lives in the kernel; its id and layout say nothing about results.
_WIDGET = "application/vnd.jupyter.widget-view+json"
# Richest last: a difference is shown in the text that people can read.
_READABLE = ("text/plain", "text/markdown", "text/latex", "text/html")


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
            before = found[name].data["text/plain"] if name in found else ""
            found[name] = Shown(name, {"text/plain": before + str(output.get("text", ""))})
        elif kind == "error":
            text = f"{output.get('ename')}: {output.get('evalue')}"
            found["error"] = Shown("error", {"text/plain": text})
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
        if place not in right:
            return CellComparison(Outcome.MISSING, (), f"{place} is missing:\n{_excerpt('-', left[place])}")
        if place not in left:
            return CellComparison(Outcome.NEW, (), f"{place} is new:\n{_excerpt('+', right[place])}")
        comparison, difference = _compare_shown(left[place], right[place], context)
        if not comparison.same:
            return CellComparison(Outcome.DIFFERENT, (), f"{place}:\n{difference}")
        needed += comparison.needed
    return CellComparison(Outcome.EQUIVALENT if needed else Outcome.IDENTICAL, tuple(dict.fromkeys(needed)))


def _compare_shown(stored: Shown, fresh: Shown, context: Context) -> tuple[Comparison, str]:
    """Compare all representations; the difference shown is that of the most readable one that differs."""
    lost, won = stored.data.keys() - fresh.data.keys(), fresh.data.keys() - stored.data.keys()
    if lost or won:
        lines = [f"- {mime}" for mime in sorted(lost)] + [f"+ {mime}" for mime in sorted(won)]
        return Comparison(same=False), "\n".join(lines)
    needed: list[str] = []
    for mime in sorted(
        stored.data, key=lambda mime: (_READABLE.index(mime) if mime in _READABLE else len(_READABLE), mime)
    ):
        a, b = stored.data[mime], fresh.data[mime]
        comparison = _compare_data(mime, a, b, context)
        if not comparison.same:
            return comparison, _show(mime, a, b, context)
        needed += comparison.needed
    return Comparison(same=True, needed=tuple(needed)), ""


def _compare_data(mime: str, stored: str, fresh: str, context: Context) -> Comparison:
    if stored == fresh:
        return Comparison(same=True)
    if mime in _IMAGES:
        return compare_image(stored, fresh)
    if mime == _WIDGET:
        return Comparison(same=True, needed=("widget ids",))
    return compare_text(stored, fresh, context)


def _show(mime: str, stored: str, fresh: str, context: Context) -> str:
    if mime in _IMAGES:
        return show_image_difference(mime, stored, fresh)
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
