"""Past runs of a project: what `nbpipe runs` calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.errors import NbpipeError
from nbpipe.execute.record import record_as_json
from nbpipe.tracking.history import History, mark_sent, sent_to
from nbpipe.tracking.store import first_line, open_store, project_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from nbpipe.records import RunRecord

_VERSION = 1


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


class Difference(NamedTuple):
    """What differs between two runs.

    Attributes:
        what: ``parameters``, ``files read``, ``packages``...
        name: of the parameter, file, package...
        first: its value in the first run, None where it has none.
        second: and in the second.
    """

    what: str
    name: str
    first: Any
    second: Any


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


def diff_runs(first: RunRecord, second: RunRecord) -> list[Difference]:
    """Tell what differs between two runs: notebook, parameters, data, code, environment, how cells ended."""
    differences: list[Difference] = []
    for what, facts in _facts(first).items():
        others = _facts(second)[what]
        names = dict.fromkeys([*facts, *others])
        differences += [
            Difference(what, name, facts.get(name), others.get(name))
            for name in names
            if facts.get(name) != others.get(name)
        ]
    return differences


def _facts(record: RunRecord) -> dict[str, Mapping[str, Any]]:
    origin = record.provenance
    git = origin.get("git") or {}
    seen = record.observed
    return {
        "run": {"source": record.source, "status": record.status.value, "user": origin.get("user"),
                "host": origin.get("host"), "commit": git.get("commit"), "uncommitted changes": git.get("diff"),
                "notebook": origin.get("sha256")},
        "parameters": record.parameters,
        "files read": {item["path"]: item["sha256"] for item in seen.get("read") or ()},
        "files written": {item["path"]: item["sha256"] for item in seen.get("written") or ()},
        "own modules": {item["path"]: item["sha256"] for item in seen.get("modules") or ()},
        "folders listed": {item["path"]: item["sha256"] for item in seen.get("listed") or ()},
        "files absent": dict.fromkeys(seen.get("absent") or (), "absent"),
        "seeds": {item["generator"]: item["seed"] for item in seen.get("seeds") or ()},
        "python": {**(origin.get("python") or {}), "platform": origin.get("platform")},
        "packages": origin.get("packages") or {},
        "variables": origin.get("variables") or {},
        "cells": {f"cell {cell.index + 1}": cell.status.value for cell in record.cells},
        "steps": {step.name: step.status.value for step in record.steps},
        "metrics": {name: value for step in record.steps for name, value in step.metrics.items()},
    }  # fmt: skip


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
