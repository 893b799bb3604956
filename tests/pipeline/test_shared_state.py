"""Steps that share a generator, a file and a frame give the same numbers however they are run."""

from __future__ import annotations

import importlib
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.values import load_output
from nbpipe.records import RunStatus
from nbpipe.runtime import generators
from tests.pipeline.projects import FIXTURES, Told, copied, ran

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[dict[str, float], float]]:
    """The numbers that the functions give when they are called one after the other in one process."""
    before, modules = generators.get_states(), set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(FIXTURES / "shared_state"))
    (tmp_path / "plain").mkdir()
    monkeypatch.chdir(tmp_path / "plain")
    draws, files, frames = (
        importlib.import_module(f"shared_state.steps.{name}") for name in ("draws", "files", "frames")
    )
    draws.seed(seed=11)
    df, tables = draws.make(rows=200)
    files.write(df)
    lines = files.count()
    weights = draws.weigh(df)
    df, tables = frames.grow(df, tables)
    shifts = draws.noise(folds=3)
    yield frames.fit(df, tables, weights, shifts, lines)
    generators.set_states(before)
    for name in set(sys.modules) - modules:
        if name.startswith("shared_state"):
            del sys.modules[name]


def _numbers(root: Path, record: Any) -> tuple[Any, float]:
    assert record.status is RunStatus.OK, record.error
    return load_output(load_project(root), record, "fit", "summary"), record.steps[-1].metrics["score"]


def test_serially_cached_in_parallel_and_fresh(tmp_path: Path, expected: Any) -> None:
    root = copied("shared_state", tmp_path)
    assert _numbers(root, ran(root)) == expected
    record = ran(root)
    assert {step.status for step in record.steps} == {RunStatus.CACHED}
    assert _numbers(root, record) == expected
    # Known by now: who shares what. Nothing has to run twice.
    told = Told()
    assert _numbers(root, ran(root, told, jobs=4, cache=False)) == expected
    assert sum(event.startswith("start") for event in told.events) == 8
    assert _numbers(root, ran(root, cache=False, fork=False, jobs=2)) == expected
    # A part from the cache, a part run: the states pass between them.
    partly = ran(root, parameters={"folds": 4})
    assert [step.name for step in partly.steps if step.status is RunStatus.OK] == ["noise", "fit"]
    assert _numbers(root, ran(root)) == expected


def test_in_parallel_from_the_start(tmp_path: Path, expected: Any) -> None:
    root, told = copied("shared_state", tmp_path), Told()
    assert _numbers(root, ran(root, told, jobs=4)) == expected
    assert (root / "positive.csv").is_file()
    (root / "positive.csv").unlink()
    record = ran(root, jobs=4)
    assert {step.status for step in record.steps} == {RunStatus.CACHED}
    assert (root / "positive.csv").is_file()


PROGRAM = """
import sys
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import RunOptions, run
run(load_project(sys.argv[1]), {}, RunOptions(cache=False))
"""


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.01)


def _with_a_pause(root: Path, code: str) -> None:
    """Let the step 'noise' do something the first time that it runs."""
    module = root / "shared_state" / "steps" / "draws.py"
    text = module.read_text()
    pause = f"if not os.path.exists({str(root / 'paused')!r}):\n        open({str(root / 'paused')!r}, 'w').close()\n"
    pause += f"        {code}"
    text = text.replace('print("drawing", folds)', pause).replace(
        "import numpy", "import os\nimport time\n\nimport numpy"
    )
    module.write_text(text)


def test_after_nbpipe_was_killed_a_resumed_run_runs_nothing_twice(tmp_path: Path, expected: Any) -> None:
    root = copied("shared_state", tmp_path)
    _with_a_pause(root, "time.sleep(600)")
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM, str(root)])
    _wait_for(root / "paused")
    parent.kill()
    parent.wait()
    told = Told()
    record = ran(root, told, resume="latest", cache=False)
    assert _numbers(root, record) == expected
    status = {step.name: step.status for step in record.steps}
    assert [name for name, value in status.items() if value is RunStatus.OK] == ["noise", "fit"]
    assert "it has finished in run" in record.steps[0].reason
    again = ran(root, resume="latest", cache=False)
    assert {step.status for step in again.steps} == {RunStatus.CACHED}
    assert _numbers(root, again) == expected


def test_after_a_worker_was_killed_a_resumed_run_goes_on(tmp_path: Path, expected: Any) -> None:
    root = copied("shared_state", tmp_path)
    _with_a_pause(root, f"os.kill(os.getpid(), {int(signal.SIGKILL)})")
    record = ran(root, cache=False)
    assert record.status is RunStatus.DIED
    assert record.error is not None
    assert "killed by SIGKILL" in record.error.message
    resumed = ran(root, resume=record.id, cache=False)
    assert _numbers(root, resumed) == expected
    assert [step.name for step in resumed.steps if step.status is RunStatus.OK] == ["noise", "fit"]


def test_a_step_that_dies_once_is_tried_again(tmp_path: Path, expected: Any) -> None:
    root = copied("shared_state", tmp_path)
    _with_a_pause(root, "raise OSError('the disk is tired')")
    record = ran(root, limits=Limits(retries=2, backoff=0.01))
    assert _numbers(root, record) == expected
    assert {step.name: step.attempts for step in record.steps}["noise"] == 2
    assert (root / "paused").exists()
