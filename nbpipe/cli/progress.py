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

    def __init__(self) -> None:
        self.output: Path | None = None
        self._line = _Line()

    def run_started(self, plan: RunPlan) -> None:
        """Say that the kernel is being started."""
        self._line.start(f"starting the kernel of {plan.source.name}")

    def cell_started(self, cell: CellStart) -> None:
        """Say which cell runs."""
        at = "parameters" if cell.index is None else f"cell {cell.index + 1} of {cell.count}: {cell.title}"
        self._line.show(at)

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
