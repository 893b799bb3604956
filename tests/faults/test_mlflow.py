"""An MLflow server that is not there, hangs, or dies in the middle: no run fails or waits long for it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
from mlflow.tracking import MlflowClient

from nbpipe.cli import main
from nbpipe.tracking.quiet import quiet_calls
from tests.execute.making import shown, write_notebook
from tests.faults.test_signals import start, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def hanging() -> Iterator[str]:
    """Give the address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answers(uri: str) -> bool:
    try:
        with urllib.request.urlopen(f"{uri}/health", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture
def server(place: Path, empty_store: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a real MLflow server; give its address and process, which leads a group."""
    (place / "server").mkdir()
    shutil.copy(empty_store, place / "server" / "mlflow.db")
    uri = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        "sqlite:///mlflow.db",
        "--default-artifact-root",
        str(place / "server" / "files"),
    ]
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (place / "server" / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=place / "server", env=env, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_until(lambda: answers(uri), 180)
        yield uri, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize("kind", ["down", "hanging"])
def test_a_server_that_is_not_there_when_the_run_starts(
    kind: str, place: Path, hanging: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uri = hanging if kind == "hanging" else "http://127.0.0.1:9"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    write_notebook(place / "a.ipynb", "print(1)")
    assert main(["run", "a.ipynb", "-q"]) == 0
    err = capsys.readouterr().err
    assert f"not tracked: MLflow server {uri} does not answer" in err
    assert "`nbpipe runs push` sends it" in err
    assert shown(place / "a.executed.ipynb") == ["1\n"]
    assert main(["run", "a.ipynb", "-q", "--require-tracking"]) == 1
    assert f"error: MLflow server {uri} does not answer" in capsys.readouterr().err


def test_a_server_that_dies_in_the_middle_costs_a_warning_and_the_run_can_be_sent_later(
    place: Path,
    server: tuple[str, subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    uri, process = server
    (place / "pyproject.toml").touch()
    waits = "import os, time\nopen('ready', 'w')\nwhile not os.path.exists('go'): time.sleep(0.05)\nprint('done')"
    write_notebook(place / "a.ipynb", waits)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    run = start(place, f"exec {sys.executable} -m nbpipe run a.ipynb -q")
    wait_until((place / "ready").exists)
    with quiet_calls():
        client = MlflowClient(uri)
        wait_until(
            lambda: [run for e in client.search_experiments() for run in client.search_runs([e.experiment_id])], 120
        )
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (place / "go").touch()
    began = time.monotonic()
    _, err = run.communicate(timeout=60)
    assert time.monotonic() - began < 60
    assert run.returncode == 0
    assert f"MLflow server {uri} does not answer" in err.decode()
    assert shown(place / "a.executed.ipynb") == ["done\n"]
    record = json.loads((place / "a.executed.run.json").read_text())
    assert record["status"] == "ok"

    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert main(["runs", "push"]) == 0
    assert capsys.readouterr().out.startswith(f"{record['id']}: MLflow run ")
