from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from nbpipe.errors import ConfigError
from nbpipe.settings.parameters import Parameter, coerce, coerce_all, parameters_of


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("int", "5", 5),
        ("int", "-1_000", -1000),
        ("int", 5, 5),
        ("float", "5", 5.0),
        ("float", 5, 5.0),
        ("float", "1e-3", 0.001),
        ("bool", "Yes", True),
        ("bool", "0", False),
        ("bool", False, False),
        ("str", "5", "5"),
        ("str", "None", "None"),
        ("str", "a=b", "a=b"),
        ("None", "None", None),
        ("list", "[1, 'a']", [1, "a"]),
        ("list", "[1, true, null]", [1, True, None]),
        ("list", (1, 2), [1, 2]),
        ("list[float]", "[1, 2]", [1.0, 2.0]),
        ("List[int]", ["1", 2], [1, 2]),
        ("typing.Sequence[str]", '["a"]', ["a"]),
        ("tuple", "[1, 2]", (1, 2)),
        ("tuple[int, ...]", "[1, 2]", (1, 2)),
        ("tuple[int, str]", '[1, "b"]', (1, "b")),
        ("set[int]", "[1, 2, 2]", {1, 2}),
        ("dict", '{"a": 1}', {"a": 1}),
        ("dict[str, float]", "{'a': 1}", {"a": 1.0}),
        ("int | None", "null", None),
        ("int | None", "3", 3),
        ("Optional[int]", None, None),
        ("Union[str, int]", "3", 3),
        ("str | None", "x", "x"),
        ("Literal['a', 'b', 3]", "b", "b"),
        ("Literal['a', 'b', 3]", "3", 3),
        ("Final[int]", "3", 3),
        ("'int | float'", "3.5", 3.5),
        ("Path", "data/x.csv", "data/x.csv"),
        ("date", "2024-02-29", dt.date(2024, 2, 29)),
        ("datetime.datetime | None", "2024-02-29T12:00+00:00", dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)),
        ("Decimal", "1.50", Decimal("1.50")),
        ("not a type", "x", "x"),
        ("Any", "5", "5"),
        ("", "5", 5),
        ("", "plain text", "plain text"),
        ("", "[1, 2]", [1, 2]),
        ("", 2.5, 2.5),
    ],
)
def test_values_are_read_as_their_type(kind: str, given: Any, expected: Any) -> None:
    value = coerce(Parameter("p", kind), given)
    assert value == expected
    assert type(value) is type(expected)


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(coerce(Parameter("p", "float"), "nan"))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("int", "5.0"),
        ("int", 5.0),
        ("int", "x"),
        ("int", ""),
        ("int", True),
        ("int", None),
        ("float", "x"),
        ("float", True),
        ("float", 10**400),
        ("bool", "maybe"),
        ("bool", 2),
        ("str", 5),
        ("list", "1"),
        ("list", "[1"),
        ("list[int]", '["a"]'),
        ("tuple[int, int]", "[1]"),
        ("dict", "[1]"),
        ("dict[str, int]", '{"a": "x"}'),
        ("int | None", "x"),
        ("Literal['a', 'b']", "c"),
        ("Literal[1]", True),
    ],
)
def test_values_of_another_type_are_refused(kind: str, given: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        coerce(Parameter("p", kind), given)
    assert str(raised.value) == f"parameter 'p' must be {kind}, not {given!r}"


def test_unknown_names_are_refused_with_the_list_and_the_nearest() -> None:
    parameters = parameters_of("alpha: float = 0.5\nname = 'x'")
    assert coerce_all(parameters, {"name": "y", "alpha": "1"}) == {"name": "y", "alpha": 1.0}
    listing = "the parameters are: alpha: float = 0.5, name: str = 'x'"
    with pytest.raises(ConfigError) as raised:
        coerce_all(parameters, {"aplha": 1})
    assert str(raised.value) == f"unknown parameter 'aplha'; {listing}. Did you mean 'alpha'?"
    with pytest.raises(ConfigError) as raised:
        coerce_all(parameters, {"alpha": "low"})
    assert str(raised.value) == f"parameter 'alpha' must be float, not 'low'; {listing}"
    with pytest.raises(ConfigError, match="there are no parameters"):
        coerce_all((), {"a": 1})
