"""What ``nbpipe verify`` writes to the terminal: verdicts, the funnel, progress."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.execute.listener import CellStart, Listener, RunPlan
from nbpipe.verify.verdict import CellVerdict, NotebookVerdict, Outcome, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.api.verify import VerifyResult
    from nbpipe.records import RunRecord

_CELLS = 5  # shown of one notebook
_STYLES = {Verdict.REPRODUCIBLE: "bold green", Verdict.EQUIVALENT: "bold green", Verdict.NOTHING: "bold yellow"}
_FAILED = Outcome.ERROR
_SHOWN = (Outcome.DIFFERENT, Outcome.MISSING, _FAILED)


def report(item: NotebookVerdict) -> None:
    """Write the verdict on a notebook, and the cells that explain it."""
    verdict = console.style(item.verdict.value, _STYLES.get(item.verdict, "bold red"))
    reason = item.reason if item.verdict is Verdict.EQUIVALENT else f": {item.reason}" if item.reason else ""
    joint = " " if item.verdict is Verdict.EQUIVALENT else ""
    marks = [mark for mark, said in (("updated", item.updated), ("as before", item.cached)) if said]
    console.echo(f"{item.path}: {verdict}{joint}{reason}" + (f" ({', '.join(marks)})" if marks else ""))
    # Where nothing is stored, or the run broke off, new output says nothing.
    shown = {*_SHOWN, *((Outcome.NEW,) if item.verdict is Verdict.NOT_REPRODUCIBLE else ())}
    # What a cell failed with is the reason already.
    differing = [cell for cell in item.cells if cell.outcome in shown and (cell.outcome is not _FAILED or cell.cause)]
    for cell in differing[:_CELLS]:
        _report_cell(cell)
    if len(differing) > _CELLS:
        console.echo(f"  ... and {len(differing) - _CELLS} more cells (--html FILE or --json FILE shows all)")
    for cell in item.cells:
        if cell.outcome is Outcome.EQUIVALENT and cell.cause is not None and item.runs > 1:
            console.echo(f"  cell {cell.index + 1} ({cell.title}): runs differ, {cell.cause}")
    if differing and item.note:
        console.echo(f"  note: {item.note}")


def _report_cell(cell: CellVerdict) -> None:
    console.echo(f"  cell {cell.index + 1} ({cell.title}): {cell.outcome.value}")
    if cell.outcome is not _FAILED:
        for line in cell.difference.splitlines():
            colour = {"-": "red", "+": "green"}.get(line[:1])
            console.echo(f"    {console.style(line, colour) if colour else line}")
    if cell.cause is not None:
        console.echo(f"    {console.style('cause:', 'bold')} {cell.cause}")


def summarise(result: VerifyResult) -> None:
    """Write how many notebooks came how far."""
    summary = result.as_json()["summary"]
    parts = [f"{count} {verdict.alone}" for verdict in Verdict if (count := summary[verdict.value])]
    console.echo(f"{summary['notebooks']} notebooks: {', '.join(parts)}")
    for line in result.funnel.lines():
        console.echo(f"  {line}")


class NotebooksProgress:
    """Shows which notebooks run, and which cell of each: on a terminal in one line that changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, str] = {}
        self._started = time.monotonic()

    def listener(self, path: str) -> Listener:
        """Give what hears how one notebook goes."""
        return _OneOfThem(self, path)

    def show(self, path: str, text: str | None) -> None:
        """Say where a notebook is; None: it has ended."""
        with self._lock:
            if text is None:
                self._running.pop(path, None)
            else:
                self._running[path] = text
            if self._running:
                told = "; ".join(f"{name}: {where}" for name, where in self._running.items())
                console.progress(f"{told} ({time.monotonic() - self._started:.0f} s)")


class _OneOfThem(Listener):
    """Hears how the runs of one notebook go."""

    def __init__(self, progress: NotebooksProgress, path: str) -> None:
        self._progress = progress
        self._path = path

    def run_started(self, plan: RunPlan) -> None:  # noqa: ARG002 - an event
        """Say that the kernel is being started."""
        self._progress.show(self._path, "starting the kernel")

    def cell_started(self, cell: CellStart) -> None:
        """Say which cell runs."""
        if cell.index is not None:
            self._progress.show(self._path, f"cell {cell.index + 1} of {cell.count}: {cell.title}")

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Say no more."""
        self._progress.show(self._path, None)

    def run_aborted(self, reason: str) -> None:  # noqa: ARG002 - an event
        """Say no more."""
        self._progress.show(self._path, None)

    def noted(self, message: str) -> None:
        """Pass it on."""
        console.note(message)

    def warned(self, message: str) -> None:
        """Pass it on."""
        console.warn(f"{self._path}: {message}")
