from __future__ import annotations

import pytest

from nbpipe.settings.parameters import NoValue, Parameter, parameters_of


def test_names_types_defaults_and_help_come_from_the_cell() -> None:
    source = """
# Settings of the run.
n: int = 5  # how many trees
rate = 0.1
name = 'x'      # type: str who it is for
on, off = True, False
folds: "list[int]" = [1, 2]
limit: int | None = None
seconds = 60 * 60
required: float
computed = len(name)
import os
os.environ = {}
"""
    assert parameters_of(source) == (
        Parameter("n", "int", 5, "how many trees", "5"),
        Parameter("rate", "float", 0.1, "", "0.1"),
        Parameter("name", "str", "x", "who it is for", "'x'"),
        Parameter("on", "bool", True, "", "True"),  # noqa: FBT003
        Parameter("off", "bool", False, "", "False"),  # noqa: FBT003
        Parameter("folds", "list[int]", [1, 2], "", "[1, 2]"),
        Parameter("limit", "int | None", None, "", "None"),
        Parameter("seconds", "int", 3600, "", "60 * 60"),
        Parameter("required", "float", NoValue.REQUIRED),
        Parameter("computed", "", NoValue.COMPUTED, "", "len(name)"),
    )


def test_the_last_assignment_gives_the_default() -> None:
    assert parameters_of("a = 1\nb = 2\na = 'x'") == (
        Parameter("a", "str", "x", "", "'x'"),
        Parameter("b", "int", 2, "", "2"),
    )


@pytest.mark.parametrize("source", ["", "a = (", "\0", "if True:\n    a = 1", "a.b = 1", "a[0] = 1", "print(1)"])
def test_what_assigns_nothing_at_the_top_gives_none(source: str) -> None:
    assert parameters_of(source) == ()


@pytest.mark.parametrize("default", ["1 / 0", "'a' * 3", "1 + 'a'", "[x for x in y]", "2 ** 9999", "-x", "f'{a}'"])
def test_what_is_no_literal_is_computed(default: str) -> None:
    assert parameters_of(f"a = {default}")[0].default is NoValue.COMPUTED


@pytest.mark.parametrize(
    ("source", "shown"), [("n: int = 5", "n: int = 5"), ("n: int", "n: int"), ("n = None", "n = None")]
)
def test_a_parameter_reads_as_python_writes_it(source: str, shown: str) -> None:
    assert str(parameters_of(source)[0]) == shown
