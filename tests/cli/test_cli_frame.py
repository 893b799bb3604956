"""How commands end: one line for every error, and the exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nbpipe.cli import frame, main
from nbpipe.errors import ConfigError, Interrupted, NotebookError

if TYPE_CHECKING:
    from collections.abc import Callable


def raising(error: BaseException) -> Callable[[object], int]:
    def dispatch(arguments: object) -> int:
        raise error

    return dispatch


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConfigError("bad\nthing"), 2, "error: bad thing"),
        (NotebookError("broken"), 1, "error: broken"),
        (KeyError("x"), 2, "error: internal error: KeyError: 'x' (--debug shows where)"),
        (
            ModuleNotFoundError("No module named 'papermill'", name="papermill"),
            2,
            "error: this command uses papermill, which needs the extra 'run': python -m pip install 'nbpipe[run]'",
        ),
        (ModuleNotFoundError("No module named 'mlflow.x'", name="mlflow.x"), 2, "error: this command uses mlflow"),
        (ModuleNotFoundError("No module named 'x'", name="x"), 2, "error: internal error: ModuleNotFoundError"),
        (KeyboardInterrupt(), 130, "error: interrupted"),
        (Interrupted(15, "terminated"), 143, "error: terminated"),
    ],
)
def test_every_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frame, "dispatch", raising(error))

    assert main([]) == code
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(line)
    assert written.err.count("\n") == 1


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(frame, "dispatch", raising(KeyError("x")))

    assert main(["check", "--debug"]) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["chek"], "error: no such command: 'chek'. Did you mean 'check'? (see nbpipe --help)"),
        (["xyzzy"], "error: no such command: 'xyzzy' (see nbpipe --help)"),
        (
            ["check", "--selct", "x"],
            "error: no such option: --selct. Did you mean '--select'? (see nbpipe check --help)",
        ),
        (["check", "--select"], "error: Option '--select' requires an argument"),
        (["rule"], "error: Missing argument 'NAME_OR_CODE' (see nbpipe rule --help)"),
        (["rules", "--output-format", "x"], "error: Invalid value for '--output-format'"),
    ],
)
def test_wrong_usage_is_one_line_and_2(arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    written = capsys.readouterr().err
    assert written.startswith(line)
    assert written.count("\n") == 1


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("nbpipe ")
    assert main([]) == 0
    without = capsys.readouterr().out
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == without
    assert main(["check", "--help"]) == 0
    assert "--exit-zero" in capsys.readouterr().out


def test_the_handler_of_sigterm_is_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    main(["--version"])

    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_a_running_command_with_one_line(number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "nbpipe", "check", "--exit-zero", "--quiet", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        # The process reads on until this end is closed; once it has taken more than a pipe holds, it is at it.
        process.stdin.write(b" " * 1_000_000)
        process.stdin.flush()
        process.send_signal(number)
        process.stdin.close()
        written = process.stderr.read().decode()

    assert process.returncode == code
    assert written == f"error: {'terminated' if code == 143 else 'interrupted'}\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nbpipe", "rules", "--output-format", "json"],
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


def test_completion_knows_commands_and_options_without_importing_commands() -> None:
    def complete(words: str, position: int) -> str:
        environ = {"_NBPIPE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
        code = "import sys; from nbpipe.cli import main; main([]); sys.exit('nbpipe.cli.rules' in sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **environ}, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert complete("nbpipe ru", 1).splitlines() >= ["plain,rules", "plain,rule"]
    assert "plain,--select" in complete("nbpipe check --sel", 2)


@pytest.mark.parametrize("name", ["-draft.ipynb", "--fix.ipynb"])
@pytest.mark.parametrize("command", [["check"], ["check", "--no-cache", "--statistics"], ["convert", "--check"]])
def test_a_notebook_whose_name_begins_with_a_dash_is_no_option(
    command: list[str], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*command, name]) == 2  # there is none: a misspelt option
    assert "no such option" in capsys.readouterr().err

    Path(name).write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}')

    assert main([*command, name]) == 0, capsys.readouterr().err
    assert main([*command, "--", name]) == 0, capsys.readouterr().err
