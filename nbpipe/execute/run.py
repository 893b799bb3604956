"""Running a notebook from the first cell to the last, in a fresh kernel."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe import provenance
from nbpipe.errors import ConfigError, ExecutionError, MissingExtraError
from nbpipe.execute.document import read_document
from nbpipe.execute.engine import execute_with_papermill
from nbpipe.execute.isolation import without_network
from nbpipe.execute.kernels import choose_kernel
from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import Listener, RunPlan
from nbpipe.execute.observation import Observation
from nbpipe.execute.parameters import check_parameters, effective_parameters
from nbpipe.execute.record import Labels, RecordWriter, record_path, write_record
from nbpipe.execute.saving import check_writable, notebook_bytes, write_atomically
from nbpipe.execute.session import Session
from nbpipe.execute.stamps import stamp_notebook
from nbpipe.execute.stop import Stop
from nbpipe.secrets.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from nbpipe.execute.document import Document
    from nbpipe.records import RunRecord

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
    allow_errors: bool = False,
    tags: Mapping[str, str] | None = None,
    note: str = "",
    observe: bool = True,
    env: Mapping[str, str] | None = None,
    turn: AbstractContextManager[object] | None = None,
    folder: str | os.PathLike[str] | None = None,
    address: str | None = None,
    network: bool = True,
) -> RunRecord:
    """Run a notebook and save the executed one and its record; the source stays as it is.

    A cell that fails, times out or kills its kernel is told in the record; what ran before it is kept, and
    the cells after it do not run.

    Args:
        path: the notebook.
        output: where the executed notebook goes, see `default_output`. The record goes beside it
            as ``<stem of output>.run.json``.
        parameters: values (or text to be read as the parameter's type) for names of its parameters cell.
        limits: what it may take.
        kernel: kernelspec to use instead of the one that the notebook names.
        in_place: write the result into the source, unless that was edited meanwhile.
        listener: hears how it goes.
        stop: how somebody asks to stop; without one, nobody can.
        autosave_seconds: how often the unfinished result is saved.
        allow_errors: go on behind cells that raise an exception; such a run is well.
        tags: labels for the record, name to value.
        note: what to say about the run in the record.
        observe: note the files, seeds and effects that the kernel's interpreter shows (Python only).
        env: the kernel's environment; None for this process's.
        turn: see `Session`.
        folder: where the kernel works; by default where the notebook is.
        network: whether the kernel has a network.
        address: what the record calls the notebook; by default its path.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: a parameter is unknown or has the wrong type; the output is the source; there is no way to run
            without network here.
        ExecutionError: the kernel cannot be started, or the result not be saved.
    """
    check_installed()
    source = Path(path)
    target = _target(source, output, in_place=in_place)
    document = read_document(source)
    given = check_parameters(document.notebook, parameters or {})
    choice = choose_kernel(document.notebook, kernel)
    choice = choice if network else choice.behind(without_network())
    check_writable(target)
    redactor = Redactor(effective_parameters(document.notebook, given), given)
    labels = Labels(redactor.value(dict(tags or {})), redactor.text(note), address)
    run = _Run(document, target, given, redactor, labels, listener or Listener(), stop or Stop(), in_place=in_place)
    session = Session(
        document,
        choice,
        limits=limits or Limits(),
        listener=run.listener,
        stop=run.stop,
        autosave_path=None if in_place else target,
        autosave_seconds=autosave_seconds,
        env=dict(os.environ if env is None else env),
        allow_errors=allow_errors,
        observation=Observation() if observe and document.notebook.is_python and choice.is_ipython else None,
        turn=turn,
        redactor=redactor,
        folder=None if folder is None else Path(folder),
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
        redactor: Redactor,
        labels: Labels,
        listener: Listener,
        stop: Stop,
        *,
        in_place: bool,
    ) -> None:
        self.document = document
        self.target = target
        self.given = given
        self.listener = listener
        self.stop = stop
        self.in_place = in_place
        parameters = redactor.parameters(effective_parameters(document.notebook, given))
        self.writer = RecordWriter(document, parameters, redactor, labels)

    def run(self, session: Session) -> RunRecord:
        """Run, save, record."""
        count = len(self.document.notebook.cells)
        plan = RunPlan(self.writer.id, self.document.path, self.target, self.writer.parameters, count)
        self.listener.run_started(plan)
        if session.choice.note:
            self.listener.warned(session.choice.note)
        try:
            with ThreadPoolExecutor(1) as pool:
                # git takes its time; the kernel need not wait for it.
                origin = pool.submit(self.writer.origin)
                execute_with_papermill(session, self.given)
            # What is done is kept, also when somebody stops just now.
            with self.stop.telling(_nothing, _nothing):
                target = self._unedited_target()
                record = self.writer.record(session, self.stop, origin.result(), target)
                stamp_notebook(session.node, record, str(target))
                self._save(session.node, target)
                beside = record_path(target)
                write_record(record, beside)
        except BaseException as error:
            self.listener.run_aborted(str(error) or type(error).__name__)
            raise
        self.listener.run_finished(record, target, beside)
        return record

    def _unedited_target(self) -> Path:
        """Give where the result goes; an edit that somebody made to the source meanwhile is not overwritten."""
        if not self.in_place or provenance.file_sha256(self.document.path) == self.document.sha256:
            return self.target
        target = default_output(self.document.path)
        self.listener.warned(f"{self.document.path}: was edited during the run; the result is in {target}")
        return target

    def _save(self, node: Any, target: Path) -> None:
        """Save the executed notebook; where that fails, somewhere else.

        Raises:
            ExecutionError: it could not be saved where it was wanted; says where it is.
        """
        data = notebook_bytes(node)
        try:
            write_atomically(target, data)
        except ExecutionError as error:
            rescued = _rescued(data, target.name)
            if rescued is None:
                raise
            raise ExecutionError(f"{error}; this result is in {rescued}") from error


def _rescued(data: bytes, name: str) -> Path | None:
    """Save a result that cannot be where it was wanted; give where it is."""
    with suppress(ExecutionError, OSError):
        path = Path(tempfile.mkdtemp(prefix="nbpipe-rescued-")) / name
        write_atomically(path, data)
        return path
    return None


def _nothing() -> None:
    """Hear a request to stop and wait for what is being done."""
