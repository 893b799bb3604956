from __future__ import annotations

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nbpipe.errors import ConfigError, PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import RunOptions, run
from nbpipe.pipeline.runs import read_record
from nbpipe.pipeline.values import load_output
from nbpipe.records import RunStatus
from nbpipe.runtime import generators
from nbpipe.runtime.fingerprints import fingerprint
from tests.pipeline.projects import FIXTURES, Told, copied, ran, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def _fixtures_importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let tests call the fixtures' functions in this process, as cells of a notebook would."""
    before = generators.get_states()
    modules = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for case in ("plain", "frames"):
        monkeypatch.syspath_prepend(str(FIXTURES / case))
    yield
    generators.set_states(before)
    for name in set(sys.modules) - modules:
        if name.partition(".")[0] in ("plain", "frames"):
            del sys.modules[name]


def _value(root: Path, record: Any, step: str, output: str) -> Any:
    return load_output(load_project(root), record, step, output)


@pytest.mark.usefixtures("_fixtures_importable")
def test_a_pipeline_computes_what_its_functions_compute_one_after_the_other(tmp_path: Path) -> None:
    root, told = copied("plain", tmp_path), Told()
    record = ran(root, told)
    modules = {name: importlib.import_module(f"plain.steps.{name}") for name in ("load", "scale", "sample", "report")}
    rows, skipped = modules["scale"].scale(modules["load"].load(rows_path=str(root / "rows.csv")), scale=2.0)
    modules["sample"].set_seed(seed=7)
    chosen = modules["sample"].sample(rows, size=3)
    summary, total = modules["report"].report(chosen, skipped)
    assert record.status is RunStatus.OK
    assert _value(root, record, "sample", "chosen") == chosen
    assert _value(root, record, "report", "summary") == summary
    assert record.steps[-1].metrics == {"total": total}
    assert told.events[:3] == ["run load, scale, seed, sample, report", "start load 1/5", "ok load"]
    assert told.events[-2:] == ["ok report", "run ok True"]
    assert told.warnings == []


@pytest.mark.usefixtures("_fixtures_importable")
def test_frames_models_and_the_generator_of_numpy(tmp_path: Path) -> None:
    root = copied("frames", tmp_path)
    record = ran(root)
    make = importlib.import_module("frames.steps.make")
    fit = importlib.import_module("frames.steps.fit")
    df, weights = make.noise(make.make(rows=40, seed=1))
    model, mse = fit.fit(df, weights)
    assert record.steps[-1].metrics == {"mse": mse}
    assert fingerprint(_value(root, record, "noise", "df")) == fingerprint(df)
    assert fingerprint(_value(root, record, "noise", "weights")) == fingerprint(weights)
    local = ["frames"]
    assert fingerprint(_value(root, record, "fit", "model"), local=local) == fingerprint(model, local=local)
    assert "noise" not in _value(root, record, "make", "df")


def test_a_record_and_a_log_of_each_step_are_kept(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    record = ran(root, parameters={"scale": "1.5"})
    assert read_record(root / ".nbpipe" / "runs", record.id).steps == record.steps
    assert record.parameters["scale"] == 1.5
    assert record.provenance["host"]
    assert (root / ".nbpipe" / "runs" / record.id / "report.log").read_text().startswith("total ")
    details = json.loads((root / ".nbpipe" / "runs" / record.id / "load.json").read_text())
    assert details["files"] == {"read": [str(root / "rows.csv")], "written": []}
    step = record.steps[0]
    assert step.seconds is not None
    assert step.cpu_seconds is not None
    assert step.peak_memory is not None
    assert step.peak_memory > 1_000_000
    assert (root / ".nbpipe" / ".gitignore").read_text() == "/runs/\n/store/\n/cache/\n"


def test_a_failing_step_names_the_cell_and_nothing_runs_after_it(tmp_path: Path) -> None:
    root, told = copied("failing", tmp_path), Told()
    record = ran(root, told)
    assert [step.status for step in record.steps] == [RunStatus.OK, RunStatus.FAILED, RunStatus.NOT_RUN]
    assert record.status is RunStatus.FAILED
    assert record.error == record.steps[1].error
    assert record.error.name == "ZeroDivisionError"
    assert record.error.message == (
        "step 'divide': division by zero; in steps/divide.py, line 8 (orders.ipynb, cell 4, line 4)"
    )
    assert record.error.traceback.count("File ") == 1
    assert (root / ".nbpipe" / "runs" / record.id / "divide.log").read_text() == "about to divide\n"
    assert told.events[-3:] == ["failed divide", "not run show", "run failed True"]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("wrong_count", "returned 2 values, but the step declares 3: train, test, rest"),
        ("unserialisable", "output 'lines' cannot be stored: a generator, which can be read only once; make a list"),
    ],
)
def test_a_step_that_does_not_keep_its_word(case: str, message: str, tmp_path: Path) -> None:
    record = ran(copied(case, tmp_path))
    assert record.steps[0].status is RunStatus.FAILED
    assert record.steps[0].outputs == {}
    assert record.error is not None
    assert message in record.error.message
    assert record.error.traceback == ""


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ("outputs=('x',)", "def a(n): return 1", "does not take what the pipeline gives it (nothing)"),
        ("", "def b(): pass", "shop.steps has no function 'a'"),
        ("", "def a(): return 3", "returned a int, but the step declares no output"),
        ("outputs=('x', 'y')", "def a(): return [1, 2]", "returned one list, but the step declares 2: x, y"),
        ("metrics=('m',)", "def a(): return 'good'", "metric 'm' is a str, not a number"),
        ("", "import nowhere_to_be_found\ndef a(): pass", "No module named 'nowhere_to_be_found'; in steps.py, line 1"),
        ("", "def a(:\n", "invalid syntax"),
        ("", "def a(): raise SystemExit(0)", "exit code 0"),
        ("", "def a(): raise KeyboardInterrupt", "step 'a': "),
        ("", "import os\ndef a(): os._exit(0)", "its process ended with exit code 0 before the step was done"),
        ("", "import os\ndef a(): os.kill(os.getpid(), 9)", "was killed by SIGKILL; it may have run out of memory"),
    ],
)
def test_whatever_a_step_does_it_does_not_count_as_done(fields: str, code: str, message: str, tmp_path: Path) -> None:
    record = ran(written(tmp_path, f"Step('a', 'shop.steps:a', {fields}),", code))
    assert record.status in (RunStatus.FAILED, RunStatus.DIED)
    assert record.error is not None
    assert message in record.error.message


