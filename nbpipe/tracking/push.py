"""Sends records of runs to MLflow that it did not get, or not whole, when they ran."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import NbpipeError
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.requests import run_file
from nbpipe.runtime.store import Store as Values
from nbpipe.tracking.entities import log_facts
from nbpipe.tracking.logged import MLFLOW_STATUS, log_notebook_run
from nbpipe.tracking.quiet import quiet_calls
from nbpipe.tracking.steps import PARENT, log_run, log_step, read_run, steps_of

if TYPE_CHECKING:
    from nbpipe.records import RunRecord
    from nbpipe.tracking.store import Store


def push(store: Store, record: RunRecord, path: Path) -> str:
    """Record a run as if it had been while it ran; give MLflow's id of it.

    What the store has got of a pipeline's run already is completed, not recorded twice.

    Args:
        store: where to.
        record: of the run.
        path: the record as a file.

    Raises:
        NbpipeError: the executed notebook is not what was written.
        Exception: whatever MLflow raises.
    """
    began = int(datetime.fromisoformat(record.started).timestamp() * 1000)
    ended = began + int(record.seconds * 1000)
    with quiet_calls():
        return (_push_notebook if record.kind == "notebook" else _push_pipeline)(store, record, path, began, ended)


def _push_notebook(store: Store, record: RunRecord, path: Path, began: int, ended: int) -> str:
    name = Path(record.source).stem
    run_id = _create(store, store.experiment(name), began, f"{name} {record.id}", record)
    log_facts(store, run_id, params=record.parameters)
    output = Path(record.output) if record.output and Path(record.output).is_file() else None
    log_notebook_run(store, run_id, record, output, path)
    store.client.set_terminated(run_id, MLFLOW_STATUS.get(record.status, "FAILED"), end_time=ended)
    return run_id


def _push_pipeline(store: Store, record: RunRecord, path: Path, began: int, ended: int) -> str:
    work = path.with_suffix("")
    name, used, values = _project(record)
    known = read_run(work / PARENT, store)
    experiment = store.experiment(name) if known is None else known[0]
    run_id = _create(store, experiment, began, f"{name} {record.id}", record) if known is None else known[1]
    for step in steps_of(record, used, ended):
        begun = read_run(run_file(work, step.result.name), store)
        if begun is None:
            tags = {"mlflow.parentRunId": run_id, "nbpipe.step": step.result.name, "nbpipe.run": record.id}
            created = store.client.create_run(experiment, start_time=began, run_name=step.result.name, tags=tags)
            begun = experiment, str(created.info.run_id)
        log_step(store, begun[1], step, values)
    log_run(store, run_id, record, path, ended)
    return run_id


def _project(record: RunRecord) -> tuple[str, dict[str, tuple[str, ...]], Values]:
    """Give what a record's pipeline is called, the parameters of its steps, and where its values are."""
    try:
        project = load_project(record.source)
    except NbpipeError:  # the folder is gone, or no longer a pipeline: the record has the rest
        return Path(record.source).name, {}, Values(Path(record.source) / ".nbpipe" / "store")
    used = {step.name: step.parameters for step in project.pipeline.steps}
    return project.pipeline.name, used, Values(project.store)


def _create(store: Store, experiment: str, began: int, name: str, record: RunRecord) -> str:
    kind = "NOTEBOOK" if record.kind == "notebook" else "PROJECT"
    tags: dict[str, Any] = {"mlflow.source.name": record.source, "mlflow.source.type": kind, "nbpipe.run": record.id}
    run = store.client.create_run(experiment, start_time=began, run_name=name, tags=tags)
    return str(run.info.run_id)
