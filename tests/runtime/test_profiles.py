from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpipe.runtime.profiles import profile, profile_files

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame(
    {
        "number": [1.0, 2.0, None],
        "text": ["secret one", "secret two", None],
        "time": pd.to_datetime(pd.Series(["2020-01-01", None, "2021-01-01"])),
        "there": [True, False, True],
    }
)


def known(value: Any) -> dict[str, Any]:
    """Give the profile of a value, as JSON that any reader takes, with its columns by name."""
    found = profile(value)
    assert found is not None
    plain: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    if "columns" in plain:
        plain["columns"] = {column["name"]: column for column in plain["columns"]}
    return plain


@pytest.mark.parametrize(
    "table",
    [FRAME, pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME), pa.Table.from_pandas(FRAME).to_batches()[0]],
    ids=["pandas", "polars", "arrow", "batch"],
)
def test_a_table_is_told_by_its_columns_whatever_library_it_is_of(table: Any) -> None:
    found = known(table)
    assert (found["kind"], found["rows"]) == ("table", 3)
    number = found["columns"]["number"]
    assert (number["missing"], number["min"], number["max"], number["mean"], number["std"]) == (1, 1.0, 2.0, 1.5, 0.5)
    assert sum(number["histogram"]["counts"]) == 2
    assert (found["columns"]["text"]["missing"], found["columns"]["text"]["distinct"]) == (1, 2)
    assert found["columns"]["time"]["missing"] == 1
    assert found["columns"]["there"]["mean"] == pytest.approx(2 / 3)
    assert "secret" not in json.dumps(found)


def test_times_are_seconds_since_the_epoch() -> None:
    times = [datetime(1970, 1, day, tzinfo=UTC) for day in (2, 3)]
    for table in (pd.DataFrame({"a": times}), pl.DataFrame({"a": times})):
        column = known(table)["columns"]["a"]
        assert (column["unit"], column["min"], column["max"]) == ("s", 86400.0, 172800.0)


def test_columns_of_any_type_are_told() -> None:
    frame = pd.DataFrame({"lists": [[1], [2]], "complex": [1j, 2j], "kind": pd.Categorical(["a", "b"])})
    frame["nullable"] = pd.array([1, None], dtype="Int64")
    columns = known(frame)["columns"]
    assert columns["kind"]["distinct"] == 2
    assert (columns["nullable"]["missing"], columns["nullable"]["max"]) == (1, 1.0)
    assert set(columns) == {"lists", "complex", "kind", "nullable"}
    twice = profile(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert twice is not None
    assert [column["max"] for column in twice["columns"]] == [1.0, 2.0]


def test_arrays() -> None:
    found = known(np.array([[1.0, np.nan], [np.inf, 3.0]]))
    assert (found["kind"], found["shape"], found["missing"], found["infinite"]) == ("array", [2, 2], 1, 1)
    assert (found["min"], found["max"]) == (1.0, 3.0)
    sparse = known(scipy.sparse.csr_matrix(np.eye(3)))
    assert (sparse["shape"], sparse["stored"]) == ([3, 3], 3)
    records = known(np.array([("Ann", 1.0)], dtype=[("name", "U3"), ("value", "f8")]))
    assert records["columns"]["value"]["max"] == 1.0
    assert "Ann" not in json.dumps(records)


def test_plain_lists_of_numbers_and_of_rows() -> None:
    assert known([1, 2, 3.5])["mean"] == pytest.approx(13 / 6)
    rows = known([{"name": "Ann", "age": 3}, {"name": "Bo", "age": None}])
    assert (rows["rows"], rows["columns"]["age"]["missing"], rows["columns"]["name"]["distinct"]) == (2, 1, 2)
    assert known([(1, "x"), (2, "y")])["columns"]["0"]["max"] == 2.0


@pytest.mark.parametrize("value", ["text", 5, {"a": 1}, [], None, [object()], (1, "a"), np.float64(3.0), pd.DataFrame])
def test_what_is_no_table_or_array_has_no_profile(value: Any) -> None:
    assert profile(value) is None


def test_large_data_is_sampled_and_says_so() -> None:
    rows = 1_000_000
    found = known(pd.DataFrame({"a": np.arange(rows, dtype=float)}))
    assert found["rows"] == rows
    assert 10_000 < found["sampled"] <= 20_000
    assert found["columns"]["a"]["mean"] == pytest.approx(rows / 2, rel=0.01)
    wide = profile(pd.DataFrame(np.zeros((5, 300))))
    assert wide is not None
    assert (len(wide["columns"]), wide["omitted"]) == (200, 100)
    assert known(np.zeros((2000, 2000)).T[::2])["sampled"] <= 20_000


def test_nothing_is_drawn_and_nothing_is_changed() -> None:
    np.random.seed(1)  # noqa: NPY002 - the global generator is what must not move
    before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    frame = pd.DataFrame({"a": np.arange(100_000.0)})
    profile(frame)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002
    assert frame.equals(pd.DataFrame({"a": np.arange(100_000.0)}))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(width=32)), min_size=2, max_size=40))
def test_statistics_are_those_of_the_numbers(values: list[float | None]) -> None:
    array = np.array([np.nan if value is None else value for value in values], dtype=float)
    finite = array[np.isfinite(array)]
    column = known(pd.DataFrame({"a": array}))["columns"]["a"]
    assert column["missing"] == int(np.isnan(array).sum())
    assert column.get("min") == (float(finite.min()) if finite.size else None)
    if "histogram" in column:
        assert sum(column["histogram"]["counts"]) == finite.size


def test_files_are_told_by_their_beginning(tmp_path: Path) -> None:
    people, numbers, table = tmp_path / "people.csv", tmp_path / "numbers.tsv", tmp_path / "table.parquet"
    people.write_text("name;age\n" + "".join(f"Person {n};{n}\n" for n in range(20_000)))
    numbers.write_text("1\t2\n3\t4\n5\t\n")
    pq.write_table(pa.Table.from_pandas(FRAME), table)
    (tmp_path / "broken.parquet").write_bytes(b"nothing")
    (tmp_path / "note.txt").write_text("a,b\n")
    (tmp_path / "empty.csv").write_text("")
    found = profile_files({str(path): "" for path in tmp_path.iterdir()})
    assert set(found) == {str(people), str(numbers), str(table)}
    assert (found[str(people)]["rows"], found[str(people)]["sampled"]) == (20_000, 500)
    assert [column["name"] for column in found[str(people)]["columns"]] == ["name", "age"]
    assert "Person" not in json.dumps(found)
    # Without a heading the first row is data, and told by no name.
    assert [column["name"] for column in found[str(numbers)]["columns"]] == ["0", "1"]
    assert (found[str(numbers)]["rows"], found[str(numbers)]["columns"][1]["missing"]) == (3, 1)
    stored = {column["name"]: column for column in found[str(table)]["columns"]}
    assert (stored["number"]["min"], stored["number"]["max"], stored["number"]["missing"]) == (1.0, 2.0, 1)
