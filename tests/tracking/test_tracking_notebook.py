"""Runs of notebooks read back from a real MLflow store."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from mlflow.tracking import MlflowClient

from nbpipe.api.run import run
from nbpipe.errors import ExecutionError
from nbpipe.records import RunStatus
from tests.execute.making import Heard, code, write_notebook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path) -> Path:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    return tmp_path


def recorded(project: Path, experiment: str) -> list[Any]:
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    found = client.get_experiment_by_name(experiment)
    return [] if found is None else list(client.search_runs([found.experiment_id]))


def test_a_run_is_recorded_with_all_that_matters(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "-C", str(project), "init", "-b", "trunk"], capture_output=True, check=True)
    cell = code("alpha = 0.1\nname = 'a'\nfolds = [1, 2]", "parameters")
    source = write_notebook(project / "churn.ipynb", cell, "print(alpha)", "alpha * 2")
    heard = Heard()
    record = run(source, parameters={"alpha": "0.5"}, listeners=(heard,))

    (tracked,) = recorded(project, "churn")
    assert tracked.data.params == {"alpha": "0.5", "name": "a", "folds": "[1, 2]"}
    assert tracked.info.status == "FINISHED"
    tags = tracked.data.tags
    assert tags["nbpipe.run"] == record.id
    assert tags["nbpipe.status"] == "ok"
    assert tags["nbpipe.notebook.sha256"] == record.provenance["sha256"]
    assert tags["nbpipe.host"] == record.provenance["host"]
    assert tags["mlflow.user"] == record.provenance["user"]
    assert tags["mlflow.source.name"] == str(source)
    assert tags["mlflow.source.git.branch"] == "trunk"
    assert tracked.data.metrics["seconds"] == pytest.approx(record.seconds)

    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    history = client.get_metric_history(tracked.info.run_id, "cell_seconds")
    assert [(point.step, point.value) for point in history] == [
        (result.index + 1, result.seconds) for result in record.cells
    ]
    names = {item.path for item in client.list_artifacts(tracked.info.run_id)}
    assert names == {"churn.executed.ipynb", "churn.executed.run.json", "requirements.txt"}
    local = project / "mlartifacts" / tracked.info.run_id / "artifacts" / "churn.executed.run.json"
    assert json.loads(local.read_text())["id"] == record.id
    assert heard.notes == [
        f"MLflow run {tracked.info.run_id}; see it with: mlflow ui --backend-store-uri sqlite:///{project}/mlflow.db"
    ]
    assert heard.warnings == []
    assert capfd.readouterr() == ("", "")


def test_a_failed_run_is_recorded_as_failed(project: Path) -> None:
    record = run(write_notebook(project / "bad.ipynb", "1", "1 / 0", "2"))
    (tracked,) = recorded(project, "bad")
    assert record.status is RunStatus.FAILED
    assert tracked.info.status == "FAILED"
    assert tracked.data.tags["nbpipe.status"] == "failed"
    assert tracked.data.tags["mlflow.note.content"] == "ZeroDivisionError: division by zero"


def test_a_run_that_cannot_start_is_recorded_as_failed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = project / "share" / "kernels" / "gone"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text('{"argv": ["/nowhere/python"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(project / "share"))
    with pytest.raises(ExecutionError):
        run(write_notebook(project / "start.ipynb", "1", kernel="gone"))
    (tracked,) = recorded(project, "start")
    assert tracked.info.status == "FAILED"
    assert "cannot be started" in tracked.data.tags["mlflow.note.content"]


def test_a_store_that_is_down_costs_a_warning_and_nothing_else(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    heard = Heard()
    record = run(write_notebook(project / "a.ipynb", "1"), listeners=(heard,))
    assert record.status is RunStatus.OK
    (warning,) = heard.warnings
    assert warning.startswith("not tracked: MLflow server http://127.0.0.1:9 does not answer")
    assert warning.endswith(f"the run is recorded in {project}/a.executed.run.json; `nbpipe runs push` sends it")
    assert (project / "a.executed.run.json").is_file()


def test_no_tracking_leaves_no_trace(project: Path) -> None:
    run(write_notebook(project / "a.ipynb", "1"), tracking=False)
    assert recorded(project, "a") == []
    assert not (project / "mlartifacts").exists()


def test_the_notebooks_environment_is_the_users(project: Path) -> None:
    look = "import os\nprint(sorted(name for name in os.environ if name.startswith('MLFLOW')))"
    run(write_notebook(project / "a.ipynb", look))
    executed = json.loads((project / "a.executed.ipynb").read_text())
    assert executed["cells"][0]["outputs"][0]["text"] == ["[]\n"]
