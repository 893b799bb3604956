from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nbpipe.runtime.parameters import decode, encode


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        0.1,
        float("inf"),
        "text",
        b"\x00\xff",
        1 - 2j,
        [1, (2, {"a"})],
        {"a": {1: "b"}},
        {"$type": "not a tag"},
        frozenset({1}),
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC),
        dt.time(12),
        dt.timedelta(days=-1, microseconds=3),
        Decimal("1.10"),
        Path("a/b"),
    ],
    ids=repr,
)
def test_values_survive_json_with_their_types(value: Any) -> None:
    again = decode(json.loads(json.dumps(encode(value), allow_nan=False)))
    assert again == value
    assert type(again) is type(value) or isinstance(value, Path)


def test_not_a_number_survives() -> None:
    again = decode(json.loads(json.dumps(encode(float("nan")), allow_nan=False)))
    assert again != again  # noqa: PLR0124 - true for NaN alone


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="a parameter cannot be a object"):
        encode([object()])
