"""`nbpipe run FOLDER`: which steps run, why, with what; sweeps; what a person sees when something is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from nbpipe.api.run_sweep import sweep_points
from nbpipe.cli import main
from nbpipe.errors import ConfigError
from tests.pipeline.projects import copied, written

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once; tests set parameters of their own."""
    root = copied("plain", tmp_path_factory.mktemp("cli"))
    assert main(["-q", "run", str(root), "--no-tracking"]) == 0
    return root


def _run(root: Path, *arguments: str) -> int:
    return main(["run", str(root), "--no-tracking", *arguments])


def _steps(text: str) -> dict[str, str]:
    """Give the word behind each step's name."""
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: line[1] for line in lines if len(line) > 1 and line[0] in NAMES}


NAMES = ("load", "scale", "seed", "sample", "report")


def test_a_dry_run_says_why_and_leaves_nothing(plain: Path, capsys: Capture) -> None:
    before = sorted((plain / ".nbpipe" / "runs").iterdir())
    assert _run(plain, "--dry-run", "-p", "scale=3.5") == 0
    shown = capsys.readouterr()
    assert _steps(shown.out) == {"load": "cached", "seed": "cached", "scale": "run", "sample": "run", "report": "run"}
    assert "the parameter scale changed from 2.0 to 3.5" in shown.out
    assert "its input 'rows' comes from step 'scale', which runs" in shown.out
    assert "3 of 5 steps would run" in shown.err
    assert sorted((plain / ".nbpipe" / "runs").iterdir()) == before


def test_a_line_a_step_with_the_reason(plain: Path, capsys: Capture) -> None:
    assert _run(plain, "--explain", "-p", "size=2") == 0
    shown = capsys.readouterr()
    words = [line for line in shown.err.splitlines() if "why:" not in line and "not kept" not in line]
    assert _steps("\n".join(words)) == {
        "load": "cached", "scale": "cached", "seed": "cached", "sample": "done", "report": "done",
    }  # fmt: skip
    assert "why: the parameter size changed from 3 to 2" in shown.err
    assert shown.out.startswith(f"{plain}: ok, 5 steps in ")
    assert shown.out.endswith(", 3 of them from the cache\n")


def test_from_to_and_only(plain: Path, capsys: Capture) -> None:
    assert _run(plain, "--to", "scale", "--no-cache") == 0
    assert _steps(capsys.readouterr().err) == {"load": "done", "scale": "done"}
    assert _run(plain, "--from", "sample", "--no-cache") == 0
    assert _steps(capsys.readouterr().err) == {
        "load": "cached", "scale": "cached", "seed": "cached", "sample": "done", "report": "done",
    }  # fmt: skip
    assert _run(plain, "--only", "report", "-p", "scale=77") == 1
    assert "step 'scale' is left out, but has no result that still holds" in capsys.readouterr().err
    assert _run(plain, "--only", "repart") == 1
    assert "has no step 'repart'. Did you mean 'report'?" in capsys.readouterr().err


def test_environments_lie_over_the_parameters(plain: Path, capsys: Capture) -> None:
    (plain / "params.prod.yaml").write_text("scale: 10.0\n")
    try:
        assert _run(plain, "--env", "prod", "--dry-run") == 0
        assert "changed from" in capsys.readouterr().out
        assert _run(plain, "--env", "prd", "--dry-run") == 2
        assert "params.prd.yaml does not exist; there are: prod. Did you mean 'prod'?" in capsys.readouterr().err
    finally:
        (plain / "params.prod.yaml").unlink()


