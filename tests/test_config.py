"""Settings: layers, types, and messages for what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.config import KEYS, Settings, load_settings
from nbpipe.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str, name: str = "nbpipe.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_defaults_hold_where_nothing_is_said(tmp_path: Path) -> None:
    settings = load_settings(str(tmp_path), environ={})

    assert settings.fail_on == "warning"
    assert settings.origin("fail-on") == "default"
    assert "site-packages" in settings.exclude


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'select = ["NB1"]\nignore = ["NB2"]\nfail-on = "info"\n')
    environ = {"NBPIPE_IGNORE": "NB3, NB4", "NBPIPE_FAIL_ON": "error"}

    settings = load_settings(str(tmp_path), environ=environ, arguments={"fail-on": ["warning"]})

    assert (settings.select, settings.origin("select")) == (("NB1",), str(path))
    assert (settings.ignore, settings.origin("ignore")) == (("NB3", "NB4"), "environment variable NBPIPE_IGNORE")
    assert (settings.fail_on, settings.origin("fail-on")) == ("warning", "command line")


def test_an_empty_variable_says_nothing(tmp_path: Path) -> None:
    assert load_settings(str(tmp_path), environ={"NBPIPE_FAIL_ON": ""}).fail_on == "warning"


def test_overrides_are_given_with_underscores(tmp_path: Path) -> None:
    settings = load_settings(str(tmp_path), environ={}, overrides={"fail_on": "info", "extend_select": ["NB1"]})

    assert (settings.fail_on, settings.extend_select) == ("info", ("NB1",))


def test_the_nearest_file_with_a_table_counts(tmp_path: Path) -> None:
    outer = write(tmp_path, "[tool.nbpipe]\nselect = ['NB1']\n", "pyproject.toml")
    write(tmp_path / "a", "[tool.other]\nurl = 'nbpipe'\n", "pyproject.toml")
    inner = tmp_path / "a" / "b"
    inner.mkdir()

    settings = load_settings(str(inner), environ={})

    assert settings.file == str(outer)
    assert settings.root == str(tmp_path)
    assert settings.select == ("NB1",)


def test_nbpipe_toml_wins_over_pyproject_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "[tool.nbpipe]\nselect = ['NB1']\n", "pyproject.toml")
    write(tmp_path, "select = ['NB2']\n")

    assert load_settings(str(tmp_path), environ={}).select == ("NB2",)


def test_a_broken_pyproject_that_does_not_speak_of_nbpipe_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, "this is = = no TOML", "pyproject.toml")

    assert load_settings(str(tmp_path), environ={}).select == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "unknown key 'selct'. Did you mean 'select'?"),
        ('select = "NB1"', "'select' must be a list of strings, not str"),
        ("select = [1]", "'select' must be a list of strings, not a list with int"),
        ("fail-on = 1", '\'fail-on\' must be one of "error", "warning", "info", not int'),
        ('fail-on = "eror"', "not \"eror\". Did you mean 'error'?"),
        ('severity = {NB102 = "bad"}', "'severity' must be a table of severities"),
        ("per-file-ignores = []", "'per-file-ignores' must be a table of lists of strings, not list"),
        ("select = [", "not valid TOML"),
        ("[tool.nbpipe]\nselect = []", "in nbpipe.toml the keys stand at the top"),
        ("[lint]\nselect = []", "unknown key 'lint'"),
        ("respect-gitignore = 1", "'respect-gitignore' must be true or false, not int"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as raised:
        load_settings(str(tmp_path), environ={})

    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_table_that_is_none_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "[tool]\nnbpipe = 1\n", "pyproject.toml")

    with pytest.raises(ConfigError, match=r"\[tool.nbpipe\] must be a table"):
        load_settings(str(tmp_path), environ={})


def test_tables_as_text(tmp_path: Path) -> None:
    arguments = {"per-file-ignores": ["a*.ipynb=NB1,b.ipynb=NB2", "a*.ipynb=NB3"], "severity": ["NB102=info"]}

    settings = load_settings(str(tmp_path), environ={}, arguments=arguments)

    assert settings.per_file_ignores == {"a*.ipynb": ("NB1", "NB3"), "b.ipynb": ("NB2",)}
    assert settings.severity == {"NB102": "info"}


def test_a_pair_without_a_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'command line: .severity. must be .* not "NB102" without "="'):
        load_settings(str(tmp_path), environ={}, arguments={"severity": ["NB102"]})


def test_every_key_says_what_it_is_and_accepts_its_default() -> None:
    for key in KEYS.values():
        assert key.help.endswith(".")
        assert key.kind.from_value(key.default) == key.default
        assert getattr(Settings(), key.name.replace("-", "_")) == key.default


def test_a_pyproject_whose_tool_is_no_table_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, "tool = 'nbpipe'\n", "pyproject.toml")

    assert load_settings(str(tmp_path), environ={}).file == ""


def test_switches_as_text(tmp_path: Path) -> None:
    for text, expected in (("true", True), ("1", True), ("FALSE", False), ("0", False)):
        settings = load_settings(str(tmp_path), environ={"NBPIPE_PREVIEW": text})
        assert settings.preview is expected
