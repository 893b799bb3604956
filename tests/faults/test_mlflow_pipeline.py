"""An MLflow server that is not there, or dies in the middle of a pipeline's run: nothing is lost, all is sent later."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from mlflow.tracking import MlflowClient

from nbpipe.cli import main
from nbpipe.tracking.quiet import quiet_calls
from tests.faults.test_mlflow import answers, free_port
from tests.faults.test_signals import start, wait_until
from tests.pipeline.projects import written

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

STEPS = """
    Step("first", "shop.steps:first", outputs=("a",), metrics=("m",), generators=()),
    Step("second", "shop.steps:second", inputs=("a",), outputs=("b",), generators=()),
"""
CODE = """
import os, time

def first():
    return [1, 2, 3], 0.5

def second(a):
    mlflow = __import__("ml" + "flow")  # so that nothing has loaded it before
    mlflow.log_metric("early", 1)
    mlflow.log_param("kind", "long")
    open("ready", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.05)
    for place in range(len(a)):
        mlflow.log_metric("own", place + 1, step=place)
    mlflow.set_tag("late", "yes")
    mlflow.log_dict({"a": a}, "own.json")
    return a
"""


class Server:
    """A real MLflow server, which can be killed and started again at the same address and on the same files."""

    def __init__(self, folder: Path, store: Path) -> None:
        folder.mkdir()
        shutil.copy(store, folder / "mlflow.db")
        self.folder, self.port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--workers", "1", "--backend-store-uri", "sqlite:///mlflow.db"]
        command += ["--artifacts-destination", str(self.folder / "files")]
        env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=env, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(lambda: answers(self.uri), 240)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def runs(self) -> dict[str, Any]:
        """Give all runs of the experiment, by step; fails where a step has two."""
        with quiet_calls():
            client = MlflowClient(self.uri)
            found = [run for each in client.search_experiments() for run in client.search_runs([each.experiment_id])]
        named = {run.data.tags.get("nbpipe.step", ""): run for run in found}
        assert len(named) == len(found)
        return named

    def values(self, run: Any, metric: str) -> list[float]:
        with quiet_calls():
            return [each.value for each in MlflowClient(self.uri).get_metric_history(run.info.run_id, metric)]

    def files(self, run: Any) -> list[str]:
        with quiet_calls():
            return [each.path for each in MlflowClient(self.uri).list_artifacts(run.info.run_id)]


def test_a_server_that_dies_in_the_middle_gets_the_rest_later_and_nothing_twice(
    place: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = written(place, STEPS, CODE)
    (root / "pyproject.toml").touch()
    server = Server(place / "server", empty_store)
    try:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
        run = start(root, f"exec {sys.executable} -m nbpipe run . -q")
        wait_until((root / "ready").exists)
        wait_until(lambda: set(server.runs()) == {"", "first", "second"}, 120)
        assert server.values(server.runs()["second"], "early") == [1.0]
        server.kill()
        (root / "go").touch()
        _, err = run.communicate(timeout=300)
        assert run.returncode == 0, err.decode()
        assert "`nbpipe runs push` sends it" in err.decode()
        (record_file,) = (root / ".nbpipe" / "runs").glob("*.json")
        record = json.loads(record_file.read_text())
        assert record["status"] == "ok"
        assert record["steps"][1]["metrics"] == {"early": 1.0, "own": 3.0}
        assert record["steps"][1]["logged"]["params"] == {"kind": "long"}

        server.start()
        before = {name: each.info.run_id for name, each in server.runs().items()}
        monkeypatch.chdir(root)
        capsys.readouterr()
        assert main(["runs", "push"]) == 0
        assert capsys.readouterr().out == f"{record['id']}: MLflow run {before['']}\n"
        after = server.runs()
        assert {name: each.info.run_id for name, each in after.items()} == before
        assert {each.info.status for each in after.values()} == {"FINISHED"}
        assert after["first"].data.metrics["m"] == 0.5
        assert server.values(after["second"], "early") == [1.0], "logged before it died, and not twice"
        assert server.values(after["second"], "own") == [1.0, 2.0, 3.0]
        assert after["second"].data.params["kind"] == "long"
        assert after["second"].data.tags["late"] == "yes"
        assert server.files(after["second"]) == ["own.json"]
        assert "report.html" in server.files(after[""])
        assert main(["runs", "push"]) == 0
        assert "nothing to send" in capsys.readouterr().err
    finally:
        server.kill()


def test_a_server_that_is_down_costs_a_warning_and_what_steps_log_is_sent_later(
    place: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = written(place, STEPS, CODE)
    for name in ("pyproject.toml", "go"):
        (root / name).touch()
    shutil.copy(empty_store, root / "mlflow.db")
    monkeypatch.chdir(root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert main(["run", ".", "-q"]) == 0
    err = capsys.readouterr().err
    assert "not tracked: MLflow server http://127.0.0.1:9 does not answer" in err
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert main(["runs", "push"]) == 0
    with quiet_calls():
        client = MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
        experiment = client.get_experiment_by_name("shop")
        assert experiment is not None
        runs = client.search_runs([experiment.experiment_id])
        named = {run.data.tags.get("nbpipe.step", ""): run for run in runs}
        assert set(named) == {"", "first", "second"}
        assert named["second"].data.metrics["own"] == 3.0
        assert [each.path for each in client.list_artifacts(named["second"].info.run_id)] == ["own.json"]
    assert not (root / "mlruns").exists()


def test_a_killed_run_is_taken_up_and_does_not_run_for_ever_in_mlflow(
    place: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = written(place, STEPS, CODE)
    (root / "pyproject.toml").touch()
    shutil.copy(empty_store, root / "mlflow.db")
    monkeypatch.chdir(root)
    run = start(root, f"exec {sys.executable} -m nbpipe run . -q")
    wait_until((root / "ready").exists)
    (work,) = (each.parent for each in (root / ".nbpipe" / "runs").glob("*/plan.json"))
    wait_until((work / "second.mlflow.json").exists, 120)
    run.kill()
    run.communicate()
    (root / "go").touch()
    assert main(["run", ".", "--resume", "--explain"]) == 0
    told = capsys.readouterr()
    assert f"it has finished in run {work.name}" in told.out + told.err
    with quiet_calls():
        client = MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
        experiment = client.get_experiment_by_name("shop")
        assert experiment is not None
        runs = client.search_runs([experiment.experiment_id])
    ended = {
        (each.data.tags["nbpipe.run"] == work.name, each.data.tags.get("nbpipe.step", "")): each.info.status
        for each in runs
    }
    assert ended == {
        (True, ""): "KILLED",
        (True, "first"): "FINISHED",
        (True, "second"): "KILLED",
        (False, ""): "FINISHED",
        (False, "first"): "FINISHED",
        (False, "second"): "FINISHED",
    }
    (resumed,) = (root / ".nbpipe" / "runs").glob("*.json")
    assert [step["status"] for step in json.loads(resumed.read_text())["steps"]] == ["cached", "ok"]