def test_a_sweep_is_one_table(plain: Path, capsys: Capture) -> None:
    assert _run(plain) == 0
    capsys.readouterr()
    assert _run(plain, "--sweep", "scale=1,10", "--sweep", "size=1,2", "-j", "2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["scale", "size", "total", "time", "status", "run"]
    assert [line.split()[:2] for line in lines[1:]] == [["1", "1"], ["1", "2"], ["10", "1"], ["10", "2"]]
    totals = [float(line.split()[2]) for line in lines[1:]]
    assert totals[2] == pytest.approx(10 * totals[0])
    assert all(" ok " in line for line in lines[1:])
    # What the points share ran once: the rows are loaded already, and the seed is set.
    runs = sorted((plain / ".nbpipe" / "runs").glob("*.json"))[-4:]
    loaded = [json.loads(run.read_text())["steps"][0] for run in runs]
    assert {(step["name"], step["status"]) for step in loaded} == {("load", "cached")}


def test_points_of_a_sweep() -> None:
    assert sweep_points(["a=1,2", "b=x"]) == ({"a": "1", "b": "x"}, {"a": "2", "b": "x"})
    assert sweep_points(["a=1,2", "b=x,y"], in_step=True) == ({"a": "1", "b": "x"}, {"a": "2", "b": "y"})
    for wrong in (["a"], ["a="], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(ConfigError):
            sweep_points(wrong)
    with pytest.raises(ConfigError, match="lists of one length"):
        sweep_points(["a=1,2", "b=x"], in_step=True)


def test_a_wrong_point_runs_nothing(plain: Path, capsys: Capture) -> None:
    before = sorted((plain / ".nbpipe" / "runs").iterdir())
    assert _run(plain, "--sweep", "scale=1,many") == 2
    assert "scale" in capsys.readouterr().err
    assert sorted((plain / ".nbpipe" / "runs").iterdir()) == before


def test_what_a_failed_step_printed_is_shown_with_the_cell(tmp_path: Path, capsys: Capture) -> None:
    root = copied("failing", tmp_path)
    assert _run(root) == 1
    shown = capsys.readouterr().err
    assert "step 'divide' printed last" in shown
    assert "  about to divide" in shown
    assert "(orders.ipynb, cell 4, line 4)" in shown
    assert "after mending: nbpipe run" in shown


def test_options_of_pipelines_are_refused_for_notebooks(tmp_path: Path, capsys: Capture) -> None:
    assert main(["run", str(tmp_path / "nb.ipynb"), "--only", "a"]) == 2
    assert "--only is for pipelines" in capsys.readouterr().err
    assert main(["run", str(tmp_path), "--kernel", "python3"]) == 2
    assert "--kernel is for notebooks" in capsys.readouterr().err
    assert main(["run", str(tmp_path)]) == 2
    assert "is not a pipeline" in capsys.readouterr().err


SLOW = """
import time, pathlib
def a(): return 1
def b(x):
    block = bytearray(300_000_000)
    pathlib.Path('ready').touch()
    time.sleep(600)
"""
STEPS = "Step('a', 'shop.steps:a', outputs=('x',)), Step('b', 'shop.steps:b', inputs=('x',)),"


def test_limits_of_a_step(tmp_path: Path, capsys: Capture) -> None:
    root = written(tmp_path, STEPS, SLOW)
    assert _run(root, "--step-timeout", "1.5", "--retries", "1", "--retry-delay", "0.1") == 1
    shown = capsys.readouterr().err
    assert "try 2 of 2 in 0.1 s" in shown
    assert "step 'b': it took longer than 1.5 s" in shown
    assert _run(root, "--step-memory", "100M") == 1
    assert "MB are allowed" in capsys.readouterr().err
    assert _run(root, "--step-memory", "much") == 2
    assert "'much' is no size; write it as 500MB or 2GiB" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_a_resumed_run_goes_on(number: int, code: int, tmp_path: Path) -> None:
    root = written(tmp_path, STEPS, SLOW)
    command = [sys.executable, "-m", "nbpipe", "run", str(root), "--no-tracking"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (root / "ready").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert "nbpipe run --resume goes on from there" in told
    module = root / "shop" / "steps.py"
    module.write_text(module.read_text().replace("    time.sleep(600)\n", ""))
    done = subprocess.run([*command, "--resume", "--no-cache"], capture_output=True, text=True, check=True)
    assert "cached" in done.stderr
    assert "2 steps" in done.stdout
