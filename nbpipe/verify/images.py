"""Comparing pictures by what they show: the bytes, and for PNG the pixels without what the file says about itself."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from typing import TYPE_CHECKING

from nbpipe.verify.text import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = 8  # of a chunk: length and type; a checksum of four bytes ends it
# Chunks that decide what the picture looks like (PNG specification, 11.2 and 11.3.2).
_PIXELS = (b"IHDR", b"PLTE", b"IDAT", b"tRNS")


def compare_image(stored: str, fresh: str) -> Comparison:
    """Compare two pictures given as base64."""
    left, right = _decode(stored), _decode(fresh)
    if left == right:
        return Comparison(same=True)
    if left.startswith(_PNG) and right.startswith(_PNG):
        try:
            if _pixels(left) == _pixels(right):
                return Comparison(same=True, needed=("picture metadata",))
        except (struct.error, zlib.error):
            pass
    return Comparison(same=False)


def show_image_difference(mime: str, stored: str, fresh: str) -> str:
    """Say in one line in what two pictures differ."""
    return f"- {mime}: {_describe(_decode(stored))}\n+ {mime}: {_describe(_decode(fresh))}"


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text.encode(errors="replace")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + _HEAD <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + _HEAD])
        yield kind, data[at + _HEAD : at + _HEAD + length]
        at += _HEAD + length + 4


def _pixels(png: bytes) -> tuple[bytes, ...]:
    """Give what decides the look of a PNG; the compressed rows are unpacked, since packing may differ."""
    found = dict.fromkeys(_PIXELS, b"")
    for kind, content in _chunks(png):
        if kind in found:
            found[kind] += content
    return (*(found[kind] for kind in _PIXELS if kind != b"IDAT"), zlib.decompress(found[b"IDAT"]))


def _describe(data: bytes) -> str:
    if data.startswith(_PNG) and len(data) > len(_PNG) + _HEAD + _HEAD:
        width, height = struct.unpack(">II", data[16:24])
        return f"{width} x {height} pixels, {len(data)} bytes, CRC {zlib.crc32(data):08x}"
    return f"{len(data)} bytes, CRC {zlib.crc32(data):08x}"
