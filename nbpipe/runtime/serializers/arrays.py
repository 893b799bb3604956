"""npy, for numpy arrays that hold no Python objects."""

from __future__ import annotations

import sys
from typing import IO, Any

from .base import Serializer, has_base


def _accepts(value: Any) -> bool:
    if not has_base(value, "numpy", "ndarray") or type(value).__name__ != "ndarray":
        return False
    # A strided view would come back contiguous; of a structure with padding npy forgets the padding.
    contiguous = value.flags.c_contiguous or value.flags.f_contiguous
    return bool(contiguous and not value.dtype.hasobject and value.flags.writeable)


def _write(value: Any, file: IO[bytes]) -> None:
    sys.modules["numpy"].save(file, value, allow_pickle=False)


def _read(file: IO[bytes]) -> Any:
    import numpy  # noqa: ICN001 - only where a value is an array

    return numpy.load(file, allow_pickle=False)


def _keeps_layout(value: Any, again: Any) -> bool:
    return bool(value.flags.c_contiguous == again.flags.c_contiguous and again.flags.writeable)


def _probe(value: Any, file: IO[bytes]) -> bool:
    """Compare the header, and rows at the beginning, in the middle and at the end."""
    numpy = sys.modules["numpy"]
    version = numpy.lib.format.read_magic(file)
    read = numpy.lib.format.read_array_header_1_0 if version == (1, 0) else numpy.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if (shape, dtype) != (value.shape, value.dtype) or is_fortran == bool(value.flags.c_contiguous and value.ndim > 1):
        return False
    flat = value.reshape(-1, order="F" if is_fortran else "C")
    start, count = file.tell(), min(_SAMPLED, flat.size)
    for place in (0, (flat.size - count) // 2, flat.size - count):
        file.seek(start + place * dtype.itemsize)
        if file.read(count * dtype.itemsize) != flat[place : place + count].tobytes():
            return False
    return not file.read(1)


_SAMPLED = 10_000
SERIALIZER = Serializer("npy", _accepts, _write, _read, _keeps_layout, ("numpy",), _probe, is_plain=True)
