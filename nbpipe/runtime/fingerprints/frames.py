"""Handlers of pandas: labels, dtypes and values column by column, however the frame stores them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .arrays import encode_content
from .atoms import CHUNK

if TYPE_CHECKING:
    from .walk import Handler, Sink


def encode_frame(value: Any, sink: Sink) -> None:
    """Columns in order, index, and what the frame carries besides."""
    sink.label("frame")
    _encode_extras(value, sink)
    sink.value(value.columns, ".columns")
    sink.value(value.index, ".index")
    for place in range(value.shape[1]):
        _encode_values(value.iloc[:, place].array, sink)


def encode_series(value: Any, sink: Sink) -> None:
    """Name, index and values."""
    sink.label("series")
    _encode_extras(value, sink)
    sink.value(value.name, ".name")
    sink.value(value.index, ".index")
    _encode_values(value.array, sink)


def _encode_extras(value: Any, sink: Sink) -> None:
    sink.label(sink.walk.name_of(type(value)))
    sink.value(dict(value.attrs), ".attrs")
    sink.value(value.flags.allows_duplicate_labels)
    own = {name: getattr(value, name, None) for name in type(value)._metadata if name != "_name"}  # noqa: SLF001
    sink.attributes(own)


def encode_index(value: Any, sink: Sink) -> None:
    """Names and values; a range is the index of its integers."""
    sink.label("index")
    sink.value(tuple(value.names), ".names")
    if type(value).__name__ == "MultiIndex":
        sink.label("levels")
        for level in range(value.nlevels):
            _encode_values(value.get_level_values(level).array, sink)
        return
    sink.value(getattr(value, "freqstr", None), ".freq")
    _encode_values(value.array, sink)


def encode_extension_array(value: Any, sink: Sink) -> None:
    """An array on its own: dtype and values."""
    sink.label("extension array")
    _encode_values(value, sink)


def _encode_values(array: Any, sink: Sink) -> None:
    numpy = sys.modules["numpy"]
    dtype = array.dtype
    sink.label(str(dtype))
    kind = type(dtype).__name__
    if isinstance(dtype, numpy.dtype):
        encode_content(numpy.asarray(array), sink)
    elif kind == "CategoricalDtype":
        sink.value(dtype.ordered)
        sink.value(dtype.categories, ".categories")
        encode_content(array.codes.astype("int64"), sink)
    elif kind in ("DatetimeTZDtype", "PeriodDtype"):
        encode_content(array.asi8, sink)
    elif kind == "IntervalDtype":
        sink.value(array.left)
        sink.value(array.right)
    elif kind == "StringDtype":
        sink.label(repr(dtype.na_value))
        _encode_texts(array, sink)
    elif kind == "SparseDtype":
        encode_content(array.to_dense(), sink)
    else:
        _encode_nullable(array, sink)


def _encode_texts(array: Any, sink: Sink) -> None:
    encode_content(array.isna(), sink)
    sink.hasher.update(b"X%d:" % len(array))
    for start in range(0, len(array), CHUNK):
        part = array[start : start + CHUNK]
        sink.items(part.to_numpy(dtype=object, na_value="").tolist())


def _encode_nullable(array: Any, sink: Sink) -> None:
    """Numbers with a mask where the dtype has numbers, else the elements one by one."""
    number = getattr(array.dtype, "numpy_dtype", None)
    if number is not None and number.kind in "biuf":
        missing = array.isna()
        encode_content(missing, sink)
        encode_content(array.to_numpy(dtype=number, na_value=number.type(0)), sink)
        return
    for start in range(0, len(array), CHUNK):
        sink.items(list(array[start : start + CHUNK]))


HANDLERS: dict[tuple[str, str], Handler] = {
    ("pandas", "DataFrame"): encode_frame,
    ("pandas", "Series"): encode_series,
    ("pandas", "Index"): encode_index,
    ("pandas", "ExtensionArray"): encode_extension_array,
}
