"""Parquet, for frames whose index, dtypes and storage survive it.

Which columns a frame stores together, and in which order, shows in the last digits of sums and factorisations. So
there are two readers of one format: columns together by dtype, as pyarrow gives them, and each column by itself, as
pandas' CSV reader gives them. Frames stored in other ways are left to pickle.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import IO, Any

from .base import Serializer, has_base


def _is_plain(value: Any) -> bool:
    """Tell whether Parquet may be tried: not for objects in cells, whose identity and type it does not keep."""
    if not has_base(value, "pandas", "DataFrame") or type(value).__name__ != "DataFrame":
        return False
    return not any(str(dtype) == "object" for dtype in value.dtypes) and find_spec("pyarrow") is not None


def _accepts_split(value: Any) -> bool:
    return _is_plain(value) and all(len(columns) == 1 for columns, _ in layout(value))


def _accepts_together(value: Any) -> bool:
    return _is_plain(value) and all(len(columns) == 1 or order == "C" for columns, order in layout(value))


def _write(value: Any, file: IO[bytes]) -> None:
    value.to_parquet(file, engine="pyarrow")


def _read_together(file: IO[bytes]) -> Any:
    import pandas  # noqa: ICN001 - only where a value is a frame

    return pandas.read_parquet(file, engine="pyarrow")


def _read_split(file: IO[bytes]) -> Any:
    import pandas  # noqa: ICN001 - only where a value is a frame

    together = _read_together(file)
    columns = {place: together.iloc[:, place].array.copy() for place in range(together.shape[1])}
    frame = pandas.DataFrame(columns, index=together.index, copy=False)
    frame.columns = together.columns
    frame.attrs = together.attrs
    return frame


def layout(value: Any) -> list[tuple[list[int], str]]:
    """Say which columns of a frame are stored together, and in which order in memory."""
    return sorted(
        (block.mgr_locs.as_array.tolist(), _order(block.values))
        for block in value._mgr.blocks  # noqa: SLF001 - there is no public way to what a frame stores
    )


def _order(values: Any) -> str:
    flags = getattr(values, "flags", None)
    if flags is None or not hasattr(flags, "c_contiguous"):
        return "extension"
    return "C" * bool(flags.c_contiguous) + "F" * bool(flags.f_contiguous)


def _keeps_layout(value: Any, again: Any) -> bool:
    return layout(value) == layout(again)


SPLIT = Serializer("parquet", _accepts_split, _write, _read_split, _keeps_layout, ("pandas", "pyarrow"))
TOGETHER = Serializer("parquet-blocks", _accepts_together, _write, _read_together, _keeps_layout, ("pandas", "pyarrow"))
