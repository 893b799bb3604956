"""What a step may take, and how often it is tried: from the step itself, else from the run's options."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, PipelineError
from nbpipe.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.pipeline.model import Step

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """What each try of a step may take.

    Attributes:
        retries: tries after the first.
        backoff: seconds before the first of these; doubled for each further one.
        timeout: seconds, or None.
        memory: bytes, or None.
    """

    retries: int = 0
    backoff: float = 1.0
    timeout: float | None = None
    memory: int | None = None

    @classmethod
    def of(cls, step: Step, otherwise: Limits | None = None) -> Limits:
        """Give the limits of a step: its own, else those of the run.

        Raises:
            PipelineError: one is not of its kind.
        """
        base = otherwise or cls()
        for name, value, kinds in (
            ("retries", step.retries, int),
            ("backoff", step.backoff, (int, float)),
            ("timeout", step.timeout, (int, float)),
        ):
            if value is not None and (isinstance(value, bool) or not isinstance(value, kinds) or value < 0):
                raise PipelineError(f"step '{step.name}': {name} must be a number from 0 on, not {value!r}")
        try:
            memory = base.memory if step.memory is None else parse_size(str(step.memory))
        except ConfigError as error:
            raise PipelineError(f"step '{step.name}': memory: {error}") from None
        return cls(
            base.retries if step.retries is None else step.retries,
            base.backoff if step.backoff is None else float(step.backoff),
            base.timeout if step.timeout is None else float(step.timeout),
            memory,
        )

    def delay(self, tried: int) -> float:
        """Give the seconds to wait after so many tries."""
        return float(self.backoff * 2 ** (tried - 1))


class MemoryWatch:
    """Looks at how much memory a process and its children take, from a thread, until it is stopped.

    Attributes:
        exceeded: bytes that were seen when it was too much, or None.
    """

    def __init__(self, process: Callable[[], int | None], limit: int, end: Callable[[], None]) -> None:
        """Begin to watch.

        Args:
            process: gives the number of the process, None while it has not begun.
            limit: bytes.
            end: called once when it takes more.

        Raises:
            PipelineError: psutil, which reads it, is not installed.
        """
        try:
            import psutil
        except ImportError:
            raise PipelineError("a memory limit needs psutil: python -m pip install psutil") from None
        self.exceeded: int | None = None
        self._psutil: Any = psutil
        self._pid, self._limit, self._end = process, limit, end
        self._done = threading.Event()
        threading.Thread(target=self._watch, name="nbpipe-memory", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            pid = self._pid()
            used = 0 if pid is None else self._used(pid)
            if used > self._limit:
                self.exceeded = used
                self._end()
                return

    def _used(self, pid: int) -> int:
        try:
            process = self._psutil.Process(pid)
            return sum(self._own(one) for one in (process, *process.children(recursive=True)))
        except self._psutil.Error:
            return 0

    def _own(self, process: Any) -> int:
        # Not what a fork shares with the server that holds the libraries.
        info = process.memory_info()
        return int(info.rss - getattr(info, "shared", 0)) if hasattr(info, "shared") else int(info.rss)
