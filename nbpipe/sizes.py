"""L0: numbers of bytes, as people write and read them."""

from __future__ import annotations

import re

from nbpipe.errors import ConfigError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_SIZE = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgt]?i?)b?\s*", re.IGNORECASE)


def parse_size(text: str) -> int:
    """Give the bytes that a text such as ``500MB``, ``2 GiB`` or ``1000`` means.

    Raises:
        ConfigError: it means none.
    """
    match = _SIZE.fullmatch(text)
    size = int(float(match["number"]) * _UNITS.get(match["unit"].lower(), 0)) if match else 0
    if size <= 0:
        raise ConfigError(f"'{text}' is no size; write it as 500MB or 2GiB")
    return size


def shown_size(size: float) -> str:
    """Give a number of bytes as people read it: ``1.5 GB``."""
    units = ["TB", "GB", "MB", "kB", "bytes"]
    while size >= 1000 and len(units) > 1:  # noqa: PLR2004 - the next unit
        size /= 1000
        units.pop()
    return f"{size:.3g} {units[-1]}"
