"""What MLflow is told about a notebook's run: parameters, tags, metrics, data, files."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import NbpipeError
from nbpipe.execute.hiding import shareable_bytes
from nbpipe.records import RunStatus
from nbpipe.secrets.redaction import Redactor
from nbpipe.tracking.entities import files_read, log_data, log_facts, run_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.records import RunRecord
    from nbpipe.tracking.store import Store

MLFLOW_STATUS: Final = {RunStatus.OK: "FINISHED", RunStatus.CACHED: "FINISHED", RunStatus.INTERRUPTED: "KILLED"}
"""Run status to MLflow's; the others are FAILED."""


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
    log_facts(store, run_id, metrics=_measures(record), tags=run_tags(record))
    read = record.observed.get("read") or ()
    log_data(store, run_id, files_read({file["path"]: file["sha256"] for file in read}))
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
    requirements = folder / "requirements.txt"
    requirements.write_text(requirements_of(record), encoding="utf-8")
    yield requirements


def requirements_of(record: RunRecord) -> str:
    """Give the packages of a run's environment as pip reads them."""
    packages: Mapping[str, Any] = record.provenance.get("packages") or {}
    return "".join(f"{name}=={version}\n" for name, version in packages.items())


def _measures(record: RunRecord) -> Iterator[tuple[str, float, int, int]]:
    """Give total seconds, and of each cell its seconds, CPU and memory with its number (from 1) as the step."""
    now = int(time.time() * 1000)
    yield "seconds", record.seconds, now, 0
    for cell in record.cells:
        measures = {
            "cell_seconds": cell.seconds,
            "cell_cpu_seconds": cell.cpu_seconds,
            "cell_peak_memory_bytes": cell.peak_memory,
        }
        for name, value in measures.items():
            if value is not None:
                yield name, float(value), now, cell.index + 1
