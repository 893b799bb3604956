"""What MLflow is told about a run: parameters, tags, metrics, data, files."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import NbpipeError
from nbpipe.execute.hiding import shareable_bytes
from nbpipe.records import RunStatus
from nbpipe.secrets.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.records import RunRecord
    from nbpipe.tracking.store import Store

_LONGEST_PARAMETER = 6000  # MLflow's limit, as those below
_LONGEST_TAG = 5000
_LONGEST_DIGEST = 36
_PARAMETERS_A_BATCH = 100
_METRICS_A_BATCH = 1000
_DATA_A_BATCH = 100
_MOST_DATA = 1000

MLFLOW_STATUS: Final = {RunStatus.OK: "FINISHED", RunStatus.CACHED: "FINISHED", RunStatus.INTERRUPTED: "KILLED"}
"""Run status to MLflow's; the others are FAILED."""


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


def log_notebook_run(store: Store, run_id: str, record: RunRecord, output: Path | None, record_path: Path) -> None:
    """Log all that is known when a notebook has run; call it within `quiet_calls`.

    The copy of the executed notebook that MLflow gets has nothing in it that has the shape of a secret.

    Args:
        store: where to.
        run_id: MLflow's.
        record: of the run.
        output: the executed notebook; None where it is gone.
        record_path: the record as a file.
    """
    from mlflow.entities import RunTag

    tags = [RunTag(name, value) for name, value in run_tags(record).items()]
    store.client.log_batch(run_id, tags=tags)
    _log_measures(store, run_id, record)
    _log_data(store, run_id, record)
    with tempfile.TemporaryDirectory(prefix="nbpipe-mlflow-") as folder:
        for path in _artifacts(record, output, record_path, Path(folder)):
            store.client.log_artifact(run_id, str(path))


def _artifacts(record: RunRecord, output: Path | None, record_path: Path, folder: Path) -> Iterator[Path]:
    if output is not None:
        shared = folder / output.name
        try:
            shared.write_bytes(shareable_bytes(output.read_bytes(), Redactor({})))
        except (ValueError, AttributeError, TypeError) as error:
            raise NbpipeError(f"{output}: is not the notebook that was written: {error}") from error
        yield shared
    yield record_path
    packages = record.provenance.get("packages") or {}
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(f"{name}=={version}\n" for name, version in packages.items()), encoding="utf-8")
    yield requirements


def _log_measures(store: Store, run_id: str, record: RunRecord) -> None:
    """Log total seconds, and of each cell its seconds, CPU and memory with its number (from 1) as the step."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric("seconds", record.seconds, now, 0)]
    for cell in record.cells:
        measures = {
            "cell_seconds": cell.seconds,
            "cell_cpu_seconds": cell.cpu_seconds,
            "cell_peak_memory_bytes": cell.peak_memory,
        }
        metrics += [
            Metric(name, float(value), now, cell.index + 1) for name, value in measures.items() if value is not None
        ]
    for start in range(0, len(metrics), _METRICS_A_BATCH):
        store.client.log_batch(run_id, metrics=metrics[start : start + _METRICS_A_BATCH])


def _log_data(store: Store, run_id: str, record: RunRecord) -> None:
    """Log the files that were read as MLflow's data sets, by the beginning of their hashes."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    datasets = [
        DatasetInput(
            Dataset(
                name=Path(file["path"]).name[-500:],
                digest=file["sha256"][:_LONGEST_DIGEST],
                source_type="local",
                source=json.dumps({"uri": file["path"]}),
            ),
            tags=[InputTag("mlflow.data.context", "read")],
        )
        for file in (record.observed.get("read") or ())[:_MOST_DATA]
        if file.get("sha256")
    ]
    for start in range(0, len(datasets), _DATA_A_BATCH):
        store.client.log_inputs(run_id, datasets=datasets[start : start + _DATA_A_BATCH])


def run_tags(record: RunRecord) -> dict[str, str]:
    """Give what MLflow's table of runs shows and can be searched for."""
    origin = record.provenance
    git = origin.get("git") or {}
    error = None if record.error is None else f"{record.error.name}: {record.error.message}"
    seeds = [f"{seed['generator']}({seed['seed']})" for seed in record.observed.get("seeds") or ()]
    effects = [f"{item['kind']} {item['name']}" for item in record.observed.get("effects") or ()]
    tags = {
        **{name: value or "true" for name, value in record.tags.items()},
        "mlflow.user": origin.get("user"),
        "mlflow.source.git.commit": git.get("commit"),
        "mlflow.source.git.branch": git.get("branch"),
        "mlflow.note.content": record.note or error,
        "nbpipe.error": error,
        "nbpipe.git.dirty": str(git["dirty"]).lower() if git else None,
        "nbpipe.host": origin.get("host"),
        "nbpipe.kernel": (origin.get("kernel") or {}).get("name"),
        "nbpipe.notebook.sha256": origin.get("sha256"),
        "nbpipe.python": (origin.get("python") or {}).get("version"),
        "nbpipe.seeds": ", ".join(seeds),
        "nbpipe.effects": ", ".join(effects),
        "nbpipe.status": record.status.value,
    }
    return {name: str(value)[:_LONGEST_TAG] for name, value in tags.items() if value}
