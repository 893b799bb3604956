"""JSON, for values that are nothing but plain values."""

from __future__ import annotations

import json
import math
from typing import IO, Any

from .base import Serializer

_MAX_PARTS = 100_000


def _accepts(value: object) -> bool:
    """Only exact types that JSON has, finite, not nested in itself, and no list or dict in two places.

    JSON would make two of a list that stands in two places.
    """
    met: set[int] = set()
    todo = [value]
    while todo:
        part = todo.pop()
        kind = type(part)
        if kind is list or kind is dict:
            if id(part) in met or len(met) + len(todo) > _MAX_PARTS:
                return False
            met.add(id(part))
            todo.extend(part if isinstance(part, list) else _values(part))
        elif kind is float:
            if not math.isfinite(part):  # type: ignore[arg-type]
                return False
        elif kind not in (type(None), bool, int, str):
            return False
    return True


def _values(part: Any) -> list[object]:
    return [*part.values(), *(key if type(key) is str else () for key in part)]


def _write(value: object, file: IO[bytes]) -> None:
    file.write(json.dumps(value, ensure_ascii=True, allow_nan=False).encode())


def _read(file: IO[bytes]) -> Any:
    return json.loads(file.read())


SERIALIZER = Serializer("json", _accepts, _write, _read)
