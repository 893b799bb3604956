"""Running a notebook from the first cell to the last, in a fresh kernel."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe import provenance
from nbpipe.errors import ConfigError, MissingExtraError
from nbpipe.execute.document import read_document
from nbpipe.execute.engine import execute_with_papermill
from nbpipe.execute.kernels import choose_kernel
from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import Listener, RunPlan
from nbpipe.execute.outcome import run_status
from nbpipe.execute.parameters import check_parameters, effective_parameters
from nbpipe.execute.record import record_path, write_record
from nbpipe.execute.saving import check_writable, notebook_bytes, write_atomically
from nbpipe.execute.session import Session
from nbpipe.execute.stamps import stamp_notebook
from nbpipe.execute.stop import Stop
from nbpipe.records import RunError, RunRecord, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.execute.document import Document

AUTOSAVE_SECONDS = 5.0


def default_output(source: Path) -> Path:
    """Give where the executed notebook goes when nobody says: ``<stem>.executed.ipynb`` beside the source."""
    return source.with_name(f"{source.stem}.executed.ipynb")


def run_notebook(  # noqa: PLR0913 - the options of a run
    path: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    kernel: str | None = None,
    in_place: bool = False,
    listener: Listener | None = None,
    stop: Stop | None = None,
    autosave_seconds: float = AUTOSAVE_SECONDS,
) -> RunRecord:
    """Run a notebook and save the executed one and its record; the source stays as it is.

    A cell that fails, times out or kills its kernel is told in the record; what ran before it is kept, and
    the cells after it do not run.

    Args:
        path: the notebook.
        output: where the executed notebook goes, see `default_output`. The record goes beside it
            as ``<stem of output>.run.json``.
        parameters: values (or text to be read as the parameter's type) for names of its parameters cell.
        limits: how long it may take.
        kernel: kernelspec to use instead of the one that the notebook names.
        in_place: write the result into the source, unless that was edited meanwhile.
        listener: hears how it goes.
        stop: how somebody asks to stop; without one, nobody can.
        autosave_seconds: how often the unfinished result is saved.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: a parameter is unknown or has the wrong type; the output is the source.
        ExecutionError: the kernel cannot be started, or the result not be saved.
    """
    check_installed()
    source = Path(path)
    target = _target(source, output, in_place=in_place)
    document = read_document(source)
    given = check_parameters(document.notebook, parameters or {})
    choice = choose_kernel(document.notebook, kernel)
    check_writable(target)
    run = _Run(document, target, given, listener or Listener(), stop or Stop(), in_place=in_place)
    session = Session(
        document,
        choice,
        limits=limits or Limits(),
        listener=run.listener,
        stop=run.stop,
        autosave_path=None if in_place else target,
        autosave_seconds=autosave_seconds,
        env=dict(os.environ),
    )
    return run.run(session)


def check_installed() -> None:
    """Raise unless what runs notebooks is installed.

    Raises:
        MissingExtraError: it is not.
    """
    if any(find_spec(name) is None for name in ("papermill", "nbclient", "nbformat")):
        raise MissingExtraError("running a notebook", "run")


def _target(source: Path, output: str | os.PathLike[str] | None, *, in_place: bool) -> Path:
    """Give where the result goes.

    Raises:
        ConfigError: that is the source, and nobody asked for it.
    """
    if in_place:
        return source
    target = default_output(source) if output is None else Path(output)
    if target.resolve() == source.resolve():
        raise ConfigError(
            f"{target}: is the notebook itself; give another name for the result, or --in-place to overwrite it"
        )
    return target


class _Run:
    """One run: what is known before it, and the record made after it."""

    def __init__(  # noqa: PLR0913 - what a run needs
        self,
        document: Document,
        target: Path,
        given: dict[str, Any],
        listener: Listener,
        stop: Stop,
        *,
        in_place: bool,
    ) -> None:
        self.id = provenance.new_run_id()
        self.started = datetime.now(UTC)
        self.clock = time.monotonic()
        self.document = document
        self.target = target
        self.given = given
        self.parameters = effective_parameters(document.notebook, given)
        self.listener = listener
        self.stop = stop
        self.in_place = in_place

    def run(self, session: Session) -> RunRecord:
        """Run, save, record."""
        count = len(self.document.notebook.cells)
        self.listener.run_started(RunPlan(self.id, self.document.path, self.target, self.parameters, count))
        if session.choice.note:
            self.listener.warned(session.choice.note)
        try:
            with ThreadPoolExecutor(1) as pool:
                # git takes its time; the kernel need not wait for it.
                origin = pool.submit(provenance.capture, self.document.path)
                execute_with_papermill(session, self.given)
            # What is done is kept, also when somebody stops just now.
            with self.stop.telling(_nothing, _nothing):
                record = self._record(session, origin.result())
                stamp_notebook(session.node, record, str(self.target))
                saved = self._save(session.node)
                beside = record_path(saved)
                write_record(record, beside)
        except BaseException as error:
            self.listener.run_aborted(str(error) or type(error).__name__)
            raise
        self.listener.run_finished(record, saved, beside)
        return record

    def _record(self, session: Session, origin: dict[str, Any]) -> RunRecord:
        status, error = run_status(
            session.results if session.injected is None else (session.injected, *session.results)
        )
        if self.stop.signal is not None and status in (RunStatus.NOT_RUN, RunStatus.INTERRUPTED):
            status, error = (
                RunStatus.INTERRUPTED,
                RunError(signal.Signals(self.stop.signal).name, "somebody asked to stop"),
            )
        return RunRecord(
            id=self.id,
            kind="notebook",
            source=str(self.document.path),
            status=status,
            started=self.started.isoformat(),
            seconds=time.monotonic() - self.clock,
            parameters=self.parameters,
            cells=tuple(session.results),
            # The file may have been edited since it was read: what ran is what counts.
            provenance={
                **origin,
                **(session.environment or {}),
                "sha256": self.document.sha256,
                "kernel": self._kernel(session),
            },
            error=error,
        )

    @staticmethod
    def _kernel(session: Session) -> dict[str, Any]:
        """Say what ran the cells: it may be another Python than this one."""
        language = session.node.metadata.get("language_info", {})
        return {"name": session.choice.name, "language": language.get("name"), "version": language.get("version")}

    def _save(self, node: Any) -> Path:
        """Save the executed notebook; an edit that somebody made to the source meanwhile is not overwritten."""
        target = self.target
        if self.in_place and provenance.file_sha256(self.document.path) != self.document.sha256:
            target = default_output(self.document.path)
            self.listener.warned(f"{self.document.path}: was edited during the run; the result is in {target}")
        write_atomically(target, notebook_bytes(node))
        return target


def _nothing() -> None:
    """Hear a request to stop and wait for what is being done."""
