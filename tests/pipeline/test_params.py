from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import ConfigError
from nbpipe.pipeline.params import read_parameters, read_values

if TYPE_CHECKING:
    from pathlib import Path


def _values(folder: Path, text: str) -> dict[str, object]:
    path = folder / "params.yaml"
    path.write_text(text)
    return read_values(path)


def test_locations_are_parameters_too(tmp_path: Path) -> None:
    assert _values(tmp_path, "depth: 3\ndata:\n  rows: a.csv\n") == {"depth": 3, "rows": "a.csv"}
    assert _values(tmp_path, "# nothing\n") == {}
    assert read_values(tmp_path / "none.yaml") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2", "params.yaml, line 2"),
        ("- 1\n", "must be 'name: value' lines, not a list"),
        ("data: 3\n", "'data' must be a section"),
        ("a: 1\ndata:\n  a: 2\n", "'a' stands both in 'data' and outside"),
        ("max depth: 1\n", "'max depth' cannot be a parameter's name"),
        ("a: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
        ("a: \x00\n", "params.yaml"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _values(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_types_and_defaults_of_the_class(tmp_path: Path) -> None:
    path = tmp_path / "params.py"
    path.write_text(
        "from dataclasses import dataclass\n\n@dataclass\nclass Params:\n    '''Doc.'''\n\n    depth: int = 3\n"
    )
    assert [str(parameter) for parameter in read_parameters(path, {}, ("depth",))] == ["depth: int = 3"]
    with pytest.raises(ConfigError, match=r"the parameter 'dept', which params.py lacks. Did you mean 'depth'?"):
        read_parameters(path, {}, ("dept",))
    path.write_text("class Params:\n")
    with pytest.raises(ConfigError, match=r"params.py, line 1: "):
        read_parameters(path, {}, ())


def test_without_a_class_the_values_give_the_types(tmp_path: Path) -> None:
    found = read_parameters(tmp_path / "params.py", {"depth": 3, "label": None}, ("depth", "extra"))
    assert [(parameter.name, parameter.type) for parameter in found] == [("depth", "int"), ("label", ""), ("extra", "")]
