"""One MLflow run for each run of a notebook."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from nbpipe.execute import Listener
from nbpipe.records import RunStatus
from nbpipe.tracking.quiet import quiet_calls
from nbpipe.tracking.store import Store, check_installed, first_line, open_store
from nbpipe.tracking.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.execute import RunPlan
    from nbpipe.records import RunRecord

_END_SECONDS = 60.0
_LONGEST_PARAMETER = 6000  # MLflow's limit, as the three below
_LONGEST_TAG = 5000
_PARAMETERS_A_BATCH = 100
_METRICS_A_BATCH = 1000

MLFLOW_STATUS: Final = {RunStatus.OK: "FINISHED", RunStatus.CACHED: "FINISHED", RunStatus.INTERRUPTED: "KILLED"}
"""Run status to MLflow's; the others are FAILED."""


class NotebookTracking(Listener):
    """Records a run in MLflow: parameters, tags, times of the cells, the executed notebook and the record.

    MLflow is called from a thread of its own, so that importing it and making the database cost no time while
    cells run. Whatever goes wrong there is told as a warning.
    """

    def __init__(self, told: Listener) -> None:
        """Tell `told` where the run is recorded, or why not.

        Raises:
            MissingExtraError: MLflow is not installed.
        """
        check_installed()
        self._told = told
        self._worker: Worker | None = None
        self._store: Store | None = None
        self._run_id = ""

    def run_started(self, plan: RunPlan) -> None:
        """Begin the MLflow run."""
        self._worker = Worker("nbpipe-mlflow")
        self._worker.submit(lambda: self._begin(plan))

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:
        """Complete the MLflow run and wait for it, for a bounded time."""
        self._finish(lambda: self._end(record, output, record_path), f"the run is recorded in {record_path}")

    def run_aborted(self, reason: str) -> None:
        """Mark the MLflow run as failed."""
        self._finish(lambda: self._abort(reason), "this run is not recorded")

    def _finish(self, call: Any, otherwise: str) -> None:
        if self._worker is None:
            return
        self._worker.submit(call)
        ended = self._worker.finish(_END_SECONDS)
        if not ended:
            self._told.warned(f"MLflow did not answer in {_END_SECONDS:g} s; {otherwise}")
        elif self._worker.error is not None:
            self._told.warned(f"not tracked: {first_line(self._worker.error)}; {otherwise}")
        elif self._store is not None:
            self._told.noted(f"MLflow run {self._run_id}; see it with: {self._store.hint()}")

    def _begin(self, plan: RunPlan) -> None:
        store = open_store(plan.source.parent)
        with quiet_calls():
            experiment = store.experiment(plan.source.stem)
            tags = {"mlflow.source.name": str(plan.source), "mlflow.source.type": "NOTEBOOK", "nbpipe.run": plan.id}
            run = store.client.create_run(
                experiment, start_time=int(time.time() * 1000), run_name=f"{plan.source.stem} {plan.id}", tags=tags
            )
            self._store, self._run_id = store, run.info.run_id
            log_parameters(store, self._run_id, plan.parameters)

    def _end(self, record: RunRecord, output: Path, record_path: Path) -> None:
        store = self._store
        if store is None:
            return
        with quiet_calls():
            from mlflow.entities import RunTag

            tags = [RunTag(name, value) for name, value in _tags(record).items()]
            store.client.log_batch(self._run_id, tags=tags)
            _log_times(store, self._run_id, record)
            store.client.log_artifact(self._run_id, str(output))
            store.client.log_artifact(self._run_id, str(record_path))
            store.client.set_terminated(self._run_id, MLFLOW_STATUS.get(record.status, "FAILED"))

    def _abort(self, reason: str) -> None:
        if self._store is not None:
            with quiet_calls():
                self._store.client.set_tag(self._run_id, "mlflow.note.content", reason[:_LONGEST_TAG])
                self._store.client.set_terminated(self._run_id, "FAILED")


def log_parameters(store: Store, run_id: str, parameters: Mapping[str, Any]) -> None:
    """Log parameters: text as it is, other values as JSON where they have any; cut at MLflow's longest."""
    from mlflow.entities import Param

    entities = [Param(name, _text(value)[:_LONGEST_PARAMETER]) for name, value in parameters.items()]
    for start in range(0, len(entities), _PARAMETERS_A_BATCH):
        store.client.log_batch(run_id, params=entities[start : start + _PARAMETERS_A_BATCH])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return repr(value)


def _log_times(store: Store, run_id: str, record: RunRecord) -> None:
    """Log total seconds, and those of each cell with its number (from 1) as the step."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric("seconds", record.seconds, now, 0)]
    metrics += [
        Metric("cell_seconds", cell.seconds, now, cell.index + 1) for cell in record.cells if cell.seconds is not None
    ]
    for start in range(0, len(metrics), _METRICS_A_BATCH):
        store.client.log_batch(run_id, metrics=metrics[start : start + _METRICS_A_BATCH])


def _tags(record: RunRecord) -> dict[str, str]:
    """Give what MLflow's table of runs shows and can be searched for."""
    origin = record.provenance
    git = origin.get("git") or {}
    tags = {
        "mlflow.user": origin.get("user"),
        "mlflow.source.git.commit": git.get("commit"),
        "mlflow.source.git.branch": git.get("branch"),
        "mlflow.note.content": None if record.error is None else f"{record.error.name}: {record.error.message}",
        "nbpipe.git.dirty": str(git["dirty"]).lower() if git else None,
        "nbpipe.host": origin.get("host"),
        "nbpipe.kernel": (origin.get("kernel") or {}).get("name"),
        "nbpipe.notebook.sha256": origin.get("sha256"),
        "nbpipe.python": (origin.get("python") or {}).get("version"),
        "nbpipe.status": record.status.value,
    }
    return {name: str(value)[:_LONGEST_TAG] for name, value in tags.items() if value}
