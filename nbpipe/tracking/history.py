"""The records of a project's runs, kept so that they can be listed, compared and sent to MLflow later."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import ConfigError, ExecutionError, did_you_mean
from nbpipe.execute.listener import Listener
from nbpipe.execute.record import read_record, write_record
from nbpipe.execute.saving import write_atomically
from nbpipe.records import latest_started
from nbpipe.tracking.store import project_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbpipe.execute.listener import RunPlan
    from nbpipe.records import RunRecord

FOLDER: Final = ".nbpipe_runs"
_OF_PIPELINES: Final = (".nbpipe/runs", "*/.nbpipe/runs")
_SENT: Final = ".sent"


class History:
    """The runs of one project, newest first.

    Attributes:
        project: its folder.
    """

    def __init__(self, project: Path) -> None:
        self.project = project
        self._folder = project / FOLDER

    def add(self, record: RunRecord) -> None:
        """Keep a record.

        Raises:
            ExecutionError: it cannot be written.
        """
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise ExecutionError(f"{self._folder}: cannot be made: {error.strerror}") from error
        ignore = self._folder / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, b"*\n")
        write_record(record, self._folder / f"{record.id}.json")

    def records(self) -> Iterator[tuple[Path, RunRecord]]:
        """Yield the records with their files; one that cannot be read is left out."""
        for path in self._paths():
            with suppress(ExecutionError):
                yield path, read_record(path)

    def find(self, run: str) -> tuple[Path, RunRecord]:
        """Give the record of a run by its id, a unique part of it, or ``latest``.

        Raises:
            ConfigError: there is none, or several.
            ExecutionError: it cannot be read.
        """
        paths = self._paths()
        found = latest_started(paths) if run == "latest" else [path for path in paths if path.stem == run]
        found = found or [path for path in paths if run and run in path.stem]
        if len(found) != 1:
            many = f"; {len(found)} runs have that in their id" if found else did_you_mean(run, [p.stem for p in paths])
            raise ConfigError(f"no run '{run}' in {self.project}{many} (see nbpipe runs)")
        return found[0], read_record(found[0])

    def _paths(self) -> list[Path]:
        paths = list(self._folder.glob("*.json"))
        for pattern in _OF_PIPELINES:
            paths += (path for folder in self.project.glob(pattern) for path in folder.glob("*.json"))
        return sorted(paths, key=lambda path: path.stem, reverse=True)


def mark_sent(path: Path, uri: str, run_id: str) -> None:
    """Note beside a record that MLflow has it."""
    with suppress(ExecutionError):
        write_atomically(path.with_suffix(_SENT), json.dumps({"uri": uri, "run_id": run_id}).encode())


def sent_to(path: Path) -> dict[str, Any] | None:
    """Give the ``uri`` and ``run_id`` that the record at `path` has in MLflow; None where it was not sent."""
    try:
        content: dict[str, Any] = json.loads(path.with_suffix(_SENT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


class Keeping(Listener):
    """Keeps the record of each run in its project's history.

    Attributes:
        path: the record's file there, once it is written.
    """

    def __init__(self, told: Listener) -> None:
        """Tell `told` where a record cannot be kept."""
        self._told = told
        self._source: Path | None = None
        self.path: Path | None = None

    def run_started(self, plan: RunPlan) -> None:
        """Note what runs."""
        self._source = plan.source

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Keep the record."""
        if self._source is None:
            return
        history = History(project_folder(self._source.parent))
        try:
            history.add(record)
        except ExecutionError as error:
            self._told.noted(f"not kept for `nbpipe runs`: {error}")
            return
        self.path = history.project / FOLDER / f"{record.id}.json"
