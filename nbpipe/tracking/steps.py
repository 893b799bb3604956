"""What MLflow is told about a pipeline's run and its steps, while it runs and when it is sent later."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.records import RunStatus
from nbpipe.runtime.store import CorruptedArtifact, StoreFault
from nbpipe.runtime.store import Store as Values
from nbpipe.tracking.entities import files_read, log_data, log_facts, run_tags, tags_of, values_taken
from nbpipe.tracking.logged import MLFLOW_STATUS, requirements_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbpipe.records import RunRecord, StepResult
    from nbpipe.tracking.store import Store

PARENT = ".mlflow.json"
"""The file in a run's folder that says which MLflow run it is; no step's is called so."""


class Ended(NamedTuple):
    """How a step ended.

    Attributes:
        result: of it.
        parameters: that it used, secrets hidden.
        makers: results of the steps before it, by name.
        when: milliseconds since the epoch.
    """

    result: StepResult
    parameters: Mapping[str, Any]
    makers: Mapping[str, StepResult]
    when: int


def log_step(store: Store, run_id: str, step: Ended, values: Values, *, tagged: bool = False) -> None:
    """Log all that is known of a step that has ended, in one batch, and end its run; call it within `quiet_calls`.

    What the step logged itself into this very run is there; what it logged elsewhere (when its result was computed
    first, or while the store did not answer) is logged again.

    Args:
        store: where to.
        run_id: MLflow's.
        step: how it ended.
        values: where its figures are.
        tagged: its run has the tags of `step_tags` already.
    """
    result, logged = step.result, step.result.logged
    is_there = logged.get("run_id") == run_id
    history = _own_history(logged)
    own = logged.get("metrics", {}) if is_there or history else {}
    measures = {"seconds": result.seconds, "cpu_seconds": result.cpu_seconds, "peak_memory_bytes": result.peak_memory}
    metrics = {name: value for name, value in measures.items() if value is not None}
    metrics |= {name: value for name, value in result.metrics.items() if name not in own}
    params = {name: value for name, value in step.parameters.items() if name not in logged.get("params", {})}
    tags: dict[str, Any] = {} if tagged else step_tags(result)
    if logged and not is_there:
        params |= logged.get("params", {})
        tags |= {**logged.get("tags", {}), "nbpipe.logged.run_id": None if logged.get("local") else logged["run_id"]}
    now = ((name, value, step.when, 0) for name, value in metrics.items())
    log_facts(store, run_id, params=params, metrics=(*now, *history), tags=tags)
    data = files_read(result.read, result.profiles.get("files"))
    log_data(store, run_id, [*data, *values_taken(result, step.makers)])
    if logged.get("local"):
        _copy_artifacts(store, run_id, logged)
    if result.figures:
        with tempfile.TemporaryDirectory(prefix="nbpipe-mlflow-") as folder:
            _write_figures(result, values, Path(folder))
            store.client.log_artifacts(run_id, folder, "figures")
    store.client.set_terminated(run_id, MLFLOW_STATUS.get(result.status, "FAILED"), end_time=step.when)


def step_tags(result: StepResult) -> dict[str, str]:
    """Give what MLflow's table shows of a step that has ended."""
    error = result.error
    generators = [f"{name} ({how})" for name, how in result.generators.items()]
    seeds = [f"{seed['generator']}({seed['seed']})" for seed in result.seeds]
    tags = {
        "nbpipe.status": result.status.value,
        "nbpipe.reason": result.reason,
        "nbpipe.attempts": str(result.attempts) if result.attempts > 1 else "",
        "nbpipe.generators": ", ".join(generators),
        "nbpipe.seeds": ", ".join(seeds),
        "mlflow.note.content": "" if error is None else f"{error.name}: {error.message}",
        **{f"nbpipe.input.{name}": f"{source['step']} {source['key']}" for name, source in result.inputs.items()},
        **{f"nbpipe.output.{name}": key for name, key in result.outputs.items()},
        **{f"nbpipe.file.{Path(path).name}": digest for path, digest in result.written.items()},
    }
    return tags_of(tags)


def _write_figures(result: StepResult, values: Values, folder: Path) -> None:
    for name, key in result.figures.items():
        with suppress(CorruptedArtifact, StoreFault, OSError), values.open(key) as content:
            (folder / f"{name}.png").write_bytes(content.read())


