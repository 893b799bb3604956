"""Two values that differ, side by side for people: the rows, places, keys or attributes in which they do."""

from __future__ import annotations

import re
import sys
from pprint import pformat
from typing import Any, NamedTuple

TABLE = "text/html"
PLAIN = "text/plain"

_ROWS, _COLUMNS, _PLACES = 20, 12, 40
_LONGEST = 20_000  # characters of one side
_LONG = 200  # items
_PART, _BEFORE = 400, 60  # characters of one part, and of what they have in common before they differ
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class Sides(NamedTuple):
    """Both values as they are shown.

    Attributes:
        mime: ``text/html`` for tables, ``text/plain``, or "" where there is nothing to show.
        note: what part of them is shown.
    """

    mime: str = ""
    a: str = ""
    b: str = ""
    note: str = ""


def sides(a: object, b: object) -> Sides:
    """Show what differs in two values; never raises, since values may be of any class."""
    try:
        mime, one, other, note = _sides(a, b)
        return Sides(mime, one[:_LONGEST], other[:_LONGEST], note)
    except Exception:  # noqa: BLE001 - a user's __repr__ may raise anything
        return Sides()


def _sides(a: Any, b: Any) -> Sides:
    kinds = [(type(value).__module__.partition(".")[0], type(value).__name__) for value in (a, b)]
    if kinds[0] == kinds[1]:
        if kinds[0] == ("pandas", "Series"):
            return _frames(a.to_frame(_heading(a)), b.to_frame(_heading(b)))
        if kinds[0] == ("pandas", "DataFrame"):
            return _frames(a, b)
        if kinds[0] == ("numpy", "ndarray") and a.shape == b.shape and a.ndim:
            return _arrays(a, b)
        if isinstance(a, (list, tuple)):
            pairs = [(f"[{place}]", one, other) for place, (one, other) in enumerate(zip(a, b)) if _differ(one, other)]  # noqa: B905 - Python 3.9
            return _parts(pairs, f"{len(a)} and {len(b)} items" if len(a) != len(b) else f"of {len(a)} items", a, b)
        if isinstance(a, dict):
            return _mappings(a, b)
        if hasattr(a, "__dict__") and not isinstance(a, type) and not callable(a):
            return _mappings(vars(a), vars(b), kinds[0][1])
    return Sides(PLAIN, _text(a), _text(b), "")


def _heading(series: Any) -> Any:
    return series.name if series.name is not None else "value"


def _frames(a: Any, b: Any) -> Sides:
    note = f"{a.shape[0]} x {a.shape[1]} and {b.shape[0]} x {b.shape[1]}, the first {_ROWS} rows"
    if a.shape == b.shape and list(a.columns) == list(b.columns):
        rows, columns = _differing(a, b)
        note = f"{len(rows)} of {len(a)} rows differ, in {len(columns)} of {a.shape[1]} columns"
        kept = sorted([*columns, *(place for place in range(a.shape[1]) if place not in columns)][:_COLUMNS])
        a, b = (value.iloc[rows[:_ROWS], kept] for value in (a, b)) if rows else (a, b)
    return Sides(TABLE, _table(a), _table(b), note)


def _differing(a: Any, b: Any) -> tuple[list[int], list[int]]:
    """Give the places of the rows and of the columns in which two frames of one shape differ."""
    numpy = sys.modules["numpy"]
    rows = _unequal(numpy, a.index, b.index)
    columns = []
    for place in range(a.shape[1]):
        column = _unequal(numpy, a.iloc[:, place], b.iloc[:, place])
        if column.any():
            columns.append(place)
            rows = rows | column
    return [int(row) for row in numpy.flatnonzero(rows)], columns


def _unequal(numpy: Any, a: Any, b: Any) -> Any:
    one, other = (numpy.asarray(value, dtype=object) for value in (a, b))
    found = [not (x is y or x == y or (x != x and y != y)) for x, y in zip(one.tolist(), other.tolist())]  # noqa: B905, PLR0124 - NaN
    return numpy.array(found, dtype=bool)


def _table(frame: Any) -> str:
    pandas = sys.modules["pandas"]
    with pandas.option_context("display.max_colwidth", 200, "display.precision", 17):
        shown = frame.iloc[:_ROWS, : 2 * _COLUMNS]
        return str(shown.to_html(border=0, float_format=lambda value: repr(float(value)), notebook=False))


def _arrays(a: Any, b: Any) -> Sides:
    numpy = sys.modules["numpy"]
    unequal = _unequal(numpy, a.ravel(), b.ravel()).reshape(a.shape)
    places = numpy.argwhere(unequal)
    pairs = [(f"[{', '.join(map(str, place))}]", a[tuple(place)], b[tuple(place)]) for place in places.tolist()]
    if not pairs or a.dtype != b.dtype:
        return Sides(PLAIN, f"{a.dtype}\n{a}", f"{b.dtype}\n{b}", "")
    return _parts(pairs, f"of {a.size} values", a, b)


def _mappings(a: dict[Any, Any], b: dict[Any, Any], kind: str = "") -> Sides:
    """Show the entries that differ, of dicts or of the attributes of objects."""
    missing = object()
    pairs = []
    for key in {**a, **b}:
        one, other = a.get(key, missing), b.get(key, missing)
        if one is missing or other is missing or _differ(one, other):
            name = str(key) if kind else repr(key)
            shown = ["(none)" if value is missing else value for value in (one, other)]
            pairs.append((name, shown[0], shown[1]))
    return _parts(pairs, f"of {len({**a, **b})} {'attributes' if kind else 'entries'}", a, b)


def _parts(pairs: list[tuple[str, Any, Any]], whole: str, a: Any, b: Any) -> Sides:
    """Show named parts, one beneath the other; of long ones, where they begin to differ."""
    texts = [(name, _text(one), _text(other)) for name, one, other in pairs[: 5 * _PLACES]]
    # Parts that look the same differ further in, as other parts will show.
    texts = [pair for pair in texts if pair[1] != pair[2]] or texts
    if not texts:
        return Sides(PLAIN, _text(a), _text(b), whole)
    ones: list[str] = []
    others: list[str] = []
    for name, one, other in texts[:_PLACES]:
        start = max(0, _common(one, other) - _BEFORE) if max(len(one), len(other)) > _PART else 0
        for lines, text in ((ones, one), (others, other)):
            end = "..." if len(text) > start + _PART else ""
            lines.append(f"{name}: {'...' if start else ''}{text[start : start + _PART]}{end}")
    return Sides(PLAIN, "\n".join(ones), "\n".join(others), f"{len(pairs)} {whole} differ")


def _common(one: str, other: str) -> int:
    """Count the characters with which two texts begin alike."""
    shorter = min(len(one), len(other))
    return next((place for place in range(shorter) if one[place] != other[place]), shorter)


def _differ(a: Any, b: Any) -> bool:
    """Tell whether two parts look different; one that cannot be compared by `==` is judged by how it is shown."""
    if a is b:
        return False
    try:
        return not bool(a == b) and not (a != a and b != b)  # noqa: PLR0124 - NaN
    except Exception:  # noqa: BLE001 - arrays have no one truth, others may raise anything
        return _text(a) != _text(b)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, (int, float, complex)) or value is None:
        return repr(value)
    if isinstance(value, (list, tuple)) and len(value) > _LONG:
        value = list(value[:_LONG])
    elif isinstance(value, dict) and len(value) > _LONG:
        value = dict(list(value.items())[:_LONG])
    return _ADDRESS.sub("", pformat(value, width=100, compact=True))
