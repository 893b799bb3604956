"""What is told of a column: how many values are missing, and statistics of numbers and times, or how many differ.

Of numbers: ``missing``, ``min``, ``max``, ``mean``, ``std`` and ``histogram`` (``low``, ``high`` and
``counts`` of bins of equal width). Of times the same, as seconds since the epoch, with ``unit`` ``s``. Of others:
``missing`` and ``distinct``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS = 400_000
COLUMNS = 200
BINS = 12
_FEWEST, _MOST = 1_000, 20_000
_NAME = 100


def rows_looked_at(columns: int) -> int:
    """Give of how many rows at most statistics are taken, for a table of that many columns."""
    return max(_FEWEST, min(_MOST, CELLS // max(1, columns)))


def stride(rows: int, columns: int = 1) -> int:
    """Give the distance of rows that are looked at; odd, so that it meets no common period of the data."""
    step = -(-rows // rows_looked_at(columns))
    return step + 1 if step > 1 and step % 2 == 0 else max(1, step)


def column_name(name: object) -> str:
    """Give the name of a column as text."""
    text = str(name)
    return text if len(text) <= _NAME else text[: _NAME - 1] + "…"


def summary_of_floats(numbers: Any, missing: int | None = None) -> dict[str, Any]:
    """Summarise a one-dimensional array of numpy's floats, in which NaN is missing.

    Args:
        numbers: the array.
        missing: how many are missing, where that is known of more than these.
    """
    import numpy  # noqa: ICN001 - loaded: the array is numpy's

    with numpy.errstate(all="ignore"):
        nan = int(numpy.isnan(numbers).sum())
        finite = numbers[numpy.isfinite(numbers)]
        found: dict[str, Any] = {"missing": nan if missing is None else missing}
        infinite = int(numbers.size) - nan - int(finite.size)
        if infinite:
            found["infinite"] = infinite
        if not finite.size:
            return found
        low, high = float(finite.min()), float(finite.max())
        found |= {"min": low, "max": high, "mean": _known(finite.mean()), "std": _known(finite.std())}
        if low < high and math.isfinite(high - low):
            counts, _ = numpy.histogram(finite, bins=BINS, range=(low, high))
            found["histogram"] = {"low": low, "high": high, "counts": counts.tolist()}
    return found


def summary_of_times(seconds: Any, missing: int) -> dict[str, Any]:
    """Summarise times, given as numpy's floats of seconds since the epoch."""
    return {**summary_of_floats(seconds, missing), "unit": "s"}


def summary_of_numbers(numbers: Sequence[float], missing: int = 0) -> dict[str, Any]:
    """Summarise plain numbers, without any library."""
    finite = [float(number) for number in numbers if math.isfinite(number)]
    found: dict[str, Any] = {"missing": missing + len(numbers) - len(finite)}
    if not finite:
        return found
    low, high = min(finite), max(finite)
    mean = math.fsum(finite) / len(finite)
    variance = math.fsum((number - mean) ** 2 for number in finite) / len(finite)
    found |= {"min": low, "max": high, "mean": mean, "std": math.sqrt(variance)}
    if low < high and math.isfinite(high - low):
        counts = [0] * BINS
        for number in finite:
            counts[min(BINS - 1, int((number - low) / (high - low) * BINS))] += 1
        found["histogram"] = {"low": low, "high": high, "counts": counts}
    return found


def summary_of_others(values: Sequence[object], missing: int) -> dict[str, Any]:
    """Summarise values that are no numbers: how many differ, where that can be told."""
    try:
        return {"missing": missing, "distinct": len(set(values))}
    except TypeError:
        return {"missing": missing}


def _known(number: Any) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None