def _own_history(logged: Mapping[str, Any]) -> list[tuple[str, float, int, int]]:
    """Give all values of the metrics that a step logged while the store did not answer, if they are still there."""
    if not logged.get("local"):
        return []
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    with suppress(MlflowException):
        client = MlflowClient(logged["uri"])
        names = client.get_run(logged["run_id"]).data.metrics
        values = [each for name in names for each in client.get_metric_history(logged["run_id"], name)]
        return [(each.key, each.value, each.timestamp, each.step) for each in values]
    return []


def _copy_artifacts(store: Store, run_id: str, logged: Mapping[str, Any]) -> None:
    """Copy what a step logged as files while the store did not answer."""
    from mlflow.tracking import MlflowClient

    with tempfile.TemporaryDirectory(prefix="nbpipe-mlflow-") as folder:
        client = MlflowClient(logged["uri"])
        if client.list_artifacts(logged["run_id"]):
            store.client.log_artifacts(run_id, client.download_artifacts(logged["run_id"], "", folder))


def log_run(store: Store, run_id: str, record: RunRecord, record_path: Path, when: int) -> None:
    """Log all that is known of a pipeline's run and end it; call it within `quiet_calls`.

    Args:
        store: where to.
        run_id: MLflow's.
        record: of the run.
        record_path: the record as a file; its report lies beside it.
        when: it ended, in milliseconds since the epoch.
    """
    metrics = ((name, value, when, 0) for name, value in _run_metrics(record))
    log_facts(store, run_id, params=record.parameters, metrics=metrics, tags=run_tags(record))
    profiles = {path: each for step in record.steps for path, each in step.profiles.get("files", {}).items()}
    log_data(
        store,
        run_id,
        files_read({file["path"]: file["sha256"] for file in record.observed.get("read") or ()}, profiles),
    )
    with tempfile.TemporaryDirectory(prefix="nbpipe-mlflow-") as folder:
        for name, content in _files(record, record_path):
            (Path(folder) / name).write_bytes(content)
        store.client.log_artifacts(run_id, folder)
    store.client.set_terminated(run_id, MLFLOW_STATUS.get(record.status, "FAILED"), end_time=when)


def _run_metrics(record: RunRecord) -> Iterator[tuple[str, float]]:
    yield "seconds", record.seconds
    for step in record.steps:
        if step.seconds is not None:
            yield f"seconds.{step.name}", step.seconds
    yield from {name: value for step in record.steps for name, value in step.metrics.items()}.items()


def _files(record: RunRecord, record_path: Path) -> Iterator[tuple[str, bytes]]:
    yield record_path.name, record_path.read_bytes()
    report = record_path.with_suffix(".html")
    if report.is_file():
        yield "report.html", report.read_bytes()
    yield "requirements.txt", requirements_of(record).encode()
    diff = (record.provenance.get("git") or {}).get("diff")
    if diff:
        yield "uncommitted.diff", diff.encode("utf-8", "backslashreplace")


def has_run(result: StepResult) -> bool:
    """Tell whether a step has an MLflow run: whether it ran, or its result was taken."""
    return result.status not in (RunStatus.NOT_RUN, RunStatus.SKIPPED)


def write_run(file: Path, store: Store | None, experiment: str = "", run_id: str = "") -> None:
    """Say in a run's folder which MLflow run is its own or a step's; without a store, that there is none."""
    content = {"uri": store.uri if store else "", "experiment_id": experiment, "run_id": run_id, "process": os.getpid()}
    temporary = file.with_suffix(f".{os.getpid()}.partial")
    with suppress(OSError):
        temporary.write_text(json.dumps(content), encoding="utf-8")
        os.replace(temporary, file)  # noqa: PTH105 - one call, no object


def read_run(file: Path, store: Store) -> tuple[str, str] | None:
    """Give the experiment and the MLflow run that `write_run` told of, where this store has it."""
    with suppress(OSError, ValueError, KeyError):
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["uri"] == store.uri and content["run_id"]:
            from mlflow.exceptions import MlflowException

            with suppress(MlflowException):
                found = store.client.get_run(content["run_id"])
                if found.info.lifecycle_stage == "active":
                    return str(found.info.experiment_id), str(content["run_id"])
    return None


def steps_of(record: RunRecord, used: Mapping[str, Iterable[str]], when: int) -> Iterator[Ended]:
    """Give the steps of a record that have MLflow runs, as `log_step` takes them.

    Args:
        record: of the run.
        used: the parameters that each step uses, by its name.
        when: they ended, in milliseconds since the epoch.
    """
    makers = {step.name: step for step in record.steps}
    for step in filter(has_run, record.steps):
        values = {name: record.parameters[name] for name in used.get(step.name, ()) if name in record.parameters}
        yield Ended(step, values, makers, when)
