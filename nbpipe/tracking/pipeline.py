"""MLflow runs for each run of a pipeline: one for the whole, one nested in it for each step."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.listener import PipelineListener
from nbpipe.records import RunStatus
from nbpipe.tracking.history import mark_sent
from nbpipe.tracking.notebook import MLFLOW_STATUS, log_parameters
from nbpipe.tracking.quiet import quiet_calls
from nbpipe.tracking.store import Store, check_installed, first_line, open_store
from nbpipe.tracking.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nbpipe.pipeline.listener import PipelinePlan, StepStart
    from nbpipe.records import RunRecord, StepResult

_END_SECONDS = 60.0
_LONGEST_TAG = 5000


class PipelineTracking(PipelineListener):
    """Records a run and its steps in MLflow: parameters, metrics, times, memory, how each ended.

    Only this process writes, in one batch a step, with explicit run ids, from a thread of its own: importing MLflow
    and opening its store go on while the first steps run. Whatever goes wrong there is told as a warning.
    """

    def __init__(self, told: PipelineListener) -> None:
        """Tell `told` where the run is recorded, or why not.

        Raises:
            MissingExtraError: MLflow is not installed.
        """
        check_installed()
        self._told = told
        self._worker: Worker | None = None
        self._store: Store | None = None
        self._experiment = ""
        self._run_id = ""
        self._step_runs: dict[str, str] = {}

    def run_started(self, plan: PipelinePlan) -> None:
        """Begin the pipeline's MLflow run."""
        self._worker = Worker("nbpipe-mlflow")
        began = _now()
        self._worker.submit(lambda: self._begin(plan, began))

    def step_started(self, step: StepStart) -> None:
        """Begin the step's MLflow run, nested in the pipeline's."""
        began = _now()
        self._submit(lambda: self._begin_step(step, began))

    def step_finished(self, result: StepResult) -> None:
        """Record how a step ended; one that did not run has no MLflow run."""
        if result.status is not RunStatus.NOT_RUN:
            ended = _now()
            self._submit(lambda: self._end_step(result, ended))

    def run_finished(self, record: RunRecord, record_path: Path) -> None:
        """Complete the MLflow run and wait for it, for a bounded time."""
        ended = _now()
        self._finish(lambda: self._end(record, record_path, ended), f"the run is recorded in {record_path}")

    def run_aborted(self, reason: str) -> None:
        """Mark what has begun as failed."""
        self._finish(lambda: self._abort(reason), "this run is not recorded")

    def _submit(self, call: Callable[[], None]) -> None:
        if self._worker is not None:
            self._worker.submit(call)

    def _finish(self, call: Callable[[], None], otherwise: str) -> None:
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        worker.submit(call)
        ended = worker.finish(_END_SECONDS)
        if not ended:
            self._told.warned(f"MLflow did not answer in {_END_SECONDS:g} s; {otherwise}")
        elif worker.error is not None:
            self._told.warned(f"not tracked: {first_line(worker.error)}; {otherwise}")
        elif self._store is not None:
            self._told.noted(f"MLflow run {self._run_id}; see it with: {self._store.hint()}")

    def _begin(self, plan: PipelinePlan, began: int) -> None:
        folder, name = plan.project.folder, plan.project.pipeline.name
        store = open_store(folder)
        with quiet_calls():
            self._experiment = store.experiment(name)
            tags = {"mlflow.source.name": str(folder), "mlflow.source.type": "PROJECT", "nbpipe.run": plan.id}
            run = store.client.create_run(self._experiment, start_time=began, run_name=f"{name} {plan.id}", tags=tags)
            self._store, self._run_id = store, run.info.run_id
            log_parameters(store, self._run_id, plan.parameters)

    def _begin_step(self, step: StepStart, began: int) -> None:
        store = self._opened()
        with quiet_calls():
            tags = {"mlflow.parentRunId": self._run_id, "nbpipe.step": step.name}
            run = store.client.create_run(self._experiment, start_time=began, run_name=step.name, tags=tags)
            self._step_runs[step.name] = run.info.run_id
            if step.parameters:
                log_parameters(store, run.info.run_id, step.parameters)

    def _end_step(self, result: StepResult, ended: int) -> None:
        store, run_id = self._opened(), self._step_runs.pop(result.name)
        error = result.error
        tags = {
            "nbpipe.status": result.status.value,
            "mlflow.note.content": "" if error is None else f"{error.name}: {error.message}",
            **{f"nbpipe.output.{name}": key for name, key in result.outputs.items()},
        }
        measures = {
            "seconds": result.seconds,
            "cpu_seconds": result.cpu_seconds,
            "peak_memory_bytes": result.peak_memory,
        }
        metrics = {**{name: value for name, value in measures.items() if value is not None}, **result.metrics}
        with quiet_calls():
            _log(store, run_id, metrics, tags, ended)
            store.client.set_terminated(run_id, MLFLOW_STATUS.get(result.status, "FAILED"), end_time=ended)

    def _end(self, record: RunRecord, record_path: Path, ended: int) -> None:
        store = self._opened()
        metrics: dict[str, float] = {"seconds": record.seconds}
        for step in record.steps:
            if step.seconds is not None:
                metrics[f"seconds.{step.name}"] = step.seconds
            metrics.update(step.metrics)
        with quiet_calls():
            _log(store, self._run_id, metrics, _tags(record), ended)
            store.client.log_artifact(self._run_id, str(record_path))
            store.client.set_terminated(self._run_id, MLFLOW_STATUS.get(record.status, "FAILED"), end_time=ended)
        mark_sent(record_path, store.uri, self._run_id)

    def _abort(self, reason: str) -> None:
        if self._store is None:
            return
        with quiet_calls():
            self._store.client.set_tag(self._run_id, "mlflow.note.content", reason[:_LONGEST_TAG])
            for run_id in (*self._step_runs.values(), self._run_id):
                self._store.client.set_terminated(run_id, "FAILED")

    def _opened(self) -> Store:
        # The worker makes no call after one that failed, so `_begin` has succeeded here.
        if self._store is None:
            raise RuntimeError("the run was not begun")
        return self._store


def _now() -> int:
    return int(time.time() * 1000)


def _log(store: Store, run_id: str, metrics: Mapping[str, float], tags: Mapping[str, Any], now: int) -> None:
    """Log all that is known at the end of a run in one batch."""
    from mlflow.entities import Metric, RunTag

    store.client.log_batch(
        run_id,
        metrics=[Metric(name, float(value), now, 0) for name, value in metrics.items()],
        tags=[RunTag(name, str(value)[:_LONGEST_TAG]) for name, value in tags.items() if value],
    )


def _tags(record: RunRecord) -> dict[str, Any]:
    """Give what MLflow's table of runs shows and can be searched for."""
    origin = record.provenance
    git = origin.get("git") or {}
    return {
        "mlflow.user": origin.get("user"),
        "mlflow.source.git.commit": git.get("commit"),
        "mlflow.source.git.branch": git.get("branch"),
        "mlflow.note.content": None if record.error is None else f"{record.error.name}: {record.error.message}",
        "nbpipe.git.dirty": str(git["dirty"]).lower() if git else None,
        "nbpipe.host": origin.get("host"),
        "nbpipe.python": (origin.get("python") or {}).get("version"),
        "nbpipe.status": record.status.value,
    }
