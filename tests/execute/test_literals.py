from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbpipe.execute import run_notebook
from nbpipe.execute.literals import literal
from tests.execute.making import code, shown, write_notebook

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.complex_numbers(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
        | st.sets(st.integers() | st.text(max_size=3), max_size=4)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_a_literal_is_the_value_without_any_import(value: Any) -> None:
    text = literal(value)
    found = eval(text, {})
    assert found == value
    assert type(found) is type(value)
    assert literal(found) == text


def test_numbers_that_are_none_and_paths_have_a_literal() -> None:
    assert eval(literal([float("inf"), Path("a/b")]), {}) == [float("inf"), Path("a/b")]
    (nan,) = eval(literal((float("nan"),)), {})
    assert math.isnan(nan)


def test_dates_and_paths_reach_the_notebook_as_such(tmp_path: Path) -> None:
    parameters = (
        "from datetime import date\nfrom pathlib import Path\n"
        "day: date = date(2020, 1, 1)\nfolder: Path = Path('x')\nlimit: 'Decimal' = None"
    )
    show = "print(repr(day), repr(folder), repr(limit), sorted(tags))"
    source = write_notebook(tmp_path / "a.ipynb", code(parameters + "\ntags = {'a'}", "parameters"), show)
    given: dict[str, Any] = {"day": "2024-02-29", "folder": Path("y/z"), "limit": Decimal("1.5"), "tags": ["q", "p"]}
    record = run_notebook(source, parameters=given)
    assert record.parameters["day"] == dt.date(2024, 2, 29)
    expected = "datetime.date(2024, 2, 29) PosixPath('y/z') Decimal('1.5') ['p', 'q']\n"
    assert shown(tmp_path / "a.executed.ipynb")[2] == expected
