"""What a comparison may look past, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from nbpipe.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

_SLACK = timedelta(minutes=2)

RTOL: Final = Settings.verify_rtol.default
"""Default relative tolerance: six digits agree. A changed fourth digit is a difference, noise in the last shown
digit of a six-digit display is not."""

ATOL: Final = Settings.verify_atol.default
"""Default absolute tolerance: what sums of rounding errors around zero leave."""

IMAGE_THRESHOLD: Final = Settings.verify_image_threshold.default
"""Default for pictures: see `Tolerance.image`."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Numbers a and b agree when ``abs(a - b) <= atol + rtol * max(abs(a), abs(b))``.

    Attributes:
        image: two pictures agree when, after the mean over 3 x 3 pixels was taken, no pixel differs by more than this
            share of the range of a colour: the edges of letters and lines may be smoothed otherwise, but no line and
            no point may be elsewhere.
    """

    rtol: float = RTOL
    atol: float = ATOL
    image: float = IMAGE_THRESHOLD


@dataclass(frozen=True, slots=True)
class Context:
    """One comparison.

    Attributes:
        started: when the fresh run began; a clock reading in its outputs lies between then and `ended`.
        ended: when it ended.
        names: element ids seen so far, stored to fresh: the same id must become the same id.
        off: names of normalisers that may not be used.
        folders: of the fresh run, which may be called otherwise on another machine: the notebook's own, the home.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime = field(default_factory=lambda: datetime.now(UTC))
    names: dict[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()

    def uses(self, name: str) -> bool:
        """Tell whether a normaliser may be used."""
        return name not in self.off

    def changed(self, tolerance: Tolerance | None = None, off: Iterable[str] = ()) -> Context:
        """Give the same comparison with another tolerance and without some more normalisers."""
        return replace(self, tolerance=tolerance or self.tolerance, off=self.off | frozenset(off))

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