def test_metrics_are_numbers_or_dicts_of_them(tmp_path: Path) -> None:
    code = "def a(): return {'train': 1, 'test': {'mse': 0.5}}, True"
    record = ran(written(tmp_path, "Step('a', 'shop.steps:a', metrics=('scores', 'done')),", code))
    assert record.steps[0].metrics == {"scores.train": 1.0, "scores.test.mse": 0.5, "done": 1.0}


def test_typed_parameters_reach_the_step(tmp_path: Path) -> None:
    steps = "Step('a', 'shop.steps:a', outputs=('kinds',), parameters=('day', 'sizes')),"
    code = "def a(*, day, sizes): return [type(day).__name__, day.isoformat(), sizes]"
    root = written(tmp_path, steps, code, "day: 2024-02-29\nsizes: [1, 2]\n")
    assert _value(root, ran(root), "a", "kinds") == ["date", "2024-02-29", [1, 2]]


def test_a_missing_parameter_runs_nothing(tmp_path: Path) -> None:
    root = written(tmp_path, "Step('a', 'shop.steps:a', parameters=('n',)),", "def a(*, n): pass")
    with pytest.raises(ConfigError, match="parameter 'n' of step 'a' has no value"):
        ran(root)
    assert not (root / ".nbpipe" / "runs").exists()


def test_an_artifact_damaged_during_the_run_is_found_told_and_made_again(tmp_path: Path) -> None:
    steps = """
    Step('a', 'shop.steps:a', outputs=('x',)),
    Step('spoil', 'shop.steps:spoil', after=('a',)),
    Step('b', 'shop.steps:b', inputs=('x',)),
    """
    code = """
    from pathlib import Path
    def a(): return [1, 2]
    def spoil():
        for path in Path('.nbpipe/store/objects').glob('*/*.json'):
            if path.read_text() == '[1, 2]':
                path.write_text('[1, 3]')
    def b(x): pass
    """
    told = Told()
    record = ran(written(tmp_path, steps, code), told)
    assert record.status is RunStatus.OK
    events = "start a 1/3, ok a, start spoil 2/3, ok spoil, start b 3/3, start a 1/3, ok a, start b 3/3, ok b"
    assert ", ".join(told.events[1:-1]) == events
    assert "is damaged: its content is no longer what was stored; step 'a' runs again" in told.warnings[0]


def test_inputs_are_copies_and_a_change_that_is_lost_is_told(tmp_path: Path) -> None:
    steps = """
    Step('a', 'shop.steps:a', outputs=('x', 'y')),
    Step('b', 'shop.steps:b', inputs=('x',)),
    Step('c', 'shop.steps:c', inputs=('x',), outputs=('z',)),
    """
    code = """
    def a():
        x = [1]
        return x, {'part': x}
    def b(x): x.append(2)
    def c(x): return list(x)
    """
    told = Told()
    root = written(tmp_path, steps, code)
    assert _value(root, ran(root, told), "c", "z") == [1]
    assert "step 'b' changes its input 'x' in place" in told.warnings[0]
    assert len(told.warnings) == 1


def test_the_first_step_starts_from_given_generator_states(tmp_path: Path) -> None:
    code = "import random\nimport numpy\ndef a(): return [random.random(), float(numpy.random.rand())]"
    root = written(tmp_path, "Step('a', 'shop.steps:a', outputs=('x',)),", code)
    states = generators.get_states()
    values = [_value(root, ran(root, generators=states), "a", "x") for _ in range(2)]
    expected = [random.random(), float(np.random.rand())]  # noqa: NPY002 - the global generator is the point
    generators.set_states(states)
    assert values == [expected, expected]


