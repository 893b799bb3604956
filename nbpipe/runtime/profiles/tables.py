"""Profiles of frames and series of pandas, polars and pyarrow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .arrays import summary_of_elements, table
from .summaries import COLUMNS, column_name, stride, summary_of_floats, summary_of_others, summary_of_times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def profile_pandas(value: Any) -> dict[str, Any] | None:
    """Give the profile of a frame or series of pandas, None for anything else."""
    pandas: Any = sys.modules.get("pandas")
    if pandas is None:
        return None
    if isinstance(value, pandas.Series):
        value = value.to_frame()
    if not isinstance(value, pandas.DataFrame):
        return None
    step = stride(len(value), min(COLUMNS, value.shape[1]))
    # By place, not by name: names may come twice.
    columns = [value.iloc[:, place] for place in range(min(COLUMNS, value.shape[1]))]

    def summary(column: Any) -> dict[str, Any]:
        return _pandas_column(column if step == 1 else column.iloc[::step], pandas)

    return _table(columns, lambda column: column.name, summary, len(value), value.shape[1], step)


def _pandas_column(column: Any, pandas: Any) -> dict[str, Any]:
    types = pandas.api.types
    dtype = column.dtype
    if types.is_bool_dtype(dtype) or (types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype)):
        return summary_of_floats(column.to_numpy(dtype="float64", na_value=float("nan")))
    missing = int(column.isna().sum())
    if types.is_datetime64_any_dtype(dtype) or types.is_timedelta64_dtype(dtype):
        known = column.dropna()
        times = known.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(dtype, "tz", None) else known
        found = summary_of_elements(times.to_numpy(), sys.modules["numpy"])
        return {**found, "missing": missing}
    try:
        return {"missing": missing, "distinct": int(column.nunique())}
    except TypeError:  # lists and the like
        return {"missing": missing}


def profile_polars(value: Any) -> dict[str, Any] | None:
    """Give the profile of a frame or series of polars, None for anything else."""
    polars: Any = sys.modules.get("polars")
    if polars is None:
        return None
    if isinstance(value, polars.Series):
        value = value.to_frame()
    if not isinstance(value, polars.DataFrame):
        return None
    step = stride(value.height, min(COLUMNS, value.width))
    columns = value.get_columns()[:COLUMNS]

    def summary(column: Any) -> dict[str, Any]:
        return _polars_column(column if step == 1 else column.gather_every(step), polars)

    return _table(columns, lambda column: column.name, summary, value.height, value.width, step)


def _polars_column(column: Any, polars: Any) -> dict[str, Any]:
    missing = int(column.null_count())
    if column.dtype.is_numeric() or column.dtype == polars.Boolean:
        found = summary_of_floats(column.drop_nulls().cast(polars.Float64).to_numpy())
        return {**found, "missing": missing + found["missing"]}
    if column.dtype.is_temporal() and column.dtype != polars.Time:
        kind = polars.Duration("us") if column.dtype == polars.Duration else polars.Datetime("us")
        known = column.drop_nulls()
        naive = known.dt.replace_time_zone(None) if getattr(column.dtype, "time_zone", None) else known
        return summary_of_times(naive.cast(kind).cast(polars.Int64).to_numpy() / 1e6, missing)
    return {"missing": missing, "distinct": int(column.n_unique()) - (missing > 0)}


def profile_arrow(value: Any) -> dict[str, Any] | None:
    """Give the profile of a table or record batch of pyarrow, None for anything else."""
    arrow: Any = sys.modules.get("pyarrow")
    if arrow is None or not isinstance(value, (arrow.Table, arrow.RecordBatch)):
        return None
    step = stride(value.num_rows, min(COLUMNS, value.num_columns))
    names = value.schema.names[:COLUMNS]
    places = arrow.array(range(0, value.num_rows, step)) if step > 1 else None

    def summary(place: int) -> dict[str, Any]:
        column = value.column(place)
        return _arrow_column(column if places is None else column.take(places), arrow)

    columns = range(len(names))
    found = _table(columns, lambda place: names[place], summary, value.num_rows, value.num_columns, step)
    for place, column in enumerate(found["columns"]):
        column["type"] = str(value.schema.types[place])
    return found


def _arrow_column(column: Any, arrow: Any) -> dict[str, Any]:
    kinds, missing = arrow.types, int(column.null_count)
    known = column.drop_null()
    if kinds.is_integer(column.type) or kinds.is_floating(column.type) or kinds.is_boolean(column.type):
        whole = known.cast(arrow.int8()) if kinds.is_boolean(column.type) else known
        numbers = whole.cast(arrow.float64(), safe=False).to_numpy(zero_copy_only=False) if len(known) else []
        return summary_of_floats(sys.modules["numpy"].asarray(numbers, dtype="float64"), missing)
    if kinds.is_timestamp(column.type) or kinds.is_date(column.type):
        return {"missing": missing}
    return {"missing": missing, "distinct": len(known.unique())}


def _table(  # noqa: PLR0913 - what the libraries do in different ways
    columns: Sequence[Any],
    name: Callable[[Any], object],
    summary: Callable[[Any], dict[str, Any]],
    rows: int,
    count: int,
    step: int,
) -> dict[str, Any]:
    """Summarise columns; one that cannot be is told by its name and type."""
    found = []
    for column in columns:
        try:
            facts = summary(column)
        except Exception:  # noqa: BLE001 - a type of some extension: nothing is known of it
            facts = {}
        found.append({"name": column_name(name(column)), "type": str(getattr(column, "dtype", "")), **facts})
    return table(rows, found, count, -(-rows // step))


__all__ = ["profile_arrow", "profile_pandas", "profile_polars", "summary_of_others"]
