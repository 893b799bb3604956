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


SERIALIZER = Serializer("npy", _accepts, _write, _read, _keeps_layout, ("numpy",))
