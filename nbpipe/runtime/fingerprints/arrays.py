# ruff: noqa: TID252 - the folder is loaded by path, under a name of its own
"""Handlers of numpy's and scipy's arrays, scalars and generators, and of torch's tensors."""

from __future__ import annotations

import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..blocks import BLOCK, Blocks, digest_of, sha256_of_block

if TYPE_CHECKING:
    from .walk import Handler, Place, Sink

BLOCK_BYTES = 1 << 22
_SAMPLES = 1024


def encode_array(value: Any, sink: Sink) -> None:
    """Class, dtype, shape and values in C order, whatever the memory layout."""
    sink.label("array", sink.walk.name_of(type(value)))
    encode_content(value, sink)


def encode_content(value: Any, sink: Sink) -> None:
    """Write dtype, shape and values of an ndarray."""
    numpy = sys.modules["numpy"]
    array = value.view(numpy.ndarray)
    sink.value(tuple(array.shape))
    dtype = array.dtype
    if dtype.names is not None:
        # Field by field: the padding between fields is not initialised.
        sink.items(list(dtype.names))
        for name in dtype.names:
            encode_content(array[name], sink)
    elif dtype.kind in "OT":
        sink.label(dtype.str if dtype.kind == "O" else repr(dtype))
        sink.items(array.ravel(order="C").tolist())
    else:
        sink.label(dtype.str)
        _encode_numbers(array, sink)


def _encode_numbers(array: Any, sink: Sink) -> None:
    if array.nbytes > sink.walk.limits.bytes:
        sink.walk.sampled = True
        array = _sample(array)
    sink.hasher.update(b"R%d:" % array.nbytes)
    if array.nbytes <= BLOCK_BYTES:
        _stream(array, sink.hasher)
        return
    # Processors compute SHA-256 twice as fast as BLAKE2: what counts for large arrays.
    if array.nbytes <= BLOCK:
        digest = sha256()
        _stream(array, digest)
        sink.hasher.update(digest.digest())
        return
    place = place_of(array)
    known = None if place is None else sink.walk.known.get(place)
    sink.hasher.update(known or bytes.fromhex(digest_of(_blocks_of(array))))


def _blocks_of(array: Any) -> list[bytes]:
    """Give the digests of the blocks of a large array's canonical bytes in C order."""
    if place_of(array) is None:
        blocks = Blocks()
        _stream(array, blocks)
    else:
        blocks = Blocks(lambda block: hashed_twice(block, array.dtype)[1])
        blocks.update(memory_of(array))
    return list(blocks.found())


def place_of(array: Any) -> Place | None:
    """Give where the bytes of an array lie, if they lie there in C order and are as long as its canonical ones."""
    dtype = array.dtype
    width = dtype.itemsize // (2 if dtype.kind == "c" else 1)
    if not array.flags.c_contiguous or dtype.names is not None or dtype.kind not in "biufcmMSU":
        return None
    if (dtype.kind in "fc" and width > 8) or not dtype.itemsize or BLOCK % dtype.itemsize:  # noqa: PLR2004 - a double's
        return None
    return array.__array_interface__["data"][0], array.nbytes, dtype.str


def memory_of(array: Any) -> Any:
    """Give the bytes of an array that lies in one piece."""
    return array.reshape(-1).view("u1").data


def hashed_twice(block: Any, dtype: Any) -> tuple[bytes, bytes]:
    """Give the digest of a block of an array's memory as it is, and in its canonical form."""
    digest = sha256_of_block(block)
    if dtype.kind not in "fc":
        return digest, digest
    numpy = sys.modules["numpy"]
    elements = numpy.frombuffer(block, dtype=dtype)
    canonical = _canonical(elements)
    if canonical is elements or numpy.shares_memory(canonical, elements):
        return digest, digest
    return digest, sha256_of_block(canonical.reshape(-1).view("u1").data)


