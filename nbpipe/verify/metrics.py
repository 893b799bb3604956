"""Metrics as numbers by name."""

from __future__ import annotations

import math


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    """Tell whether they are the same numbers; NaN is NaN."""
    return one.keys() == other.keys() and all(
        value == other[key] or (math.isnan(value) and math.isnan(other[key])) for key, value in one.items()
    )
