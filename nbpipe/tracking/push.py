"""Sends records of runs to MLflow that it did not get when they ran."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.records import RunStatus
from nbpipe.tracking.logged import MLFLOW_STATUS, log_notebook_run, log_parameters, run_tags
from nbpipe.tracking.quiet import quiet_calls

if TYPE_CHECKING:
    from nbpipe.records import RunRecord, StepResult
    from nbpipe.tracking.store import Store


def push(store: Store, record: RunRecord, path: Path) -> str:
    """Record a run as if it had been while it ran; give MLflow's id of it.

    Args:
        store: where to.
        record: of the run.
        path: the record as a file.

    Raises:
        NbpipeError: the executed notebook is not what was written.
        Exception: whatever MLflow raises.
    """
    source = Path(record.source)
    began = int(datetime.fromisoformat(record.started).timestamp() * 1000)
    ended = began + int(record.seconds * 1000)
    is_notebook = record.kind == "notebook"
    name = source.stem if is_notebook else source.name
    with quiet_calls():
        experiment = store.experiment(name)
        run_id = _create(store, experiment, began, f"{name} {record.id}", record)
        log_parameters(store, run_id, record.parameters)
        if is_notebook:
            output = Path(record.output) if record.output and Path(record.output).is_file() else None
            log_notebook_run(store, run_id, record, output, path)
        else:
            _log_pipeline_run(store, experiment, run_id, record, began)
            store.client.log_artifact(run_id, str(path))
        store.client.set_terminated(run_id, MLFLOW_STATUS.get(record.status, "FAILED"), end_time=ended)
    return run_id


def _create(store: Store, experiment: str, began: int, name: str, record: RunRecord) -> str:
    kind = "NOTEBOOK" if record.kind == "notebook" else "PROJECT"
    tags = {"mlflow.source.name": record.source, "mlflow.source.type": kind, "nbpipe.run": record.id}
    run = store.client.create_run(experiment, start_time=began, run_name=name, tags=tags)
    return str(run.info.run_id)


def _log_pipeline_run(store: Store, experiment: str, run_id: str, record: RunRecord, began: int) -> None:
    from mlflow.entities import Metric, RunTag

    metrics = {"seconds": record.seconds}
    for step in record.steps:
        metrics.update(step.metrics)
        if step.seconds is not None:
            metrics[f"seconds.{step.name}"] = step.seconds
        if step.status is not RunStatus.NOT_RUN:
            _log_step(store, experiment, run_id, step, began)
    store.client.log_batch(
        run_id,
        metrics=[Metric(name, float(value), began, 0) for name, value in metrics.items()],
        tags=[RunTag(name, value) for name, value in run_tags(record).items()],
    )


def _log_step(store: Store, experiment: str, parent: str, step: StepResult, began: int) -> None:
    from mlflow.entities import Metric, RunTag

    tags: dict[str, Any] = {"mlflow.parentRunId": parent, "nbpipe.step": step.name}
    run_id = store.client.create_run(experiment, start_time=began, run_name=step.name, tags=tags).info.run_id
    measures = {"seconds": step.seconds, "cpu_seconds": step.cpu_seconds, "peak_memory_bytes": step.peak_memory}
    metrics = {**{name: value for name, value in measures.items() if value is not None}, **step.metrics}
    outputs = {f"nbpipe.output.{name}": key for name, key in step.outputs.items()}
    store.client.log_batch(
        run_id,
        metrics=[Metric(name, float(value), began, 0) for name, value in metrics.items()],
        tags=[RunTag(name, value) for name, value in {**outputs, "nbpipe.status": step.status.value}.items()],
    )
    store.client.set_terminated(run_id, MLFLOW_STATUS.get(step.status, "FAILED"))
