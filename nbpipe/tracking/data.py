"""Profiles of data in words; see `nbpipe.runtime.profiles` for what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def size_of(profile: Mapping[str, Any]) -> str:
    """Give how large a table or array is: ``60 rows, 3 columns``."""
    if profile["kind"] == "array":
        return f"{' x '.join(map(str, profile['shape'])) or 'one number'} of {profile['type']}"
    count = len(profile["columns"]) + profile.get("omitted", 0)
    rows = "many rows" if profile["rows"] is None else _counted(profile["rows"], "row")
    return f"{rows}, {_counted(count, 'column')}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def described_columns(profile: Mapping[str, Any]) -> dict[str, str]:
    """Give what is known of each column, by its name; of an array's elements under ``values``."""
    if profile["kind"] == "array":
        return {"values": described(profile)} if described(profile) else {}
    return {column["name"]: f"{column['type']}, {described(column)}".rstrip(", ") for column in profile["columns"]}


def described(part: Mapping[str, Any]) -> str:
    """Give the statistics of a column or of an array's elements in one line."""
    facts = []
    if part.get("min") is not None:
        facts.append(f"{shown(part['min'], part)} to {shown(part['max'], part)}")
    if part.get("mean") is not None:
        facts.append(f"mean {shown(part['mean'], part)}")
    if "distinct" in part:
        facts.append(f"{part['distinct']:,} distinct")
    facts += [f"{part[name]:,} {name}" for name in ("missing", "infinite") if part.get(name)]
    return ", ".join(facts)


def shown(value: float, part: Mapping[str, Any]) -> str:
    """Give a number of a column: a time where the column has times."""
    if part.get("unit") == "s" and "timedelta" not in str(part.get("type")) and "Duration" not in str(part.get("type")):
        try:
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M}"
        except (ValueError, OverflowError, OSError):
            return f"{value:.6g}"
    return f"{value:.6g}"
