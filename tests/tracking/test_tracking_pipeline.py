from __future__ import annotations

import json
import shutil
import warnings
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.run_pipeline import run_pipeline
from nbpipe.api.runs import list_runs, push_runs
from nbpipe.records import RunStatus
from nbpipe.tracking.entities import _text
from nbpipe.tracking.pipeline import PipelineTracking
from nbpipe.tracking.quiet import quiet_calls
from tests.pipeline.projects import Told, copied

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)


class _Listening(Told):
    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def noted(self, message: str) -> None:
        self.notes.append(message)


def _project(case: str, folder: Path, store: Path | None = None) -> Path:
    root = copied(case, folder)
    (root / "pyproject.toml").write_text("")
    if store is not None:
        shutil.copy(store, root / "mlflow.db")
    return root


def _runs(root: Path, experiment: str) -> tuple[Any, dict[str, Any]]:
    """Give the pipeline's MLflow run, and those nested in it by step, from the database."""
    with quiet_calls(), warnings.catch_warnings():
        from mlflow.tracking import MlflowClient

        client = MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
        found = client.get_experiment_by_name(experiment)
        assert found is not None
        runs = client.search_runs([found.experiment_id])
        assert found.artifact_location == (root / "mlartifacts").as_uri()
        parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
        assert len(parents) == 1
        nested = {run.data.tags["nbpipe.step"]: run for run in runs if run is not parents[0]}
        names = [path.path for path in client.list_artifacts(parents[0].info.run_id)]
    assert {run.data.tags["mlflow.parentRunId"] for run in nested.values()} == {parents[0].info.run_id}
    assert {"report.html", "requirements.txt"} < set(names)
    return parents[0], nested


def test_each_step_is_a_run_nested_in_the_pipelines_run(tmp_path: Path, empty_store: Path) -> None:
    root, told = _project("plain", tmp_path, empty_store), _Listening()
    record = run_pipeline(root, parameters={"scale": 1.5}, listeners=[told])
    parent, steps = _runs(root, "plain")
    assert parent.info.status == "FINISHED"
    assert parent.data.params == {"rows_path": "rows.csv", "seed": "7", "scale": "1.5", "size": "3"}
    assert parent.data.tags["nbpipe.run"] == record.id
    assert parent.data.metrics["total"] == record.steps[-1].metrics["total"]
    assert set(steps) == {"load", "scale", "seed", "sample", "report"}
    assert {run.info.status for run in steps.values()} == {"FINISHED"}
    assert steps["scale"].data.params == {"scale": "1.5"}
    assert steps["report"].data.metrics["total"] == record.steps[-1].metrics["total"]
    assert set(steps["load"].data.metrics) == {"seconds", "cpu_seconds", "peak_memory_bytes"}
    assert steps["load"].data.metrics["seconds"] == record.steps[0].seconds
    assert steps["load"].data.tags["nbpipe.output.rows"] == record.steps[0].outputs["rows"]
    assert told.notes[0].startswith(f"MLflow run {parent.info.run_id}; see it with: mlflow ui")
    assert told.warnings == []
    (past,) = list_runs(root)
    assert past.mlflow == {"uri": f"sqlite:///{root / 'mlflow.db'}", "run_id": parent.info.run_id}
    assert list(push_runs([], root)) == [], "what was tracked is not sent again"


def test_a_failure_is_a_failure_of_the_step_and_of_the_run(tmp_path: Path, empty_store: Path) -> None:
    root = _project("failing", tmp_path, empty_store)
    assert run_pipeline(root).status is RunStatus.FAILED
    parent, steps = _runs(root, "failing")
    assert parent.info.status == "FAILED"
    assert {name: run.info.status for name, run in steps.items()} == {"count": "FINISHED", "divide": "FAILED"}
    assert "division by zero" in steps["divide"].data.tags["mlflow.note.content"]


def test_a_store_that_cannot_be_used_costs_the_run_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    root, told = _project("plain", tmp_path), _Listening()
    assert run_pipeline(root, listeners=[told]).status is RunStatus.OK
    assert len(told.warnings) == 1
    assert told.warnings[0].startswith("not tracked: MLflow server http://127.0.0.1:9 does not answer")
    assert "the run is recorded in" in told.warnings[0]


def test_without_tracking_no_store_is_made(tmp_path: Path) -> None:
    root = _project("plain", tmp_path)
    run_pipeline(root, tracking=False)
    assert not (root / "mlflow.db").exists()


def test_a_run_that_never_began_is_no_error() -> None:
    PipelineTracking(Told()).run_aborted("wrong parameter")


def test_parameters_are_the_same_text_from_a_run_and_from_its_record() -> None:
    values = {"day": date(2024, 1, 2), "list": [1, "a"], "pair": (1, date(2024, 1, 2)), "rate": 0.1, "no": None}
    again = json.loads(json.dumps(values, default=str))
    assert [_text(value) for value in values.values()] == [_text(value) for value in again.values()]
