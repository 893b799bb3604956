"""The run record as JSON, beside the executed notebook."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from nbpipe import provenance
from nbpipe.errors import ExecutionError
from nbpipe.execute.outcome import run_status
from nbpipe.execute.saving import write_atomically
from nbpipe.records import RunError, RunRecord, RunStatus, record_from_json

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.execute.document import Document
    from nbpipe.execute.session import Session
    from nbpipe.execute.stop import Stop
    from nbpipe.secrets.redaction import Redactor

_VERSION = 1


def record_path(output: Path) -> Path:
    """Give where the record of the run that wrote `output` goes."""
    return output.with_name(f"{output.stem}.run.json")


def record_as_json(record: RunRecord) -> dict[str, Any]:
    """Give the record as plain JSON values, with the version of this layout."""
    fields: dict[str, Any] = json.loads(json.dumps(asdict(record), default=_plain))
    return {"version": _VERSION, **fields}


def write_record(record: RunRecord, path: Path) -> None:
    """Save the record.

    Raises:
        ExecutionError: it cannot be written.
    """
    text = json.dumps(record_as_json(record), indent=2, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:
    """Give JSON for what JSON has no type for."""
    return value.value if isinstance(value, Enum) else repr(value)


def read_record(path: Path) -> RunRecord:
    """Read a record that `write_record` wrote, or a pipeline's.

    Raises:
        ExecutionError: it cannot be read, or is none.
    """
    try:
        return record_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ExecutionError(f"{path}: is no record of a run: {error}") from error


@dataclass(frozen=True, slots=True)
class Labels:
    """What somebody says about a run: tags, name to value, a note; what it is called, where not by its path."""

    tags: dict[str, str] = field(default_factory=dict)
    note: str = ""
    source: str | None = None


class RecordWriter:
    """Makes the record of one run; begins to count when it is made.

    Attributes:
        id: of the run.
        parameters: as the run sees them, secrets hidden.
    """

    def __init__(self, document: Document, parameters: dict[str, Any], redactor: Redactor, labels: Labels) -> None:
        self.id = provenance.new_run_id()
        self.parameters = parameters
        self._document = document
        self._redactor = redactor
        self._labels = labels
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()

    def origin(self) -> dict[str, Any]:
        """Collect where the run comes from: see `nbpipe.provenance`, and the difference from the commit."""
        origin = provenance.capture(self._document.path)
        if (origin["git"] or {}).get("dirty"):
            diff = provenance.git_diff(self._document.path.parent)
            origin["git"]["diff"] = self._redactor.text(diff, code=True) if diff else None
        return {**origin, "variables": self._redactor.value(provenance.variables())}

    def record(self, session: Session, stop: Stop, origin: dict[str, Any], output: Path) -> RunRecord:
        """Make the record of a run that has ended."""
        cells = session.results if session.injected is None else (session.injected, *session.results)
        status, error = run_status(cells, allow_errors=session.allows_errors)
        if stop.signal is not None and status in (RunStatus.NOT_RUN, RunStatus.INTERRUPTED):
            status = RunStatus.INTERRUPTED
            error = RunError(signal.Signals(stop.signal).name, "somebody asked to stop")
        language = session.node.metadata.get("language_info", {})
        kernel = {
            "name": session.choice.name,
            "language": language.get("name"),
            "version": language.get("version"),
        }
        return RunRecord(
            id=self.id,
            kind="notebook",
            source=self._labels.source or str(self._document.path),
            status=status,
            started=self._started.isoformat(),
            seconds=time.monotonic() - self._clock,
            parameters=self.parameters,
            cells=tuple(replace(cell, error=self._hidden(cell.error)) for cell in session.results),
            # The file may have been edited since it was read: what ran is what counts.
            provenance={
                **origin,
                **(session.environment or {}),
                "sha256": self._document.sha256,
                "kernel": kernel,
            },
            error=self._hidden(error),
            output=os.path.abspath(output),  # noqa: PTH100 - as it is written, but for `..`
            tags=self._labels.tags,
            note=self._labels.note,
            observed=self._redactor.value(session.observed),
        )

    def _hidden(self, error: RunError | None) -> RunError | None:
        if error is None:
            return None
        return RunError(error.name, self._redactor.text(error.message), self._redactor.text(error.traceback, code=True))
