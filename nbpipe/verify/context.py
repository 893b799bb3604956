"""What a comparison may look past, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_SLACK = timedelta(minutes=2)

RTOL = 1e-5
"""Default relative tolerance: six digits agree. A changed fourth digit is a difference, noise in the last shown
digit of a six-digit display is not."""

ATOL = 1e-12
"""Default absolute tolerance: what sums of rounding errors around zero leave."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Numbers a and b agree when ``abs(a - b) <= atol + rtol * max(abs(a), abs(b))``."""

    rtol: float = RTOL
    atol: float = ATOL


@dataclass(frozen=True, slots=True)
class Context:
    """One comparison.

    Attributes:
        started: when the fresh run began; a clock reading in its outputs lies between then and `ended`.
        ended: when it ended.
        names: element ids seen so far, stored to fresh: the same id must become the same id.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))
    names: dict[str, str] = field(default_factory=dict)

    def is_now(self, moment: datetime) -> bool:
        """Tell whether a moment without time zone can be a reading of the clock in the run, in local time or UTC."""
        start, end = self.started.astimezone(UTC), self.ended.astimezone(UTC)
        offset = datetime.now().astimezone().utcoffset() or timedelta()
        return any(
            start.replace(tzinfo=None) + shift - _SLACK <= moment <= end.replace(tzinfo=None) + shift + _SLACK
            for shift in (timedelta(), offset)
        )

    def is_today(self, moment: datetime) -> bool:
        """Tell whether a date can be that of the run, in any time zone."""
        return self.started.date() - timedelta(days=1) <= moment.date() <= self.ended.date() + timedelta(days=1)
