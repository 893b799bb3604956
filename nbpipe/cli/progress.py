"""Progress of a run on the terminal: which cell of how many, its title, how long so far."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.execute.listener import CellStart, Listener, RunPlan

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.records import RunRecord

_TICK_SECONDS = 1.0


class Progress(Listener):
    """Shows one line that changes on a terminal, a line a cell elsewhere, nothing when quiet.

    Attributes:
        output: where the executed notebook went, once it is saved.
    """

    def __init__(self, label: str = "") -> None:
        """Put `label` in front of each line: which notebook of several it is."""
        self.output: Path | None = None
        self._label = label
        self._line = ""
        self._started = time.monotonic()
        self._done = threading.Event()
        self._ticker: threading.Thread | None = None

    def run_started(self, plan: RunPlan) -> None:
        """Say that the kernel is being started; on a terminal, begin to count the seconds."""
        self._started = time.monotonic()
        self._done.clear()
        self._show(f"starting the kernel of {plan.source.name}")
        if console.is_terminal(sys.stderr) and not console.STATE.quiet:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()

    def cell_started(self, cell: CellStart) -> None:
        """Say which cell runs."""
        number = "parameters" if cell.index is None else f"cell {cell.index + 1} of {cell.count}: {cell.title}"
        self._show(number)

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Stop counting."""
        self.output = output
        self._stop()

    def run_aborted(self, reason: str) -> None:  # noqa: ARG002 - an event
        """Stop counting."""
        self._stop()

    def noted(self, message: str) -> None:
        """Pass it on."""
        console.note(message)

    def warned(self, message: str) -> None:
        """Pass it on."""
        console.warn(message)

    def _show(self, line: str) -> None:
        self._line = f"{self._label}{line}"
        console.progress(f"{self._line} ({time.monotonic() - self._started:.0f} s)")

    def _tick(self) -> None:
        while not self._done.wait(_TICK_SECONDS):
            console.progress(f"{self._line} ({time.monotonic() - self._started:.0f} s)")

    def _stop(self) -> None:
        self._done.set()
        if self._ticker is not None:
            self._ticker.join()
            self._ticker = None
