"""Profiles of plain Python values: lists of numbers, and lists of rows."""

from __future__ import annotations

from typing import Any

from .arrays import table
from .summaries import COLUMNS, column_name, summary_of_numbers, summary_of_others

_LOOKED_AT = 2_000


def profile(value: Any) -> dict[str, Any] | None:
    """Give the profile of a list or tuple of numbers, or of rows (dicts, or tuples of one length); else None."""
    if type(value) not in (list, tuple) or not value:
        return None
    sample = value[:: -(-len(value) // _LOOKED_AT)]
    if all(type(item) in (int, float) for item in sample):
        kinds = {type(item).__name__ for item in sample}
        found: dict[str, Any] = {"kind": "array", "shape": [len(value)], "type": "float" if "float" in kinds else "int"}
        found |= {"sampled": len(sample)} if len(sample) < len(value) else {}
        return {**found, **summary_of_numbers(sample)}
    if type(value) is not list or len(value) < 2:  # noqa: PLR2004 - a pair is no table
        return None
    if all(type(item) is dict for item in sample):
        names = list(dict.fromkeys(key for item in sample for key in item))
        return _rows(value, sample, [(name, [item.get(name) for item in sample]) for name in names])
    lengths = {len(item) if type(item) is tuple else -1 for item in sample}
    if len(lengths) == 1 and lengths.isdisjoint({-1, 0}):
        return _rows(value, sample, list(enumerate(zip(*sample))))  # noqa: B905 - `strict` is newer than Python 3.9
    return None


def _rows(value: list[Any], sample: list[Any], columns: list[tuple[Any, Any]]) -> dict[str, Any]:
    found = [summary_of_column(name, values) for name, values in columns[:COLUMNS]]
    return table(len(value), found, len(columns), len(sample))


def summary_of_column(name: object, values: Any) -> dict[str, Any]:
    """Summarise one column of plain values, in which None is missing."""
    known = [item for item in values if item is not None]
    missing = len(values) - len(known)
    kinds = {type(item).__name__ for item in known}
    if kinds and kinds <= {"int", "float", "bool"}:
        kind = kinds.pop() if len(kinds) == 1 else "float"
        return {"name": column_name(name), "type": kind, **summary_of_numbers(known, missing)}
    kind = kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "missing"
    return {"name": column_name(name), "type": kind, **summary_of_others(known, missing)}
