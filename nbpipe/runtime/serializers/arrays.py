# ruff: noqa: TID252 - the folder is loaded by path, under a name of its own
"""npy, for numpy arrays that hold no Python objects."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from ..blocks import BLOCK, FIRST, HashedFile, digest_of
from ..fingerprints.arrays import hashed_twice, memory_of, place_of
from .base import Serializer, has_base

if TYPE_CHECKING:
    from ..fingerprints.walk import Place


def _accepts(value: Any) -> bool:
    if not has_base(value, "numpy", "ndarray") or type(value).__name__ != "ndarray":
        return False
    # A strided view would come back contiguous; of a structure with padding npy forgets the padding.
    contiguous = value.flags.c_contiguous or value.flags.f_contiguous
    return bool(contiguous and not value.dtype.hasobject and value.flags.writeable)


def _write(value: Any, file: IO[bytes]) -> None:
    sys.modules["numpy"].save(file, value, allow_pickle=False)


def _write_hashed(value: Any, file: IO[bytes]) -> tuple[str, dict[Place, bytes]]:
    """Write a large array with a header that fills the first block, so that all others are blocks of its memory."""
    place = place_of(value)
    header = None if place is None else _header(value)
    if place is None or header is None:
        hashed: Any = HashedFile(file)
        _write(value, hashed)
        return digest_of(hashed.found()), {}
    hashed = HashedFile(file, lambda block: hashed_twice(block, value.dtype))
    hashed.write(header)
    memory = memory_of(value)
    for start in range(0, len(memory), BLOCK):
        hashed.write(memory[start : start + BLOCK])
    found = hashed.found()
    known = digest_of(canonical for _, canonical in found[1:])
    return digest_of(digest for digest, _ in found), {place: bytes.fromhex(known)}


def _header(value: Any) -> bytes | None:
    """Give a header of npy's version 1.0 as long as the first block; None where the description is longer."""
    form = sys.modules["numpy"].lib.format
    text = repr({"descr": form.dtype_to_descr(value.dtype), "fortran_order": False, "shape": value.shape})
    start = form.magic(1, 0) + (FIRST - 10).to_bytes(2, "little")
    content: bytes = start + text.encode("latin1").ljust(FIRST - 11) + b"\n"
    return content if len(content) == FIRST else None


def _knows(value: Any) -> bool:
    return place_of(value) is not None


def _read(file: IO[bytes]) -> Any:
    import numpy  # noqa: ICN001 - only where a value is an array

    form = numpy.lib.format
    version = form.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        file.seek(0)
        return numpy.load(file, allow_pickle=False)
    read = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if dtype.hasobject:
        raise ValueError("objects are not read from npy")
    array = numpy.empty(shape[::-1] if is_fortran else shape, dtype)
    # Straight into the array's memory: `numpy.load` does so for files only.
    memory = memory_of(array) if array.nbytes else memoryview(b"")
    while memory:
        count = file.readinto(memory)  # type: ignore[attr-defined]
        if not count:
            raise ValueError("the file is too short")
        memory = memory[count:]
    return array.T if is_fortran else array


def _keeps_layout(value: Any, again: Any) -> bool:
    return bool(value.flags.c_contiguous == again.flags.c_contiguous and again.flags.writeable)


def _probe(value: Any, file: IO[bytes]) -> bool:
    """Compare the header, and rows at the beginning, in the middle and at the end."""
    numpy = sys.modules["numpy"]
    version = numpy.lib.format.read_magic(file)
    read = numpy.lib.format.read_array_header_1_0 if version == (1, 0) else numpy.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if (shape, dtype) != (value.shape, value.dtype) or is_fortran == bool(value.flags.c_contiguous):
        return False
    flat = value.reshape(-1, order="F" if is_fortran else "C")
    start, count = file.tell(), min(_SAMPLED, flat.size)
    for place in (0, (flat.size - count) // 2, flat.size - count):
        file.seek(start + place * dtype.itemsize)
        if file.read(count * dtype.itemsize) != flat[place : place + count].tobytes():
            return False
    return not file.read(1)


_SAMPLED = 10_000
SERIALIZER = Serializer(
    "npy",
    _accepts,
    _write,
    _read,
    _keeps_layout,
    ("numpy",),
    _probe,
    is_plain=True,
    write_hashed=_write_hashed,
    knows=_knows,
)
