"""Values of parameters as Python source that needs no import in the notebook."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import PurePath
from typing import Any


def literal(value: Any) -> str:
    """Give an expression for a value: plain data at any depth, dates, decimals and paths."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    kind = type(value)
    if kind is list:
        return f"[{_joined(value)}]"
    if kind is tuple:
        return f"({_joined(value)}{',' if len(value) == 1 else ''})"
    if kind in (set, frozenset):
        # In an order of its own, so that the same parameters give the same cell.
        items = ", ".join(sorted(map(literal, value)))
        whole = f"{{{items}}}" if items else "()"
        return whole if kind is set and items else f"{kind.__name__}({whole})" if items else f"{kind.__name__}()"
    if kind is dict:
        return f"{{{', '.join(f'{literal(key)}: {literal(item)}' for key, item in value.items())}}}"
    if kind in (dt.date, dt.datetime, dt.time, dt.timedelta):
        return repr(value).replace("datetime.", "__import__('datetime').")
    if kind is Decimal:
        return f"__import__('decimal').{value!r}"
    if isinstance(value, PurePath):
        return f"__import__('pathlib').Path({str(value)!r})"
    return repr(value)


def _joined(values: list[Any] | tuple[Any, ...]) -> str:
    return ", ".join(map(literal, values))
