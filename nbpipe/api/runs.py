"""Past runs of a project: what `nbpipe runs` calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.errors import ConfigError, NbpipeError
from nbpipe.execute.record import record_as_json
from nbpipe.tracking.differences import Difference, diff_runs
from nbpipe.tracking.history import History, mark_sent, sent_to
from nbpipe.tracking.store import first_line, open_store, project_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from nbpipe.records import RunRecord

__all__ = ["Difference", "PastRun", "as_json", "diff_runs", "find_run", "list_runs", "push_runs", "report_run"]


class PastRun(NamedTuple):
    """One run of the past.

    Attributes:
        record: what is known of it.
        path: the record's file.
        mlflow: ``uri`` and ``run_id`` where MLflow has it, else None.
    """

    record: RunRecord
    path: Path
    mlflow: dict[str, Any] | None


def history(path: str | os.PathLike[str] = ".") -> History:
    """Give the history of the project that a path belongs to."""
    return History(project_folder(Path(path)))


def list_runs(path: str | os.PathLike[str] = ".", *, limit: int | None = None) -> list[PastRun]:
    """Give the runs of the project that a path belongs to, the newest first.

    Args:
        path: a file or folder of the project; a notebook or a pipeline's folder: only its own runs.
        limit: how many at most.
    """
    place = Path(path).resolve()
    only = str(place) if place.is_file() or (place / ".nbpipe").is_dir() else None
    found = []
    for file, record in history(path).records():
        if only is None or record.source == only:
            found.append(PastRun(record, file, sent_to(file)))
        if len(found) == limit:
            break
    return found


def find_run(run: str, path: str | os.PathLike[str] = ".") -> PastRun:
    """Give one run by its id, a unique part of it, or ``latest``.

    Raises:
        ConfigError: there is none, or several.
    """
    file, record = history(path).find(run)
    return PastRun(record, file, sent_to(file))


def as_json(run: PastRun) -> dict[str, Any]:
    """Give a run as plain JSON values."""
    return {**record_as_json(run.record), "record": str(run.path), "mlflow": run.mlflow}


def report_run(run: str, path: str | os.PathLike[str] = ".", output: str | os.PathLike[str] | None = None) -> Path:
    """Write the report of a pipeline's run, one HTML page that needs nothing else; give the file.

    Args:
        run: see `find_run`.
        path: a file or folder of the project.
        output: the file; None for the one beside the run's record.

    Raises:
        ConfigError: there is no such run, or it is a notebook's.
        ExecutionError: it cannot be written.
    """
    from nbpipe.tracking.html.writing import report_path, write_report

    found = find_run(run, path)
    if found.record.kind != "pipeline":
        raise ConfigError(f"run {found.record.id} is of a notebook: `nbpipe run --html` makes its page")
    target = report_path(found.path) if output is None else Path(output)
    place = found.record.provenance.get("store")
    write_report(found.record, place or Path(found.record.source) / ".nbpipe" / "store", target)
    return target


def push_runs(runs: list[str], path: str | os.PathLike[str] = ".") -> Iterator[tuple[PastRun, str | NbpipeError]]:
    """Send runs to MLflow that it does not have; yields each with MLflow's id of it, or why it was not sent.

    Args:
        runs: ids or parts of them; none: all that were not sent.
        path: a file or folder of the project.

    Raises:
        ConfigError: there is no such run.
        TrackingError: MLflow does not answer.
        MissingExtraError: MLflow is not installed.
    """
    from nbpipe.tracking.push import push
    from nbpipe.tracking.store import check_installed

    check_installed()
    wanted = [find_run(run, path) for run in runs] or [run for run in reversed(list_runs(path)) if run.mlflow is None]
    if not wanted:
        return
    store = open_store(project_folder(Path(path)))
    for run in wanted:
        try:
            run_id = push(store, run.record, run.path)
        except NbpipeError as error:
            yield run, error
            continue
        except Exception as error:  # noqa: BLE001 - any part of MLflow may fail, each with errors of its own
            yield run, NbpipeError(f"run {run.record.id} cannot be sent: {first_line(error)}")
            continue
        mark_sent(run.path, store.uri, run_id)
        yield run, run_id
