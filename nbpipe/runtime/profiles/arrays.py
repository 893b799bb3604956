"""Profiles of arrays: of numpy, sparse ones of scipy, and of others with a shape and a type only these."""

from __future__ import annotations

import sys
from typing import Any

from .summaries import (
    COLUMNS,
    column_name,
    rows_looked_at,
    stride,
    summary_of_floats,
    summary_of_others,
    summary_of_times,
)

_MOST_DIMENSIONS = 8


def profile_array(value: Any) -> dict[str, Any] | None:
    """Give the profile of an array, None for anything else."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _records(value) if value.dtype.names else _dense(value, numpy)
    sparse: Any = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(value):
        return {**_dense(numpy.asarray(value.data), numpy), **_shaped(value), "stored": int(value.nnz)}
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if isinstance(shape, tuple) and dtype is not None and not isinstance(value, type) and shape:
        return _shaped(value)
    return None


def _shaped(value: Any) -> dict[str, Any]:
    shape = [int(length) for length in value.shape[:_MOST_DIMENSIONS]]
    return {"kind": "array", "shape": shape, "type": str(value.dtype)}


def _dense(value: Any, numpy: Any) -> dict[str, Any]:
    found = _shaped(value)
    step = stride(value.size)
    # A view where the memory is in one piece; else only the sample is copied.
    whole = value.flags.c_contiguous or value.flags.f_contiguous
    elements = value.ravel(order="K")[::step] if whole else value.flat[::step]
    if elements.size < value.size:
        found["sampled"] = int(elements.size)
    return {**found, **summary_of_elements(numpy.ma.getdata(elements), numpy)}


def summary_of_elements(elements: Any, numpy: Any) -> dict[str, Any]:
    """Summarise the elements of a one-dimensional array of any type."""
    kind = elements.dtype.kind
    if kind in "biuf":
        return summary_of_floats(elements.astype("float64", copy=False))
    if kind in "mM":
        missing = numpy.isnat(elements)
        unit = "timedelta64[ns]" if kind == "m" else "datetime64[ns]"
        return summary_of_times(elements[~missing].astype(unit).astype("int64") / 1e9, int(missing.sum()))
    if kind in "OUS":
        return summary_of_others(elements[: rows_looked_at(1)].tolist(), 0)
    return {}


def _records(value: Any) -> dict[str, Any]:
    """Give the profile of a structured array: it is a table."""
    import numpy  # noqa: ICN001 - loaded: the array is numpy's

    flat = value.reshape(-1)
    names = value.dtype.names[:COLUMNS]
    step = stride(len(flat), len(names))
    sample = flat[::step]
    columns = [
        {
            "name": column_name(name),
            "type": str(value.dtype[name]),
            **(summary_of_elements(sample[name], numpy) if sample[name].ndim == 1 else {}),
        }
        for name in names
    ]
    return table(len(flat), columns, len(value.dtype.names), len(sample))


def table(rows: int, columns: list[dict[str, Any]], count: int, looked_at: int) -> dict[str, Any]:
    """Give the profile of a table.

    Args:
        rows: how many it has.
        columns: their summaries.
        count: how many columns it has.
        looked_at: of how many rows the summaries are.
    """
    found: dict[str, Any] = {"kind": "table", "rows": rows, "columns": columns}
    if count > len(columns):
        found["omitted"] = count - len(columns)
    if looked_at < rows:
        found["sampled"] = looked_at
    return found
