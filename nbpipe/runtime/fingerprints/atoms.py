"""Encodings of the values that have no parts, one by one and, for speed, a chunk of one type at once."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHUNK = 4096
_NAN = struct.pack("<d", math.nan)


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"s%d:%b" % (len(data), data)


def _float(value: float) -> bytes:
    # NaNs differ in sign and payload (0.0 / 0.0 has the sign set on x86); no reader can tell them apart.
    return b"f" + (struct.pack("<d", value) if value == value else _NAN)  # noqa: PLR0124 - false for NaN alone


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: b"N",
    type(Ellipsis): lambda _: b"E",
    type(NotImplemented): lambda _: b"O",
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: b"i%x;" % value,  # hexadecimal: decimal is refused beyond 4300 digits
    float: _float,
    complex: lambda value: b"c" + _float(value.real) + _float(value.imag),
    str: _text,
    bytes: lambda value: b"b%d:%b" % (len(value), value),
}


def encode_atom(value: object) -> bytes | None:
    """Give the encoding of a value without parts, None for any other value."""
    encoder = _ENCODERS.get(type(value))
    return encoder(value) if encoder is not None else None


def encode_chunk(values: Sequence[Any]) -> bytes | None:
    """Give the encoding of values that are all of one type without parts, None for any others."""
    kinds = set(map(type, values))
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    if kind is str:
        lengths = ",".join(map(str, map(len, values)))
        return b"s*%b;%b" % (lengths.encode(), "".join(values).encode("utf-8", "surrogatepass"))
    if kind is int:
        return b"i*" + ",".join(map(hex, values)).encode()
    if kind is float:
        return b"f*" + _floats(values)
    encoder = _ENCODERS.get(kind)
    return b"*" + b"".join(map(encoder, values)) if encoder is not None else None


def _floats(values: Sequence[float]) -> bytes:
    numbers = array("d", values)
    if math.isnan(sum(numbers)):
        numbers = array("d", (math.nan if math.isnan(number) else number for number in numbers))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
