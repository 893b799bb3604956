"""Watches a kernel while its cells run: what each uses, and whether one uses too much or does nothing any more."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from nbpipe.execute.usage import KernelUsage
from nbpipe.records import RunError, RunStatus
from nbpipe.sizes import shown_size

if TYPE_CHECKING:
    from nbpipe.execute.kernel import Kernel
    from nbpipe.execute.limits import Limits

_TICK_SECONDS = 0.25
_MEMORY_TICK_SECONDS = 0.1  # a cell can fill gigabytes within a second
_CHILDREN_SECONDS = 1.0
_IDLE_SHARE = 0.05  # of one core; below, nothing is being computed


class Watch:
    """Looks at one kernel again and again.

    Attributes:
        over: set when a limit is exceeded.
        ending: the status and reason of the running cell, once `over` is set.
    """

    def __init__(self, kernel: Kernel, client: Any, limits: Limits) -> None:
        self.over = asyncio.Event()
        self.ending: tuple[RunStatus, RunError] | None = None
        self._kernel = kernel
        self._client = client
        self._limits = limits
        self._usage = KernelUsage(kernel.pid)
        self._running = False
        self._peak = 0
        self._highest = self._usage.high_water()
        self._cpu = self._usage.cpu_seconds()
        self._began = self._looked_for_children = 0.0
        self._active = _Activity()

    def begin(self) -> None:
        """Note that a cell begins."""
        self._running = True
        self._began = time.monotonic()
        self._peak = 0
        self._active = _Activity(self._client.heard, self._usage.cpu_seconds() if self._limits.idle else 0.0)

    def end(self) -> tuple[float | None, int | None]:
        """Note that the cell ended; gives its CPU seconds and its peak of memory in bytes, None where unknown."""
        self._running = False
        if not self._usage.known:
            return None, None
        before, self._cpu = self._cpu, max(self._cpu, self._usage.cpu_seconds())
        highest = self._usage.high_water()
        # The system keeps the highest of the whole life: where it did not rise, what was seen is what is known.
        peak = highest if highest > self._highest else max(self._peak, self._usage.memory())
        self._highest = max(highest, self._highest)
        return self._cpu - before, max(peak, self._peak) or None

    def close(self) -> None:
        """Stop looking."""
        self._usage.close()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(_MEMORY_TICK_SECONDS if self._limits.memory else _TICK_SECONDS)
            if self._running and self._usage.known and not self.over.is_set():
                self._look()

    def _look(self) -> None:
        now = time.monotonic()
        # Looking through all processes costs milliseconds, which short cells need not pay.
        if now - max(self._looked_for_children, self._began) > _CHILDREN_SECONDS:
            self._looked_for_children = now
            self._usage.find_children()
        memory = self._usage.memory()
        self._peak = max(self._peak, memory)
        limits = self._limits
        if limits.memory is not None and memory > limits.memory:
            used, allowed = shown_size(memory), shown_size(limits.memory)
            self._give_up(RunStatus.DIED, "MemoryLimit", f"the kernel used {used}, more than {allowed} (--max-memory)")
            # A cell that is busy taking memory does not hear an interrupt.
            self._kernel.kill()
        elif limits.idle is not None and self._active.idle_seconds(self._client.heard, self._usage, now) > limits.idle:
            message = f"the cell showed nothing and computed nothing for {limits.idle:g} s (--idle-timeout)"
            self._give_up(RunStatus.TIMED_OUT, "Timeout", message)

    def _give_up(self, status: RunStatus, name: str, message: str) -> None:
        self.ending = status, RunError(name, message)
        self.over.set()


class _Activity:
    """When a cell last did something that can be seen from outside: send a message, or compute."""

    def __init__(self, heard: int = 0, cpu: float = 0.0) -> None:
        self._heard = heard
        self._cpu = cpu
        self._looked = self._since = time.monotonic()

    def idle_seconds(self, heard: int, usage: KernelUsage, now: float) -> float:
        cpu = usage.cpu_seconds()
        if heard != self._heard or cpu - self._cpu > _IDLE_SHARE * (now - self._looked):
            self._since = now
        self._heard, self._cpu, self._looked = heard, cpu, now
        return now - self._since
