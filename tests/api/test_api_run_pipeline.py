from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.load import load
from nbpipe.api.run import run
from nbpipe.api.run_pipeline import pipeline_parameters, run_pipeline
from nbpipe.errors import ConfigError, Interrupted, PipelineError
from nbpipe.pipeline.runs import read_record
from nbpipe.records import RunStatus
from tests.pipeline.projects import copied, written

if TYPE_CHECKING:
    from pathlib import Path


def test_a_value_of_a_run_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = copied("plain", tmp_path)
    record = run_pipeline(root, tracking=False)
    assert load(record, "scale", "skipped") == 1
    assert load(record.id, "scale", "skipped", folder=root) == 1
    monkeypatch.chdir(root)
    assert load("latest", "scale", "rows") == [("anna", 20.0), ("ben", 40.0), ("cleo", 60.0)]
    with pytest.raises(PipelineError, match="no run 'nothing'"):
        load("nothing", "scale", "rows")


def test_parameters_are_told_with_their_types(tmp_path: Path) -> None:
    assert [parameter.name for parameter in pipeline_parameters(copied("plain", tmp_path))] == [
        "rows_path",
        "seed",
        "scale",
        "size",
    ]


def test_a_folder_that_is_no_pipeline(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a pipeline"):
        run_pipeline(tmp_path, tracking=False)


def test_an_interrupt_ends_the_step_and_keeps_the_record(tmp_path: Path) -> None:
    code = "import pathlib, time\ndef a():\n    pathlib.Path('ready').touch()\n    time.sleep(600)\n"
    root = written(tmp_path, "Step('a', 'shop.steps:a'),", code)

    def interrupt() -> None:
        deadline = time.monotonic() + 30
        while not (root / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Interrupted) as caught:
        run_pipeline(root, tracking=False)
    thread.join()
    assert caught.value.exit_code == 143
    assert read_record(root / ".nbpipe" / "runs", "latest").status is RunStatus.INTERRUPTED


def test_the_function_takes_what_the_command_takes(tmp_path: Path) -> None:
    steps = "Step('a', 'shop.steps:a', outputs=('x',)), Step('b', 'shop.steps:b', inputs=('x',), outputs=('y',)),"
    code = "def a(n):\n    return n\ndef b(x):\n    return x + 1\n"
    root = written(tmp_path, steps.replace("outputs=('x',)", "outputs=('x',), parameters=('n',)", 1), code, "n: 1\n")
    (root / "params.big.yaml").write_text("n: 100\n")
    options: dict[str, Any] = {"environment": "big", "tags": {"who": "me"}, "note": "try", "tracking": False}
    first = run(root, only=["a"], **options)
    assert [step.status for step in first.steps] == [RunStatus.OK, RunStatus.SKIPPED]
    assert first.parameters == {"n": 100}
    assert (first.tags, first.note) == ({"who": "me"}, "try")
    second = run(root, **options)
    assert [step.status for step in second.steps] == [RunStatus.CACHED, RunStatus.OK]
    third = run(root, cache=False, resume="latest", tracking=False)
    assert third.parameters == {"n": 100}
    with pytest.raises(ConfigError, match="'kernel' is no option of pipelines: timeout, environment"):
        run(root, kernel="python3")
