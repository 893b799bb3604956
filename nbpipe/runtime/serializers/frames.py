# ruff: noqa: TID252 - the folder is loaded by path, under a name of its own
"""Parquet, for frames whose index, dtypes and storage survive it.

Which columns a frame stores together, and in which order, shows in the last digits of sums and factorisations. So
there are two readers of one format: columns together by dtype, as pyarrow gives them, and each column by itself, as
pandas' CSV reader gives them. Frames stored in other ways are left to pickle.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any

from ..blocks import HashedFile, digest_of
from ..fingerprints import fingerprint
from .base import Serializer, has_base

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..fingerprints.walk import Place


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


def _write_hashed(value: Any, file: IO[bytes]) -> tuple[str, dict[Place, bytes]]:
    hashed: Any = HashedFile(file)
    _write(value, hashed)
    return digest_of(hashed.found()), {}


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


def _probe_split(value: Any, file: IO[bytes]) -> bool:
    return _agrees(value, file, _read_split)


def _probe_together(value: Any, file: IO[bytes]) -> bool:
    return _agrees(value, file, _read_together)


def _agrees(value: Any, file: IO[bytes], read: Callable[[IO[bytes]], Any]) -> bool:
    """Compare the number of rows, and those that the first and the last group begin with, as they come back alone."""
    import pyarrow as pa
    import pyarrow.parquet

    whole = pyarrow.parquet.ParquetFile(file)
    groups = whole.metadata.num_row_groups
    if whole.metadata.num_rows != len(value) or not groups:
        return False
    for place in {0, groups - 1}:
        first = sum(whole.metadata.row_group(before).num_rows for before in range(place))
        # The whole group would be read for more: pages are read as they are needed.
        table = pa.Table.from_batches([next(whole.iter_batches(_SAMPLED, row_groups=[place]))])
        count, part = table.num_rows, io.BytesIO()
        pyarrow.parquet.write_table(table.replace_schema_metadata(_metadata(value, first, count)), part)
        part.seek(0)
        again, known = read(part), value.iloc[first : first + count].copy()
        if fingerprint(again).digest != fingerprint(known).digest:
            return False
        if [columns for columns, _ in layout(again)] != [columns for columns, _ in layout(value)]:
            return False
    return True


def _metadata(value: Any, first: int, count: int) -> Any:
    """Give the schema's metadata as pandas writes it for some rows: an index that counts is kept there."""
    import pyarrow as pa

    return pa.Schema.from_pandas(value.iloc[first : first + count]).metadata


_SAMPLED = 10_000
SPLIT = Serializer(
    "parquet",
    _accepts_split,
    _write,
    _read_split,
    _keeps_layout,
    ("pandas", "pyarrow"),
    _probe_split,
    is_plain=True,
    write_hashed=_write_hashed,
)
TOGETHER = Serializer(
    "parquet-blocks",
    _accepts_together,
    _write,
    _read_together,
    _keeps_layout,
    ("pandas", "pyarrow"),
    _probe_together,
    is_plain=True,
    write_hashed=_write_hashed,
)
