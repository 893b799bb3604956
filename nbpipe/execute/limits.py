"""What a run may take: time, memory, output."""

from __future__ import annotations

import time
from dataclasses import dataclass

MEGABYTE = 1_000_000
OUTPUT = 10 * MEGABYTE
DISPLAYS = 10
"""Displayed results (figures, tables, widgets) may have so many times the bytes of printed text."""


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


class Clock:
    """Counts the time of one run against its limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._started = time.monotonic()

    def next_limit(self, *, own: bool = False) -> tuple[float | None, str]:
        """Give the seconds that the next cell may take, and how the limit that rules it is called.

        Args:
            own: whether the cell is none of the notebook's: what one of these may take does not hold for it.
        """
        limits = self._limits
        left = None if limits.total is None else max(0.0, limits.total - (time.monotonic() - self._started))
        if limits.cell is not None and not own and (left is None or limits.cell <= left):
            return limits.cell, f"the cell took longer than {limits.cell:g} s (--cell-timeout)"
        return left, f"the notebook took longer than {limits.total or 0:g} s (--timeout)"
