"""Digests of files: equal for equal content, whatever its bytes; nothing in a pickle is run."""

from __future__ import annotations

import gzip
import io
import os
import pickle
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.runtime.unread_pickles import UnreadableError, digest
from nbpipe.runtime.written import contents, value_digest

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
)


def of(value: Any, protocol: int = 4) -> str:
    return digest(io.BytesIO(pickle.dumps(value, protocol)))


class Touch:
    """Leaves a file when it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


@given(PLAIN)
def test_a_copy_of_a_value_has_its_digest(value: object) -> None:
    assert of(value) == of(pickle.loads(pickle.dumps(value)))


@given(PLAIN, PLAIN)
def test_values_of_other_content_have_another_digest(one: object, other: object) -> None:
    assert (of(one) == of(other)) == (repr(one) == repr(other))


def test_one_object_twice_and_two_equal_ones_are_the_same() -> None:
    text = "ab"
    one, two = [text, text], [text, text[:1] + "b"]
    assert pickle.dumps(one) != pickle.dumps(two)
    assert of(one) == of(two)


def test_a_value_that_holds_itself_has_a_digest() -> None:
    value: list[object] = [1]
    value.append(value)
    assert of(value) == of(pickle.loads(pickle.dumps(value)))


def test_nothing_of_a_pickle_is_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    file = tmp_path / "trap.pkl"
    file.write_bytes(pickle.dumps(Touch(str(trap))))
    assert value_digest(str(file)).startswith("pickle:")
    assert not trap.exists()


def test_models_and_frames() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    points, targets = np.arange(12.0).reshape(6, 2), np.array([0, 1, 0, 1, 1, 0])
    model = linear.LogisticRegression().fit(points, targets)
    other = linear.LogisticRegression(C=2.0).fit(points, targets)
    copy = pickle.loads(pickle.dumps(model))
    assert of(model) == of(copy) != of(other)
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert of(frame) == of(frame.copy()) != of(frame.rename(columns={"a": "c"}))


def test_joblib_keeps_arrays_between_the_parts() -> None:
    def stored(value: object) -> str:
        file = io.BytesIO()
        joblib.dump(value, file)
        return digest(io.BytesIO(file.getvalue()))

    points = {"x": np.arange(100.0), "n": 3}
    assert stored(points) == stored(pickle.loads(pickle.dumps(points)))
    assert stored(points) != stored({"x": np.arange(100.0) + 1e-9, "n": 3})


def test_what_pandas_keeps_ready_is_no_part_of_a_value() -> None:
    plain, shown = (pd.to_datetime(["2024-01-01", "2024-01-02"]).array for _ in range(2))
    vars(shown)["_cache"] = {"unit": "ns"}  # as pandas 2 leaves it when a value is shown
    assert pickle.dumps(plain) != pickle.dumps(shown)
    assert of(plain) == of(shown) != of(pd.to_datetime(["2024-01-01", "2024-01-03"]).array)


def test_of_an_array_its_elements_are_told_however_they_lie_in_memory() -> None:
    kind = np.dtype({"names": ["n", "x"], "formats": ["u1", "f8"], "offsets": [0, 8], "itemsize": 16})
    one, two = (np.full(32, filler, dtype="u1").view(kind) for filler in (0, 255))
    for records in (one, two):
        records["n"], records["x"] = [1, 2], [0.5, 0.25]
    table = np.arange(6.0).reshape(2, 3)

    def stored(value: object) -> str:
        file = io.BytesIO()
        joblib.dump(value, file)
        return digest(io.BytesIO(file.getvalue()))

    for told in (of, lambda value: of(value, 5), stored):
        assert told([one]) == told([two])  # what lies between the fields is nobody's
        assert told([one]) != told([one[::-1].copy()])
        assert told([table]) == told([np.asfortranarray(table)]) != told([table.T])
        assert told([table]) != told([table.reshape(6)])
        assert told(np.array([{"a": 1}, "b"], dtype=object)) != told(np.array([{"a": 2}, "b"], dtype=object))
    assert of(np.ma.array([1, 2], mask=[False, True])) != of(np.ma.array([1, 2], mask=[True, False]))


def test_what_is_no_pickle_is_not_told() -> None:
    with pytest.raises(UnreadableError):
        digest(io.BytesIO(b"\x80 no pickle"))


def test_joblib_keeps_pickles_of_arrays_of_objects_between_the_parts(tmp_path: Path) -> None:
    def stored(*names: str, fitted: float = 1.0) -> str:
        file = io.BytesIO()
        joblib.dump([np.array(names, dtype=object), np.array([fitted])], file)
        return digest(io.BytesIO(file.getvalue()))

    text = "age of the house"
    # One object twice and two equal ones are written differently.
    assert stored(text, text) == stored(text, " ".join(text.split())) != stored(text, "age")
    assert stored(text) != stored(text, fitted=1.5)
    file = io.BytesIO()
    joblib.dump(np.array([Touch(str(tmp_path / "left"))], dtype=object), file)
    assert digest(io.BytesIO(file.getvalue()))
    assert not (tmp_path / "left").exists()


def test_a_class_of_the_notebook_is_that_of_the_package() -> None:
    source = b"\x80\x04c%s\nModel\n)\x81}(V\x61\nK\x01ub."
    notebook, package = (source % module for module in (b"__main__", b"churn.definitions"))
    assert digest(io.BytesIO(notebook), ("churn",)) == digest(io.BytesIO(package), ("churn",))
    assert digest(io.BytesIO(notebook)) != digest(io.BytesIO(package))


def test_files_that_hold_when_they_were_written(tmp_path: Path) -> None:
    for name, moment in (("a.csv.gz", 1), ("b.csv.gz", 2)):
        with gzip.GzipFile(tmp_path / name, "wb", mtime=moment) as file:
            file.write(b"x,y\n1,2\n")
    found = contents([str(tmp_path / "a.csv.gz"), str(tmp_path / "b.csv.gz"), str(tmp_path / "none")])
    one, two = found.values()
    assert one["sha256"] != two["sha256"]
    assert one["value"] == two["value"] != ""


def test_text_is_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n")
    assert value_digest(str(file)) == ""
