"""What is written where, and when in colour."""

from __future__ import annotations

import io
import sys

import pytest

from nbpipe.cli import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    console.prepare()


def test_results_go_out_and_the_rest_to_errors(capsys: pytest.CaptureFixture[str]) -> None:
    console.echo("result")
    console.note("note")
    console.warn("careful")
    console.error("bad")
    console.progress("step 1")

    written = capsys.readouterr()
    assert written.out == "result\n"
    assert written.err == "note\nwarning: careful\nerror: bad\nstep 1\n"


def test_quiet_leaves_results_warnings_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    console.STATE.quiet = True
    console.echo("result")
    console.note("note")
    console.progress("step 1")
    console.warn("careful")

    written = capsys.readouterr()
    assert (written.out, written.err) == ("result\n", "warning: careful\n")


def test_progress_on_a_terminal_is_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    console.progress("step 1")
    console.progress("step 2")
    console.warn("careful")

    lines = terminal.getvalue().split(console.CLEAR)
    assert lines[1:3] == ["step 1", "step 2"]
    assert "careful" in lines[3]


@pytest.mark.parametrize(
    ("stream", "environ", "expected"),
    [
        (Terminal(), {}, "\x1b[1;31mx\x1b[0m"),
        (Terminal(), {"NO_COLOR": "1"}, "x"),
        (Terminal(), {"NO_COLOR": ""}, "\x1b[1;31mx\x1b[0m"),
        (Terminal(), {"TERM": "dumb"}, "x"),
        (io.StringIO(), {}, "x"),
    ],
)
def test_colours(stream: io.StringIO, environ: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert console.style("x", "bold red", stream) == expected
