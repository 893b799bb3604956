"""Progress of a pipeline on the terminal: a line a step as it ends, and on a terminal what runs now."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.pipeline.listener import PipelineListener
from nbpipe.records import RunStatus

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.pipeline.listener import PipelinePlan, StepRetry, StepStart
    from nbpipe.records import RunRecord, StepResult

_TICK_SECONDS = 1.0
_WORDS = {RunStatus.OK: "done"}
_COLOURS = {RunStatus.OK: "green", RunStatus.CACHED: "cyan"}
_QUIET = (RunStatus.SKIPPED, RunStatus.NOT_RUN)
_MINUTE = 60


def seconds(value: float | None) -> str:
    """Give a duration for people: ``0.4 s``, ``2 min 05 s``."""
    if value is None:
        return ""
    return f"{value:.1f} s" if value < _MINUTE else f"{value // _MINUTE:.0f} min {value % _MINUTE:02.0f} s"


class StepLines(PipelineListener):
    """Writes a line a step: cached, done or failed, with its time; on a terminal also what runs and waits."""

    def __init__(self, *, explain: bool = False) -> None:
        self._explain = explain
        self._width = 0
        self._names: tuple[str, ...] = ()
        self._since: dict[str, float] = {}
        self._ended: set[str] = set()
        self._over = threading.Event()
        self._lock = threading.Lock()

    def run_started(self, plan: PipelinePlan) -> None:
        """Begin to show what runs."""
        self._names = plan.steps
        self._width = max(map(len, plan.steps), default=0)
        if console.is_terminal(sys.stderr) and not console.STATE.quiet:
            threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        while not self._over.wait(_TICK_SECONDS):
            self._show()

    def _show(self) -> None:
        if console.is_terminal(sys.stderr):
            with self._lock:
                now = time.monotonic()
                running = [f"{name} {now - since:.0f} s" for name, since in self._since.items()]
                waiting = len(self._names) - len(self._since) - len(self._ended)
                if running and not self._over.is_set():
                    console.progress(f"running: {', '.join(running)}; waiting: {waiting}")

    def step_started(self, step: StepStart) -> None:
        """Note that a step runs."""
        with self._lock:
            self._since[step.name] = time.monotonic()
            self._ended.discard(step.name)
        if self._explain:
            console.note(f"{step.name:{self._width}}  why: {step.reason}")
        self._show()

    def step_retried(self, retry: StepRetry) -> None:
        """Say that a step is going to run again."""
        console.note(
            f"{retry.name:{self._width}}  failed ({retry.message.splitlines()[0] if retry.message else 'died'}); "
            f"try {retry.tried + 1} of {retry.retries + 1} in {retry.delay:g} s"
        )

    def step_kept(self, name: str, why_not: str) -> None:
        """Say why a result cannot be used again."""
        if self._explain and why_not:
            console.note(f"{name:{self._width}}  not kept for later runs: {why_not}")

    def step_finished(self, result: StepResult) -> None:
        """Write the step's line."""
        with self._lock:
            self._since.pop(result.name, None)
            self._ended.add(result.name)
        if result.status not in _QUIET:
            word = f"{_WORDS.get(result.status, result.status.value):9}"
            word = console.style(word, _COLOURS.get(result.status, "red"), sys.stderr)
            console.note(f"{result.name:{self._width}}  {word} {seconds(result.seconds)}")
        self._show()

    def run_finished(self, record: RunRecord, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Show nothing more."""
        self._over.set()

    def run_aborted(self, reason: str) -> None:  # noqa: ARG002 - an event
        """Show nothing more."""
        self._over.set()

    def noted(self, message: str) -> None:
        """Pass it on."""
        console.note(message)

    def warned(self, message: str) -> None:
        """Pass it on."""
        console.warn(message)


class SweepLines:
    """Writes a line a run of a sweep."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._ended = 0
        self._lock = threading.Lock()

    def ended(self, shown: str, record: RunRecord) -> None:
        """Say how one run ended."""
        with self._lock:
            self._ended += 1
            console.note(f"{self._ended} of {self._count}: {shown}: {record.status.value}, {seconds(record.seconds)}")

    def warned(self, message: str) -> None:
        """Pass it on."""
        with self._lock:
            console.warn(message)
