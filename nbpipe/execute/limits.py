"""What a run may take: time, memory, output."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from nbpipe.errors import ConfigError

MEGABYTE = 1_000_000
OUTPUT = 10 * MEGABYTE
DISPLAYS = 10
"""Displayed results (figures, tables, widgets) may have so many times the bytes of printed text."""

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_SIZE = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgt]?i?)b?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a run; None is no limit.

    Attributes:
        cell: seconds for one cell.
        total: seconds for all cells together, counted from when the kernel is up.
        idle: seconds in which a cell shows nothing and uses next to no CPU.
        memory: bytes that the kernel and what it started may have in memory.
        output: bytes that one cell may print; what it displays may have `DISPLAYS` times as many.
        start: seconds for the kernel to come up.
    """

    cell: float | None = None
    total: float | None = None
    idle: float | None = None
    memory: int | None = None
    output: int = OUTPUT
    start: float = 60.0


def parse_size(text: str) -> int:
    """Give the bytes that a text such as ``500MB``, ``2 GiB`` or ``1e6`` means.

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


class Clock:
    """Counts the time of one run against its limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._started = time.monotonic()

    def next_limit(self) -> tuple[float | None, str]:
        """Give the seconds that the next cell may take, and how the limit that rules it is called."""
        limits = self._limits
        left = None if limits.total is None else max(0.0, limits.total - (time.monotonic() - self._started))
        if limits.cell is not None and (left is None or limits.cell <= left):
            return limits.cell, f"the cell took longer than {limits.cell:g} s (--cell-timeout)"
        return left, f"the notebook took longer than {limits.total or 0:g} s (--timeout)"
