"""Profiles of files that hold tables: text with separators from its beginning, Parquet from its own statistics."""

from __future__ import annotations

import csv
import os
import sys
from typing import Any

from .arrays import table
from .plain import summary_of_column
from .summaries import COLUMNS, column_name

_TEXT = (".csv", ".tsv", ".tab")
_BEGINNING = 1 << 16  # bytes of a text that are looked into
_COUNTED = 1 << 26  # bytes of a text up to which its lines are counted
_BLOCK = 1 << 20
_ROWS = 500
_MISSING = frozenset({"", "na", "nan", "null", "none", "n/a"})


def profile_file(path: str) -> dict[str, Any] | None:
    """Give the profile of the table in a file; None where it holds none that can be read here.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not what its name says.
    """
    name = path.lower()
    if name.endswith(_TEXT):
        return _text(path)
    if name.endswith((".parquet", ".pq")) and "pyarrow.parquet" in sys.modules:
        return _parquet(path, sys.modules["pyarrow.parquet"])
    return None


def _text(path: str) -> dict[str, Any] | None:
    size = os.stat(path).st_size  # noqa: PTH116
    with open(path, "rb") as file:  # noqa: PTH123
        beginning = file.read(_BEGINNING)
        whole = size <= len(beginning)
        lines = beginning.decode("utf-8-sig", "replace").splitlines(keepends=True)
        reader = csv.reader(lines if whole else lines[:-1], _separator(lines[0] if lines else "", path))
        found = [row for row, _ in zip(reader, range(_ROWS + 1)) if row]  # noqa: B905
        if not found:
            return None
        has_heading = not any(isinstance(_value(name), (int, float)) for name in found[0])
        # Without a heading the first row is data, which nobody wants to read as names.
        heading = found[0] if has_heading else [str(place) for place in range(len(found[0]))]
        rows = found[has_heading:]
        exact = len(rows) if whole and reader.line_num >= len(lines) else _lines(file, beginning, size) - has_heading
    columns = []
    for place, name in enumerate(heading[:COLUMNS]):
        columns.append(summary_of_column(name, [_value(row[place]) if place < len(row) else None for row in rows]))
    profile = table(max(exact, len(rows)), columns, len(heading), len(rows))
    if exact < 0:  # too long to count
        profile |= {"rows": None, "sampled": len(rows)}
    return profile


def _separator(line: str, path: str) -> Any:
    """Give the dialect of a text: the separator that its first line has most of."""
    found = max(",;\t|", key=line.count)
    delimiter = "\t" if path.lower().endswith((".tsv", ".tab")) else found if found in line else ","

    class Dialect(csv.excel):
        pass

    Dialect.delimiter = delimiter
    return Dialect


def _lines(file: Any, beginning: bytes, size: int) -> int:
    """Count the lines; one that a quoted text breaks counts as two. -1 where there are too many."""
    if size > _COUNTED:
        return -1
    count, last, block = 0, b"\n", beginning
    while block:
        count += block.count(b"\n")
        last = block
        block = file.read(_BLOCK)
    return count + (not last.endswith(b"\n"))


def _value(text: str) -> Any:
    if text.strip().lower() in _MISSING:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _parquet(path: str, parquet: Any) -> dict[str, Any]:
    """Read what the writer noted of each column: types, the smallest and largest number, how many are missing."""
    if not os.path.isfile(path):  # noqa: PTH113 - a folder of files
        raise ValueError(path)
    with open(path, "rb") as file:  # noqa: PTH123
        metadata = parquet.ParquetFile(file).metadata
    schema = metadata.schema
    columns = []
    for place in range(min(COLUMNS, metadata.num_columns)):
        notes = [metadata.row_group(group).column(place).statistics for group in range(metadata.num_row_groups)]
        column = schema.column(place)
        columns.append({"name": column_name(column.path), "type": column.physical_type.lower(), **_noted(notes)})
    return table(metadata.num_rows, columns, metadata.num_columns, metadata.num_rows)


def _noted(notes: list[Any]) -> dict[str, Any]:
    if not notes or any(note is None for note in notes):
        return {}
    found: dict[str, Any] = {}
    if all(note.has_null_count for note in notes):
        found["missing"] = sum(note.null_count for note in notes)
    if all(note.has_min_max for note in notes) and all(type(note.min) in (int, float) for note in notes):
        found |= {"min": float(min(note.min for note in notes)), "max": float(max(note.max for note in notes))}
    return found
