"""One fresh run of a notebook, in its own folder, that leaves its file alone."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe import provenance
from nbpipe.errors import Interrupted
from nbpipe.execute.document import read_document
from nbpipe.execute.engine import execute_with_papermill
from nbpipe.execute.isolation import without_network
from nbpipe.execute.kernels import choose_kernel
from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import CellStart, Listener, RunPlan
from nbpipe.execute.outcome import run_status
from nbpipe.execute.run import check_installed
from nbpipe.execute.saving import notebook_bytes
from nbpipe.execute.session import Session
from nbpipe.execute.stop import Stop
from nbpipe.notebook import parse_notebook
from nbpipe.records import RunRecord
from nbpipe.runtime.inject import PACKAGE, bootstrap_source
from nbpipe.verify.controls import Controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.execute.document import Document
    from nbpipe.execute.kernels import KernelChoice
    from nbpipe.notebook import Notebook
    from nbpipe.records import CellResult

_NOTHING_HELD = Controls()


@dataclass(frozen=True, slots=True)
class Options:
    """How notebooks are run to be verified.

    Attributes:
        kernel: kernelspec to use instead of the one that each names.
        network: whether the kernels have a network.
        stop: how somebody asks to stop.
    """

    limits: Limits = field(default_factory=Limits)
    kernel: str | None = None
    network: bool = True
    listener: Listener = field(default_factory=Listener)
    stop: Stop = field(default_factory=Stop)


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a run gave.

    Attributes:
        notebook: the executed one: its cells stand where those of the source do.
        started, ended: a reading of the clock in the outputs lies between them.
        sha256: of the source as it was read.
        kernel: what the kernel reported when it came up (see `nbpipe.runtime.controls`); empty for other languages.
        inputs: what the run depends on (see `nbpipe.runtime.inputs`); None where that is not known.
    """

    notebook: Notebook
    record: RunRecord
    started: datetime
    ended: datetime
    sha256: str
    kernel: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] | None = None


def run_fresh(
    path: Path,
    options: Options,
    *,
    modules: Sequence[str] = (),
    controls: Controls = _NOTHING_HELD,
    until: int | None = None,
) -> Fresh:
    """Run a notebook from the first cell to the last (or to the cell with index `until`) in a fresh kernel.

    Args:
        path: the notebook.
        options: how.
        modules: top-level modules that it imports: which of them are missing is reported.
        controls: what is held still.
        until: the last cell that is of interest.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: there is none; there is no way to run without network here.
        ExecutionError: the kernel cannot be started.
        MissingExtraError: what runs notebooks is not installed.
        Interrupted: somebody asked to stop.
    """
    check_installed()
    document = read_document(path)
    choice = choose_kernel(document.notebook, options.kernel)
    if until is not None:
        document.node.cells = document.node.cells[: until + 1]
    with tempfile.TemporaryDirectory(prefix="nbpipe-verify-") as folder:
        talk = _Talk(Path(folder)) if choice.is_ipython else None
        if talk is not None:
            talk.prepare(document, choice, {**controls.request(), "modules": list(modules)})
        prefix = (*(() if options.network else without_network()), *controls.prefix())
        return _run(document, choice.behind(prefix), options, controls, talk)


def _run(document: Document, choice: KernelChoice, options: Options, controls: Controls, talk: _Talk | None) -> Fresh:
    started, clock = datetime.now(UTC), time.monotonic()
    run = provenance.new_run_id(started)
    listener = options.listener
    listener.run_started(RunPlan(run, document.path, document.path, {}, len(document.notebook.cells)))
    if choice.note:
        listener.warned(choice.note)
    session = Session(
        document,
        choice,
        limits=options.limits,
        listener=_OwnCells(listener),
        stop=options.stop,
        autosave_path=None,
        autosave_seconds=60.0,
        env=controls.environ(),
    )
    try:
        execute_with_papermill(session, {})
    except BaseException as failure:
        listener.run_aborted(str(failure) or type(failure).__name__)
        raise
    if options.stop.signal is not None:
        listener.run_aborted("interrupted")
        raise Interrupted(options.stop.signal, f"{document.notebook.path}: interrupted")
    status, error = run_status(session.results)
    record = RunRecord(
        id=run,
        kind="notebook",
        source=str(document.path),
        status=status,
        started=started.isoformat(),
        seconds=time.monotonic() - clock,
        cells=tuple(session.results),
        error=error,
    )
    listener.run_finished(record, document.path, document.path)
    notebook = parse_notebook(notebook_bytes(session.node), str(document.path))
    heard, inputs = (talk.heard(), talk.inputs()) if talk is not None else ({}, None)
    return Fresh(notebook, record, started, datetime.now(UTC), document.sha256, heard, inputs)


class _Talk:
    """What is said to an IPython kernel when it comes up, and what it answers; no cell of the notebook sees it."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "start.py"
        self._report = folder / "report.json"
        self._inputs = folder / "inputs.json"

    def prepare(self, document: Document, choice: KernelChoice, request: dict[str, Any]) -> None:
        """Let the kernel run the request before the first cell; this counts as no execution."""
        if not document.notebook.is_python:
            return
        text = json.dumps({**request, "report": str(self._report), "inputs": str(self._inputs)})
        call = f"__import__({PACKAGE + '.controls'!r}, fromlist=['begin']).begin({text!r})"
        self._script.write_text(f"{bootstrap_source()}\n{call}\n", encoding="utf-8")
        choice.spec.argv = [*choice.spec.argv, f"--IPKernelApp.exec_files={self._script}"]

    def heard(self) -> dict[str, Any]:
        """Give the answer; empty where there is none."""
        return _read(self._report) or {}

    def inputs(self) -> dict[str, Any] | None:
        """Give what the run depends on, which the kernel wrote when it ended; None where it did not."""
        return _read(self._inputs)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


class _OwnCells(Listener):
    """Passes on what is about the notebook's own cells."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def cell_started(self, cell: CellStart) -> None:
        """Pass it on."""
        if cell.index is not None:
            self._listener.cell_started(cell)

    def cell_finished(self, result: CellResult) -> None:
        """Pass it on."""
        self._listener.cell_finished(result)
