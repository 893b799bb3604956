"""`nbpipe.check`, from Python."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import nbpipe
from nbpipe.api.check import check_source, settings_for
from nbpipe.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, *sources: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1))
    return path


def test_a_folder_is_checked_and_every_bad_file_named_once(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", "x = 1", "y = = 2")
    write(tmp_path / "b.ipynb", "x = 1")
    (tmp_path / "c.ipynb").write_bytes(b"")
    (tmp_path / "d.ipynb").write_bytes(b"\xff\xfe")

    result = nbpipe.check(str(tmp_path), select=["NB001", "NB002"])

    assert [(item.code, item.path.rpartition("/")[2]) for item in result.diagnostics] == [
        ("NB002", "a.ipynb"),
        ("NB001", "c.ipynb"),
        ("NB001", "d.ipynb"),
    ]
    assert (result.summary.notebooks, result.exit_code, result.failures) == (4, 1, ())
    line = result.diagnostics[0].json_line
    assert line is not None
    assert "y = = 2" in (tmp_path / "a.ipynb").read_text().split("\n")[line - 1]


@pytest.mark.parametrize(
    ("fail_on", "level", "code"), [("error", "warning", 0), ("warning", "warning", 1), ("info", "info", 1)]
)
def test_the_exit_code_follows_fail_on(tmp_path: Path, fail_on: str, level: str, code: int) -> None:
    path = write(tmp_path / "a.ipynb", "y = = 2")

    result = nbpipe.check(str(path), select=["NB002"], severity={"NB002": level}, fail_on=fail_on)

    assert result.exit_code == code


def test_the_settings_are_those_of_the_folder_common_to_all_paths(tmp_path: Path) -> None:
    (tmp_path / "nbpipe.toml").write_text('ignore = ["NB002"]')
    (tmp_path / "a" / "x").mkdir(parents=True)
    (tmp_path / "a" / "nbpipe.toml").write_text('ignore = ["NB115"]')
    (tmp_path / "b").mkdir()

    assert settings_for([str(tmp_path / "a" / "x"), str(tmp_path / "a")]).ignore == ("NB115",)
    assert settings_for([str(tmp_path / "a"), str(tmp_path / "b")]).ignore == ("NB002",)


def test_an_unknown_override_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"argument: unknown key 'selct'. Did you mean 'select'\?"):
        nbpipe.check(str(tmp_path), selct=["NB0"])


def test_a_buffer_is_checked_under_its_name(tmp_path: Path) -> None:
    data = write(tmp_path / "a.ipynb", "y = = 2").read_bytes()
    settings = settings_for([str(tmp_path)], overrides={"select": ["NB002"], "per_file_ignores": {"drafts": ["NB002"]}})

    assert [item.path for item in check_source(data, "b.ipynb", settings).diagnostics] == ["b.ipynb"]
    assert check_source(data, str(tmp_path / "drafts" / "b.ipynb"), settings).diagnostics == ()
