"""One try of a step: its process, its limits, and how it ended."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from nbpipe.pipeline.fork_server import ForkServer
from nbpipe.pipeline.limits import MemoryWatch
from nbpipe.pipeline.process import RuntimeProcess, interpreter
from nbpipe.pipeline.results import is_worth_trying_again
from nbpipe.records import RunError, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from nbpipe.pipeline.limits import Limits
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.runner import RunOptions
    from nbpipe.records import StepResult

_GRACE_SECONDS = 3.0
_MEGABYTE = 1 << 20


class Process(Protocol):
    """A process that does one step."""

    log: Path

    @property
    def pid(self) -> int | None:
        """Its number, None while it has not begun."""

    def when_ended(self, told: Callable[[dict[str, Any] | None], None]) -> None:
        """Have its answer, or None, told once it has ended, from another thread."""

    def ending(self) -> str:
        """Say how it ended."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it now."""

    def end(self) -> None:
        """End it, and wait for that."""


class Attempt:
    """A step that runs.

    Attributes:
        step: the step.
        number: how often it has been tried, this time counted.
        process: its process.
        started: `time.perf_counter` when it began.
        ended_for: why it was ended from outside, or None.
        is_discarded: whether its result no longer counts.
        key: of the step in the cache.
        limits: what it may take.
    """

    def __init__(
        self, step: Step, number: int, process: Process, limits: Limits, told: Callable[[Attempt, Any], None]
    ) -> None:
        """Watch a process that has been started; `told` is given its answer, from another thread."""
        self.step = step
        self.number = number
        self.process = process
        self.started = time.perf_counter()
        self.ended_for: RunStatus | None = None
        self.is_discarded = False
        self.key = ""
        self.limits = limits
        self._memory: MemoryWatch | None = None
        if limits.memory is not None:
            self._memory = MemoryWatch(lambda: process.pid, limits.memory, process.kill)
        self._told = told
        process.when_ended(self._ended)

    def _ended(self, answer: dict[str, Any] | None) -> None:
        if self._memory is not None:
            self._memory.stop()
        self._told(self, answer)

    def delay_after(self, result: StepResult) -> float | None:
        """Give the seconds after which the step is tried again, None where it is not."""
        if self.number > self.limits.retries or not is_worth_trying_again(result):
            return None
        return self.limits.delay(self.number)

    @property
    def deadline(self) -> float | None:
        """When it has taken too long, as `time.perf_counter`."""
        if self.limits.timeout is None or self.ended_for is not None:
            return None
        return self.started + self.limits.timeout

    def stop(self, status: RunStatus) -> None:
        """Ask it to end, and kill it when it does not."""
        self.ended_for = self.ended_for or status
        self.process.terminate()
        timer = threading.Timer(_GRACE_SECONDS, self.process.kill)
        timer.daemon = True
        timer.start()

    def death(self) -> tuple[RunStatus, RunError]:
        """Say how it ended without an answer."""
        name = self.step.name
        if self._memory is not None and self._memory.exceeded is not None:
            used, limit = self._memory.exceeded, self.limits.memory or 0
            message = f"step '{name}': it took {used // _MEGABYTE} MB of memory; {limit // _MEGABYTE} MB are allowed"
            return RunStatus.DIED, RunError("MemoryError", message)
        if self.ended_for is RunStatus.TIMED_OUT and self.limits.timeout is not None:
            message = f"step '{name}': it took longer than {self.limits.timeout:g} s"
            return RunStatus.TIMED_OUT, RunError("TimeoutError", message)
        message = f"step '{name}': {self.process.ending()}; its output is in {self.process.log}"
        return self.ended_for or RunStatus.DIED, RunError("Died", message)


class Running(dict[str, Attempt]):
    """The steps that run, by name."""

    def deadlines(self) -> list[float]:
        """Give when steps have taken too long."""
        return [at for attempt in self.values() if (at := attempt.deadline) is not None]

    def end_slow(self) -> None:
        """End those that have."""
        now = time.perf_counter()
        for attempt in self.values():
            if attempt.deadline is not None and attempt.deadline <= now:
                attempt.stop(RunStatus.TIMED_OUT)

    def discard(self, name: str) -> None:
        """End one, whose result no longer counts."""
        if name in self:
            self[name].is_discarded = True
            self[name].stop(RunStatus.NOT_RUN)

    def stop(self, status: RunStatus) -> None:
        """End all, without waiting for it."""
        for attempt in list(self.values()):
            attempt.stop(status)

    def kill(self) -> None:
        """End all now."""
        for attempt in list(self.values()):
            attempt.process.kill()


class Launcher:
    """Starts the processes of steps: forks of one that has the libraries loaded, or fresh ones."""

    def __init__(self, options: RunOptions) -> None:
        self._python, self._hash_seed = interpreter(options.python), options.hash_seed
        self._forks = options.fork and hasattr(os, "fork")
        self._together = options.together
        self._server: ForkServer | None = None

    def prepare(self, libraries: Callable[[], Sequence[str]], path: Sequence[str]) -> None:
        """Start the fork server, where there is to be one and none yet: it loads libraries meanwhile."""
        if not self._forks or self._server is not None:
            return
        if self._together is not None:
            self._server = self._together.server(self._python, libraries(), path, self._hash_seed)
        else:
            self._server = ForkServer(self._python, libraries(), path, self._hash_seed)

    def start(self, request: Mapping[str, Any], answer: Path, log: Path) -> Process:
        """Start a process for a step.

        Raises:
            PipelineError: the interpreter cannot be started.
        """
        if self._server is not None and not self._server.is_gone:
            return self._server.start(request, answer, log)
        return RuntimeProcess("step", request, answer, log, self._python, self._hash_seed)

    def take(self, key: str) -> bool:
        """Take a step, by its key of the cache, where several runs share what they do; see `Together.take`."""
        return self._together is None or self._together.take(key)

    def give_back(self, key: str) -> None:
        """Let go of a step that has ended."""
        if self._together is not None:
            self._together.give_back(key)

    def falls_back(self) -> bool:
        """Tell whether the fork server is gone, once: steps start afresh from then on."""
        if self._server is None or not self._server.is_gone or not self._forks:
            return False
        self._forks = False
        return True

    def close(self) -> None:
        """End the fork server."""
        if self._server is not None and self._together is None:
            self._server.close()
            self._server = None
