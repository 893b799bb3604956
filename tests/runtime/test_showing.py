"""What differs in two values is shown side by side: that part of them, and nothing that is the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbpipe.runtime.showing import PLAIN, TABLE, Sides, sides

FRAME = pd.DataFrame({"name": list("abcd"), "price": [1.0, 2.0, np.nan, 4.0]}, index=[10, 20, 30, 40])


def test_of_frames_the_rows_that_differ_with_all_digits() -> None:
    other = FRAME.copy()
    other.loc[20, "price"] = 2.0000000001
    found = sides(FRAME, other)
    assert (found.mime, found.note) == (TABLE, "1 of 4 rows differ, in 1 of 2 columns")
    assert "<td>2.0</td>" in found.a
    assert "<td>2.0000000001</td>" in found.b
    assert "<th>20</th>" in found.a
    assert "<th>10</th>" not in found.a + found.b
    assert "<th>30</th>" not in found.a + found.b  # NaN is NaN


def test_frames_of_other_shapes_are_shown_from_the_top() -> None:
    found = sides(FRAME, FRAME.iloc[:2])
    assert found.note == "4 x 2 and 2 x 2, the first 20 rows"
    assert found.a.count("<tr") > found.b.count("<tr")


def test_values_of_a_frame_are_no_markup() -> None:
    evil = pd.DataFrame({"x": ["<script>alert(1)</script>"]})
    assert "<script>" not in sides(evil, pd.DataFrame({"x": ["y"]})).a


@pytest.mark.parametrize(
    ("a", "b", "one", "other", "note"),
    [
        (
            np.arange(6).reshape(2, 3),
            np.array([[0, 1, 2], [3, 9, 5]]),
            "[1, 1]: 4",
            "[1, 1]: 9",
            "1 of 6 values differ",
        ),
        ([1, "x", 3], [1, "y", 3], "[1]: x", "[1]: y", "1 of 3 items differ"),
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "'b': 2\n'c': (none)", "'b': (none)\n'c': 2", "2 of 3 entries differ"),
        (1.5, 1.25, "1.5", "1.25", ""),
        ("one\ntwo", "one\n2", "one\ntwo", "one\n2", ""),
    ],
    ids=["array", "list", "dict", "number", "text"],
)
def test_of_others_the_parts_that_differ(a: Any, b: Any, one: str, other: str, note: str) -> None:
    assert sides(a, b) == Sides(PLAIN, one, other, note)


def test_of_long_parts_where_they_begin_to_differ() -> None:
    found = sides({"key": "x" * 5000 + "one"}, {"key": "x" * 5000 + "two"})
    assert found.a == f"'key': ...{'x' * 60}one"
    assert found.b == f"'key': ...{'x' * 60}two"


class Model:
    def __init__(self, size: int) -> None:
        self.size = size
        self.inner = object()


class Broken:
    def __repr__(self) -> str:
        raise ValueError


def test_of_objects_the_attributes_that_look_different() -> None:
    assert sides(Model(1), Model(2)) == Sides(PLAIN, "size: 1", "size: 2", "2 of 2 attributes differ")


def test_a_value_that_cannot_be_shown_shows_nothing() -> None:
    assert sides(Broken(), 1) == Sides()