# They meet in the store's folder, whose files count for nobody: elsewhere one would depend on the other.
SIDE_BY_SIDE = """
import pathlib, time
def meet(own, other):
    pathlib.Path('.nbpipe/store').mkdir(parents=True, exist_ok=True)
    own, other = f'.nbpipe/store/{own}', f'.nbpipe/store/{other}'
    pathlib.Path(own).touch()
    deadline = time.monotonic() + 20
    while not pathlib.Path(other).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(other)
        time.sleep(0.01)
    return own
def a(): return meet('a.txt', 'b.txt')
def b(): return meet('b.txt', 'a.txt')
"""


def test_independent_steps_run_side_by_side(tmp_path: Path) -> None:
    steps = ", ".join(f"Step('{name}', 'shop.steps:{name}', outputs=('{name}_out',), generators=())" for name in "ab")
    record = ran(written(tmp_path, steps, SIDE_BY_SIDE), jobs=2)
    assert record.status is RunStatus.OK, record.error


def test_a_generator_that_was_not_declared_fails_the_step(tmp_path: Path) -> None:
    code = "import random\ndef a(): return random.random()"
    record = ran(written(tmp_path, "Step('a', 'shop.steps:a', outputs=('x',), generators=()),", code))
    assert record.status is RunStatus.FAILED
    assert record.error is not None
    assert "it uses the global generator random" in record.error.message


def test_relative_paths_start_from_the_base_folder(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("three")
    code = "def a(): return open('rows.txt').read()"
    root = written(tmp_path, "Step('a', 'shop.steps:a', outputs=('x',)),", code, base="..")
    assert _value(root, ran(root), "a", "x") == "three"


def test_an_interpreter_that_is_none_is_said(tmp_path: Path) -> None:
    root, told = copied("failing", tmp_path), Told()
    with pytest.raises(PipelineError, match="the interpreter /nowhere/python cannot be started"):
        ran(root, told, python="/nowhere/python")
    assert told.events[-1].startswith("aborted the interpreter")


def test_steps_run_where_nbpipe_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    code = """
    import importlib.util, sys
    def a(): return [importlib.util.find_spec('nbpipe') is None, 'inject' in sys.modules]
    """
    root = written(tmp_path, "Step('a', 'shop.steps:a', outputs=('x',)),", code)
    isolated = tmp_path / "python"
    isolated.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    isolated.chmod(0o755)
    assert _value(root, ran(root, python=str(isolated)), "a", "x") == [True, False]


ENDLESS = """
import pathlib, subprocess, sys, time
def a():
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
    pathlib.Path('pids').write_text(f'{__import__("os").getpid()} {child.pid}')
    pathlib.Path('ready').touch()
    time.sleep(600)
"""


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - a process that nobody has waited for yet
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _endless(folder: Path) -> Path:
    steps = "Step('a', 'shop.steps:a'), Step('b', 'shop.steps:a', after=('a',)),"
    return written(folder, steps, ENDLESS)


def test_a_time_out_ends_the_step_and_what_it_started(tmp_path: Path) -> None:
    root = _endless(tmp_path)
    record = ran(root, timeout=1.5)
    assert [step.status for step in record.steps] == [RunStatus.TIMED_OUT, RunStatus.NOT_RUN]
    assert record.status is RunStatus.TIMED_OUT
    if (root / "pids").exists():
        for pid in map(int, (root / "pids").read_text().split()):
            _until(lambda pid=pid: _is_gone(pid))


class _StopSoon:
    """Asks to stop once a file is there."""

    def __init__(self, ready: Path) -> None:
        self.signal: int | None = None
        self.ready = ready

    def telling(self, told: Any, forced: Any) -> Any:
        def ask() -> None:
            _until(self.ready.exists)
            self.signal = signal.SIGINT
            told()

        thread = threading.Thread(target=ask)
        thread.start()
        return _Joined(thread)


class _Joined:
    def __init__(self, thread: threading.Thread) -> None:
        self.thread = thread

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        self.thread.join()


def test_a_request_to_stop_keeps_the_record(tmp_path: Path) -> None:
    root = _endless(tmp_path)
    record = run(load_project(root), {}, RunOptions(), stop=_StopSoon(root / "ready"))
    assert record.status is RunStatus.INTERRUPTED
    assert record.error is not None
    assert record.error.name == "SIGINT"
    assert [step.status for step in record.steps] == [RunStatus.INTERRUPTED, RunStatus.NOT_RUN]
    assert read_record(root / ".nbpipe" / "runs", "latest").status is RunStatus.INTERRUPTED
    for pid in map(int, (root / "pids").read_text().split()):
        _until(lambda pid=pid: _is_gone(pid))


def test_no_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    root = _endless(tmp_path)
    program = (
        "from nbpipe.pipeline.project import load_project; from nbpipe.pipeline.runner import run; "
        f"run(load_project({str(root)!r}), {{}})"
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    _until((root / "ready").exists)
    parent.kill()
    parent.wait()
    for pid in map(int, (root / "pids").read_text().split()):
        _until(lambda pid=pid: _is_gone(pid))
