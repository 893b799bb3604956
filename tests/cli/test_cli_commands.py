"""The smaller commands, and that the table of commands tells the truth."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from nbpipe.cli import main
from nbpipe.cli.commands import COMMANDS
from nbpipe.config import KEYS
from nbpipe.lint.registry import RULES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", COMMANDS)
def test_each_row_is_a_command_with_that_help(name: str) -> None:
    module, text = COMMANDS[name]
    command = import_module(f"nbpipe.cli.{module}").command

    assert isinstance(command, click.Command)
    assert command.get_short_help_str(limit=200) == text


def test_rules_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [info.code for info in RULES]

    assert main(["rules", "--output-format", "json"]) == 0
    assert [rule["name"] for rule in json.loads(capsys.readouterr().out)] == [info.name for info in RULES]


def test_rule_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "nb115"]) == 0
    assert "## Why is this bad?" in capsys.readouterr().out

    assert main(["rule", "eror-output"]) == 2
    assert capsys.readouterr().err == "error: unknown rule 'eror-output'. Did you mean 'error-output'?\n"


def test_config_says_what_is_in_force_and_from_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nbpipe.toml"
    path.write_text('select = ["NB1"]\n')
    monkeypatch.setenv("NBPIPE_FAIL_ON", "error")

    assert main(["config", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"configuration file: {path}"
    assert f'select = ["NB1"]  # {path}' in lines
    assert 'fail-on = "error"  # environment variable NBPIPE_FAIL_ON' in lines
    assert "ignore = []  # default" in lines

    assert main(["config", str(tmp_path), "--output-format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["file"] == str(path)
    assert list(shown["settings"]) == list(KEYS)


def test_check_shows_the_settings_for_its_paths_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nbpipe.toml").write_text('select = ["NB1"]\n')
    (tmp_path / "a.ipynb").write_text("")

    assert main(["check", "--show-settings", str(tmp_path / "a.ipynb"), "--ignore", "NB102", "--preview"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"configuration file: {tmp_path / 'nbpipe.toml'}"
    assert 'ignore = ["NB102"]  # command line' in lines
    assert "preview = true  # command line" in lines
    assert f'select = ["NB1"]  # {tmp_path / "nbpipe.toml"}' in lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "unknown key 'selct'. Did you mean 'select'?"),
        ("[severity]\nundefined-nam = 'error'", "unknown rule 'undefined-nam'. Did you mean 'undefined-name'?"),
        ("[per-file-ignores]\n'*' = ['NB999']", "per-file-ignores: unknown rule 'NB999'"),
        ("output-format = 'ful'", "unknown output-format 'ful'. Did you mean 'full'?"),
    ],
)
def test_config_refuses_what_a_check_would(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nbpipe.toml").write_text(text)

    assert main(["config", str(tmp_path)]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(f"error: {tmp_path / 'nbpipe.toml'}: ")
    assert message in written.err


def test_a_misspelled_variable_is_an_error_and_others_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBPIPE_TEST_EXAMPLES", "9")
    monkeypatch.setenv("NBPIPE_CHECK_EXIT_ZERO", "1")
    assert main(["config", str(tmp_path)]) == 0
    capsys.readouterr()

    monkeypatch.setenv("NBPIPE_SELCT", "NB1")
    message = "error: environment: unknown variable 'NBPIPE_SELCT'. Did you mean 'NBPIPE_SELECT'?\n"
    for arguments in (["check", str(tmp_path)], ["config", str(tmp_path)]):
        assert main(arguments) == 2
        assert capsys.readouterr() == ("", message)
    assert main(["check", "--help"]) == 0
