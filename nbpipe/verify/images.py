"""Comparing pictures: by their bytes, by their pixels, and by what an eye would see of a difference."""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.verify.text import Comparison

if TYPE_CHECKING:
    from nbpipe.verify.context import Context

METADATA = "picture metadata"
SMOOTHING = "smoothing of pictures"
_MOST_PIXELS = 50_000_000  # of a picture that is looked at; a larger one is compared by its bytes


class Distance(NamedTuple):
    """How far two pictures of the same size are apart.

    Attributes:
        largest: the largest difference of a colour after smoothing, as a share of its range.
        share: of the pixels that differ by more than the threshold.
    """

    largest: float
    share: float


def compare_image(stored: str, fresh: str, context: Context) -> Comparison:
    """Compare two pictures given as base64."""
    left, right = decode(stored), decode(fresh)
    if left == right:
        return Comparison(same=True)
    pair = _pixels(left, right)
    if pair is None:
        return Comparison(same=False)
    if pair[0].tobytes() == pair[1].tobytes():
        return Comparison(same=context.uses(METADATA), needed=(METADATA,))
    if not context.uses(SMOOTHING):
        return Comparison(same=False)
    found = _distance(*pair, context.tolerance.image)
    return Comparison(same=found.share == 0, needed=(SMOOTHING,))


def show_image_difference(mime: str, stored: str, fresh: str, context: Context) -> str:
    """Say in a few lines in what two pictures differ."""
    left, right = decode(stored), decode(fresh)
    lines = [f"- {mime}: {describe(stored)}", f"+ {mime}: {describe(fresh)}"]
    pair = _pixels(left, right)
    if pair is not None:
        found = _distance(*pair, context.tolerance.image)
        lines.append(f"  ({found.share:.2%} of the pixels look different, the most by {found.largest:.0%})")
    return "\n".join(lines)


def difference_image(stored: str, fresh: str, threshold: float) -> str | None:
    """Draw where two pictures (base64) differ, red on a pale copy: base64 of a PNG, None if nowhere."""
    pair = _pixels(decode(stored), decode(fresh))
    if pair is None:
        return None
    from PIL import Image

    mask = _mask(*pair, threshold)
    if mask.getbbox() is None:
        return None
    pale = Image.blend(pair[1], Image.new("RGB", pair[1].size, "white"), 0.75)
    pale.paste(Image.new("RGB", pale.size, (220, 20, 20)), mask=mask)
    buffer = io.BytesIO()
    pale.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()


def describe(base64_text: str) -> str:
    """Give the size of a picture, in pixels and bytes, and a checksum."""
    data = decode(base64_text)
    size = _size(data)
    told = f"{size[0]} x {size[1]} pixels, " if size is not None else ""
    return f"{told}{len(data)} bytes, CRC {zlib.crc32(data):08x}"


def decode(text: str) -> bytes:
    """Give the bytes of a base64 text, or of the text itself where it is none."""
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text.encode(errors="replace")


def _pixels(left: bytes, right: bytes) -> tuple[Any, Any] | None:
    """Give both pictures as they look on white paper; None where Pillow cannot read one, or their sizes differ."""
    size = _size(left)
    if size is None or size != _size(right):
        return None
    one, other = _read(left), _read(right)
    return None if one is None or other is None else (one, other)


@lru_cache(maxsize=64)
def _size(data: bytes) -> tuple[int, int] | None:
    """Give the size of a picture, from its first bytes; None where it is none, or too large to be looked at."""
    if find_spec("PIL") is None:
        return None
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.size if picture.width * picture.height <= _MOST_PIXELS else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


@lru_cache(maxsize=4)
def _read(data: bytes) -> Any:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if getattr(picture, "is_animated", False):
                return None
            layer = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")


def _distance(stored: Any, fresh: Any, threshold: float) -> Distance:
    smoothed = _smoothed(stored, fresh)
    histogram = smoothed.histogram()
    largest = max(level for level, count in enumerate(histogram) if count)
    limit = int(threshold * 255)
    return Distance(largest / 255, sum(histogram[limit + 1 :]) / sum(histogram))


def _mask(stored: Any, fresh: Any, threshold: float) -> Any:
    limit = int(threshold * 255)
    return _smoothed(stored, fresh).point([0 if level <= limit else 255 for level in range(256)])


def _smoothed(stored: Any, fresh: Any) -> Any:
    """Give the largest difference of the three colours at each pixel, each the mean over 3 x 3 pixels before."""
    from PIL import ImageChops, ImageFilter

    mean = ImageFilter.BoxBlur(1)
    red, green, blue = ImageChops.difference(stored.filter(mean), fresh.filter(mean)).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)
