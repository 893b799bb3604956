"""Parameter values as JSON and back, with the types that JSON does not have."""

from __future__ import annotations

import base64
import datetime as dt
import math
from decimal import Decimal
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TAG = "$type"

_READERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "bytes": base64.b64decode,
    "complex": lambda parts: complex(*parts),
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda parts: dt.timedelta(*parts),
    "Decimal": Decimal,
    "Path": Path,
    "tuple": lambda items: tuple(map(decode, items)),
    "set": lambda items: set(map(decode, items)),
    "frozenset": lambda items: frozenset(map(decode, items)),
    "dict": lambda pairs: {decode(key): decode(item) for key, item in pairs},
}


def encode(value: Any) -> Any:
    """Give a value as JSON.

    Raises:
        TypeError: it is not of a type that a parameter can have.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {_TAG: "float", "value": repr(value)}
    if kind is list:
        return [encode(item) for item in value]
    if kind is dict and all(type(key) is str for key in value) and _TAG not in value:
        return {key: encode(item) for key, item in value.items()}
    tag, content = _tagged(value)
    return {_TAG: tag, "value": content}


def _tagged(value: Any) -> tuple[str, Any]:
    kind = type(value)
    if kind in (tuple, set, frozenset):
        return kind.__name__, [encode(item) for item in value]
    if kind is dict:
        return "dict", [[encode(key), encode(item)] for key, item in value.items()]
    if kind is bytes:
        return "bytes", base64.b64encode(value).decode()
    if kind is complex:
        return "complex", [value.real, value.imag]
    if kind is dt.timedelta:
        return "timedelta", [value.days, value.seconds, value.microseconds]
    if kind in (dt.date, dt.datetime, dt.time):
        return kind.__name__, value.isoformat()
    if kind is Decimal or isinstance(value, PurePath):
        return "Decimal" if kind is Decimal else "Path", str(value)
    raise TypeError(f"a parameter cannot be a {kind.__name__}")


def decode(value: Any) -> Any:
    """Give the value that `encode` was given."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        if _TAG in value:
            return _READERS[value[_TAG]](value["value"])
        return {key: decode(item) for key, item in value.items()}
    return value
