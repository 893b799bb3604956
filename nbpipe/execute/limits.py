"""How long a run may take."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits in seconds; None is no limit.

    Attributes:
        cell: for one cell.
        total: for all cells together, counted from when the kernel is up.
        start: for the kernel to come up.
    """

    cell: float | None = None
    total: float | None = None
    start: float = 60.0


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