def _sample(array: Any) -> Any:
    numpy = sys.modules["numpy"]
    length = max(1, min(_SAMPLES, array.size // _SAMPLES))
    starts = numpy.linspace(0, array.size - length, _SAMPLES).astype("int64")
    return numpy.concatenate([array.flat[start : start + length] for start in starts.tolist()])


def _stream(array: Any, hasher: Any) -> None:
    """Feed the bytes in C order, block by block, so that no more than a block is copied."""
    numpy = sys.modules["numpy"]
    if array.nbytes <= BLOCK_BYTES:
        hasher.update(_canonical(numpy.ascontiguousarray(array)).reshape(-1).view("u1").data)
        return
    row_bytes = array.nbytes // len(array)
    if row_bytes > BLOCK_BYTES:
        for row in array:
            _stream(row, hasher)
        return
    rows = max(1, BLOCK_BYTES // row_bytes)
    for start in range(0, len(array), rows):
        block = numpy.ascontiguousarray(array[start : start + rows])
        hasher.update(_canonical(block).reshape(-1).view("u1").data)


def _canonical(block: Any) -> Any:
    """Make all NaNs one, and long doubles two doubles (their padding is not initialised)."""
    numpy = sys.modules["numpy"]
    if block.dtype.kind == "c":
        block = block.view(block.real.dtype) if block.ndim else block.reshape(1).view(block.real.dtype)
    if block.dtype.kind != "f":
        return block
    if block.dtype.itemsize > 8:  # noqa: PLR2004 - bytes of a double
        high = block.astype("f8")
        low = numpy.where(numpy.isfinite(block), block - numpy.nan_to_num(high, posinf=0.0, neginf=0.0), 0.0)
        return _canonical(numpy.stack([high, low.astype("f8")]))
    missing = numpy.isnan(block)
    if missing.any():
        block = numpy.where(missing, numpy.array(numpy.nan, dtype=block.dtype), block)
    return block


def encode_masked(value: Any, sink: Sink) -> None:
    """Values that show, the mask, the fill value."""
    numpy = sys.modules["numpy"]
    mask = numpy.ma.getmaskarray(value)
    shown = numpy.array(value.data, copy=True, subok=False)
    shown[mask] = numpy.zeros((), dtype=shown.dtype)
    sink.label("masked array", sink.walk.name_of(type(value)))
    encode_content(shown, sink)
    encode_content(mask, sink)
    sink.value(value.fill_value, ".fill_value")


def encode_scalar(value: Any, sink: Sink) -> None:
    """A scalar is an array without dimensions, but of a type of its own."""
    sink.label("scalar", type(value).__name__)
    encode_content(sys.modules["numpy"].asarray(value), sink)


def encode_dtype(value: Any, sink: Sink) -> None:
    """The dtype's full description."""
    sink.label("dtype", repr(value), value.str)


def encode_ufunc(value: Any, sink: Sink) -> None:
    """Its name."""
    sink.label("ufunc", value.__name__)


def encode_random_state(value: Any, sink: Sink) -> None:
    """The state of a legacy generator; nothing is drawn."""
    sink.label("random state", sink.walk.name_of(type(value)))
    sink.value(value.get_state(legacy=False))


def encode_generator(value: Any, sink: Sink) -> None:
    """The state of the bit generator; nothing is drawn."""
    sink.label("generator", sink.walk.name_of(type(value)))
    sink.value(getattr(value, "bit_generator", value).state)


def encode_sparse(value: Any, sink: Sink) -> None:
    """Format, shape and the stored elements, sorted, duplicates summed."""
    matrix = value.tocsr(copy=True)
    matrix.sum_duplicates()
    sink.label("sparse", type(value).__name__)
    sink.value(tuple(value.shape))
    encode_content(matrix.data, sink)
    encode_content(matrix.indices.astype("int64"), sink)
    encode_content(matrix.indptr.astype("int64"), sink)


def encode_tensor(value: Any, sink: Sink) -> None:
    """Class, dtype, shape, device, whether it needs a gradient, and the values."""
    torch = sys.modules["torch"]
    sink.label("tensor", sink.walk.name_of(type(value)), str(value.dtype), value.device.type, str(value.requires_grad))
    sink.value(tuple(value.shape))
    if value.layout is not torch.strided:
        sink.walk.refuse(f"a tensor stored as {value.layout}")
        return
    plain = value.detach().cpu().contiguous().reshape(-1)
    if plain.dtype.is_floating_point:
        plain = torch.where(torch.isnan(plain), torch.full_like(plain, float("nan")), plain)
    encode_content(plain.view(torch.uint8).numpy(), sink)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("numpy", "ndarray"): encode_array,
    ("numpy", "MaskedArray"): encode_masked,
    ("numpy", "generic"): encode_scalar,
    ("numpy", "dtype"): encode_dtype,
    ("numpy", "ufunc"): encode_ufunc,
    ("numpy", "RandomState"): encode_random_state,
    ("numpy", "Generator"): encode_generator,
    ("numpy", "BitGenerator"): encode_generator,
    ("scipy", "_spbase"): encode_sparse,
    ("scipy", "spmatrix"): encode_sparse,
    ("torch", "Tensor"): encode_tensor,
}
