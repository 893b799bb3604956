from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from nbpipe.runtime.comparing import CLOSE, DIFFERENT, EQUAL, NOT_COMPARABLE, compare, compare_stored
from nbpipe.runtime.serializers import save_value
from nbpipe.runtime.store import Store
from tests.runtime.samples import LIBRARY, PLAIN, Account

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = {**PLAIN, **LIBRARY}
NUDGE = 1e-9


@pytest.mark.parametrize("name", SAMPLES)
def test_a_value_is_equal_to_itself_and_to_no_other(name: str) -> None:
    value = SAMPLES[name]()
    assert compare(value, SAMPLES[name]()).verdict == EQUAL
    for other in ("dict", "array", "frame", "slots", "forest"):
        if other != name and {other, name} != {"array", "fortran array"}:
            assert compare(value, SAMPLES[other](), rtol=0.1, atol=0.1).verdict == DIFFERENT


def _account(amount: float) -> Account:
    return Account("anna", [1.0, amount])


def _model(shift: float) -> Any:
    model = LIBRARY["fitted pipeline"]()
    model[-1].coef_ = model[-1].coef_ + shift
    return model


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda shift: 2.0 + shift, ""),
        (lambda shift: {"a": [1, (2.0 + shift,)]}, "['a'][1][0]"),
        (lambda shift: complex(1, 2 + shift), ""),
        (lambda shift: np.float64(2.0 + shift), ""),
        (lambda shift: np.array([[1.0, 2.0], [3.0, 4.0 + shift]]), "[1, 1]"),
        (lambda shift: np.array([1.0, 2.0 + shift], dtype=object), "[1]"),
        (lambda shift: pd.DataFrame({"a": [1, 2], "b": [1.0, 2.0 + shift]}), "['b'][1]"),
        (lambda shift: pd.Series([1.0, 2.0 + shift], name="s"), "[1]"),
        (lambda shift: pd.Series([1.0, 2.0], index=[0.0, 1.0 + shift]), ".index[1]"),
        (lambda shift: _account(2.0 + shift), ".entries[1]"),
        (_model, ".steps[1][1].coef_"),
    ],
)
def test_numbers_within_the_tolerance_are_close(make: Any, where: str) -> None:
    result = compare(make(NUDGE), make(0.0), rtol=1e-6, atol=1e-6)
    assert result.verdict == CLOSE
    assert result.where.startswith(where)
    assert result.difference == pytest.approx(NUDGE, rel=0.01)
    beyond = compare(make(NUDGE), make(0.0), atol=NUDGE / 10)
    assert beyond.verdict == DIFFERENT
    assert beyond.where.startswith(where)


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ([1.0 + NUDGE, "a"], [1.0, "b"], "[1]"),
        ({"a": 1.0 + NUDGE, "b": 1}, {"a": 1.0, "c": 1}, ""),
        ({"a": 1.0, "b": 1.0}, {"b": 1.0, "a": 1.0}, ""),
        ([1.0], [1], "[0]"),
        ([1.0, 2.0], [1.0], ""),
        (np.array([1.0, np.nan]), np.array([1.0 + NUDGE, 2.0]), "[1]"),
        (np.array([1.0]), np.array([1.0], dtype="f4"), ""),
        (np.array([2**60]), np.array([2**60 + 1]), "[0]"),
        (pd.Series([1.0], name="a"), pd.Series([1.0 + NUDGE], name="b"), ""),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1.0 + NUDGE], "b": [1]}), ".columns"),
        (pd.DataFrame({"a": ["x"], "b": [1.0]}), pd.DataFrame({"a": ["y"], "b": [1.0 + NUDGE]}), "['a'][0]"),
        ({1.0}, {1.0 + NUDGE}, ""),
    ],
)
def test_one_part_that_differs_outweighs_all_that_are_close(first: Any, second: Any, where: str) -> None:
    result = compare(first, second, atol=NUDGE * 10)
    assert result.verdict == DIFFERENT
    assert result.where == where
    assert result.reason


def test_what_no_number_shows_counts_beside_close_numbers() -> None:
    frame = pd.DataFrame({"a": [1.0]})
    strict = frame.set_flags(allows_duplicate_labels=False)
    result = compare([1.0 + NUDGE, frame], [1.0, strict], atol=1e-6)
    assert (result.verdict, result.where) == (DIFFERENT, "[1]")


def test_unsigned_numbers_do_not_wrap() -> None:
    result = compare(np.array([0], "u1"), np.array([255], "u1"), atol=10)
    assert (result.verdict, result.difference) == (DIFFERENT, 255.0)


def test_masks_count() -> None:
    first, second = np.ma.masked_array([1.0], [True]), np.ma.masked_array([1.0], [False])
    assert compare(first, second, atol=1.0).verdict == DIFFERENT


def test_the_signs_of_zeros_are_close_not_equal() -> None:
    assert compare(0.0, -0.0).verdict == CLOSE
    assert compare(np.array([0.0]), np.array([-0.0])).verdict == CLOSE


def test_the_largest_difference_is_reported() -> None:
    result = compare([1.0 + 1e-9, 2.0 + 1e-7, 3.0], [1.0, 2.0, 3.0], atol=1e-6)
    assert result.where == "[1]"
    assert result.difference == pytest.approx(1e-7)


def test_what_has_no_value_is_not_comparable() -> None:
    result = compare([iter([1])], [iter([1])])
    assert result.verdict == NOT_COMPARABLE
    assert result.reason.startswith("[0]: a list_iterator")


def test_stored_values(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keys = [save_value(value, store).key for value in ([1.0], [1.0 + NUDGE], [5.0])]
    sides = [{"store": str(tmp_path), "key": key} for key in (*keys, "0" * 64 + ".json")]
    request = {
        "pairs": [
            {"name": "close", "a": sides[0], "b": sides[1], "atol": 1e-6},
            {"name": "different", "a": sides[0], "b": sides[2]},
            {"name": "gone", "a": sides[0], "b": sides[3]},
        ]
    }
    found = compare_stored(request)["comparisons"]
    assert {name: comparison["verdict"] for name, comparison in found.items()} == {
        "close": CLOSE,
        "different": DIFFERENT,
        "gone": NOT_COMPARABLE,
    }
