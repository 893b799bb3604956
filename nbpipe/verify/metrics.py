"""Metrics as numbers by name."""

from __future__ import annotations

import math
from typing import Any


def flat(name: str, value: Any) -> dict[str, float]:
    """Give the numbers of a recorded metric as a run logs them: by its name, or by name and key of a dict."""
    if isinstance(value, dict):
        return {f"{name}.{key}": float(item) for key, item in value.items()}
    return {} if value is None else {name: float(value)}


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    """Tell whether they are the same numbers; NaN is NaN."""
    return one.keys() == other.keys() and all(
        value == other[key] or (math.isnan(value) and math.isnan(other[key])) for key, value in one.items()
    )
