"""`nbpipe check --watch`, with the time in the test's hand."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nbpipe.cli import console, main, watching
from nbpipe.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable


def write(name: str, *sources: str) -> None:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    Path(name).write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    console.prepare()


def watch(*steps: Callable[[], object], **given: list[str]) -> int:
    """Watch the folder; at each tick one step is done, and after the last Ctrl-C is pressed."""
    ticks = iter(steps)

    def wait() -> None:
        step = next(ticks, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    asked = {"output-format": ["concise"], "select": ["NB002"], **given}
    keys = {name: asked[name] for name in ("output-format", "select")}
    return watching.watch(["."], keys, {**asked, "watch": []}, wait)


def nothing() -> None:
    pass


def test_it_checks_again_after_a_change_only(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.ipynb", "x = 1")

    code = watch(
        nothing,
        nothing,
        lambda: write("a.ipynb", "y = = 1"),
        nothing,
        lambda: write("b.ipynb", "x = 1"),
        lambda: Path("a.ipynb").unlink(),
    )

    written = capsys.readouterr()
    assert code == 130
    assert [line.partition(" NB")[0] for line in written.out.splitlines()] == [
        "Checked 1 notebook: nothing found.",
        "a.ipynb:cell 1:1:5:",
        "Checked 1 notebook: 1 error, 0 warnings, 0 infos.",
        "a.ipynb:cell 1:1:5:",
        "Checked 2 notebooks: 1 error, 0 warnings, 0 infos.",
        "Checked 1 notebook: nothing found.",
    ]
    assert written.err == "Watching for changes; Ctrl-C ends.\n" * 4


def test_a_change_of_the_settings_or_the_baseline_counts_and_errors_end_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("a.ipynb", "y = = 1")
    settings = Path("nbpipe.toml")
    settings.write_text("baseline = 'known.json'\n")
    known = Path("known.json")
    known.write_text('{"version": 1, "findings": {}}')

    code = watch(
        lambda: settings.write_text("bad"),
        nothing,
        lambda: settings.write_text("exclude = ['a.ipynb']\nbaseline = 'known.json'\n"),
        lambda: settings.write_text("baseline = 'known.json'\n"),
        lambda: known.write_text("{}"),
    )

    written = capsys.readouterr()
    assert code == 130
    assert written.out.count("Checked 1 notebook: 1 error") == 2
    assert written.out.count("Checked 0 notebooks") == 1
    errors = [line for line in written.err.splitlines() if line.startswith("error: ")]
    assert ["not valid TOML" in line for line in errors] == [True, False]
    assert "is not a baseline of nbpipe" in errors[1]


def test_the_screen_is_cleared_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.ipynb", "x = 1")
    watch(lambda: write("b.ipynb", "x = 1"))
    assert "\x1b" not in capsys.readouterr().out

    monkeypatch.setattr(console, "is_terminal", lambda stream: True)
    watch(lambda: write("c.ipynb", "x = 1"))
    assert "nothing found.\n\x1b[2J\x1b[H" in capsys.readouterr().out


def test_a_wrong_call_ends_it_at_once() -> None:
    with pytest.raises(ConfigError, match="standard input"):
        watching.watch(["-"], {}, {"watch": []})
    with pytest.raises(ConfigError, match="cannot be used together with --add-ignores"):
        watching.watch(["."], {}, {"watch": [], "add-ignores": []})
    assert main(["check", "--watch", "nowhere.ipynb"]) == 2


def test_it_ends_when_terminated() -> None:
    def end() -> None:
        raise Interrupted(signal.SIGTERM, "terminated")

    with pytest.raises(Interrupted):
        watch(end)


def test_the_command_watches(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.ipynb", "x = 1")

    def interrupt(seconds: float) -> None:
        assert seconds > 0
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)

    assert main(["check", "--watch", "-q", "--select", "NB002"]) == 130
    assert capsys.readouterr() == ("", "")
