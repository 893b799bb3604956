"""Progress of a run on the terminal: which cell or step of how many, its title, how long so far."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.execute.listener import CellStart, Listener, RunPlan
from nbpipe.pipeline.listener import PipelineListener, PipelinePlan, StepStart

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.records import RunRecord

_TICK_SECONDS = 1.0


class _Line:
    """What goes on and since when: one line that changes on a terminal, a line each elsewhere, nothing when quiet."""

    def __init__(self) -> None:
        self._text = ""
        self._started = time.monotonic()
        self._done = threading.Event()
        self._ticker: threading.Thread | None = None

    def start(self, text: str) -> None:
        """Begin to count; on a terminal the seconds are seen to pass."""
        self._started = time.monotonic()
        self._done.clear()
        self.show(text)
        if console.is_terminal(sys.stderr) and not console.STATE.quiet:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()

    def show(self, text: str) -> None:
        """Say what goes on now."""
        self._text = text
        console.progress(f"{text} ({time.monotonic() - self._started:.0f} s)")

    def stop(self) -> None:
        """Stop counting."""
        self._done.set()
        if self._ticker is not None:
            self._ticker.join()
            self._ticker = None

    def _tick(self) -> None:
        while not self._done.wait(_TICK_SECONDS):
            self.show(self._text)


class NotebookProgress(Listener):
    """Shows how the run of a notebook goes.

    Attributes:
        output: where the executed notebook went, once it is saved.
    """

    def __init__(self, *, log_output: bool = False) -> None:
        """Prepare; with `log_output`, what cells print is written to standard error as it comes."""
        self.output: Path | None = None
        self._log_output = log_output
        self._line = _Line()

    def run_started(self, plan: RunPlan) -> None:
        """Say that the kernel is being started."""
        self._line.start(f"starting the kernel of {plan.source.name}")

    def cell_started(self, cell: CellStart) -> None:
        """Say which cell runs."""
        at = "parameters" if cell.index is None else f"cell {cell.index + 1} of {cell.count}: {cell.title}"
        self._line.show(at)

    def cell_printed(self, name: str, text: str) -> None:  # noqa: ARG002 - an event
        """Write what a cell prints."""
        if self._log_output:
            console.write_raw(text)

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Stop counting."""
        self.output = output
        self._line.stop()

    def run_aborted(self, reason: str) -> None:  # noqa: ARG002 - an event
        """Stop counting."""
        self._line.stop()

    def noted(self, message: str) -> None:
        """Pass it on."""
        console.note(message)

    def warned(self, message: str) -> None:
        """Pass it on."""
        console.warn(message)


class PipelineProgress(PipelineListener):
    """Shows how the run of a pipeline goes."""

    def __init__(self) -> None:
        self._line = _Line()

    def run_started(self, plan: PipelinePlan) -> None:
        """Say which pipeline starts."""
        self._line.start(f"starting the pipeline {plan.project.pipeline.name}")

    def step_started(self, step: StepStart) -> None:
        """Say which step runs."""
        self._line.show(f"step {step.number} of {step.count}: {step.name}")

    def run_finished(self, record: RunRecord, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Stop counting."""
        self._line.stop()

    def run_aborted(self, reason: str) -> None:  # noqa: ARG002 - an event
        """Stop counting."""
        self._line.stop()

    def noted(self, message: str) -> None:
        """Pass it on."""
        console.note(message)

    def warned(self, message: str) -> None:
        """Pass it on."""
        console.warn(message)


class ManyProgress:
    """Shows how the runs of several notebooks go: which cell each is at, how many have ended."""

    def __init__(self, count: int, *, log_output: bool = False) -> None:
        """Prepare for so many notebooks."""
        self._count = count
        self._log_output = log_output
        self._ended = 0
        self._at: dict[Path, str] = {}
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def listeners(self, path: Path) -> tuple[Listener, ...]:
        """Give who hears of one notebook's run."""
        return (_OneOfMany(self, path),)

    def show(self, path: Path, at: str | None, *, log: str = "") -> None:
        """Note where a notebook is, None where it has ended; or write what one of its cells prints."""
        with self._lock:
            if log:
                if self._log_output:
                    lines = log.splitlines()
                    console.write_raw("".join(f"{path.name}: {line}\n" for line in lines))
                return
            if at is None:
                self._at.pop(path, None)
                self._ended += 1
            else:
                self._at[path] = at
            if console.is_terminal(sys.stderr):
                where = ", ".join(f"{item.name} {text}" for item, text in self._at.items())
                seconds = time.monotonic() - self._started
                console.progress(f"{self._ended} of {self._count} notebooks ({seconds:.0f} s): {where}")
            elif at is not None and at.startswith("starting"):
                console.progress(f"{path}: {at}")


class _OneOfMany(Listener):
    """Passes on how one notebook goes."""

    def __init__(self, everything: ManyProgress, path: Path) -> None:
        self._everything = everything
        self._path = path

    def run_started(self, plan: RunPlan) -> None:
        self._everything.show(self._path, f"starting, {plan.count} cells")

    def cell_started(self, cell: CellStart) -> None:
        self._everything.show(self._path, "parameters" if cell.index is None else f"cell {cell.index + 1}/{cell.count}")

    def cell_printed(self, name: str, text: str) -> None:  # noqa: ARG002 - an event
        self._everything.show(self._path, None, log=text)

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:  # noqa: ARG002 - an event
        self._everything.show(self._path, None)

    def run_aborted(self, reason: str) -> None:  # noqa: ARG002 - an event
        self._everything.show(self._path, None)

    def noted(self, message: str) -> None:
        console.note(f"{self._path}: {message}")

    def warned(self, message: str) -> None:
        console.warn(message if str(self._path) in message else f"{self._path}: {message}")
