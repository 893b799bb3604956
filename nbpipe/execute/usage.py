"""What a kernel and what it started use of the machine, looked at from outside."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class KernelUsage:
    """CPU time and memory of a process and its children; looking at it never fails, gone processes count for nothing.

    Attributes:
        known: whether there is such a process on this machine.
    """

    def __init__(self, pid: int | None) -> None:
        import psutil

        self._gone: type[Exception] = psutil.Error
        self._process: Any = None
        self._children: list[Any] = []
        self._status = Path(f"/proc/{pid}/status")
        if pid is not None:
            with suppress(psutil.Error):
                self._process = psutil.Process(pid)
        self.known = self._process is not None

    def find_children(self) -> None:
        """Look which processes it has started; takes some milliseconds, so it is not done at every look."""
        if self._process is not None:
            with suppress(self._gone):
                self._children = self._process.children(recursive=True)

    def cpu_seconds(self) -> float:
        """Give user and system time of the process, of its children that ended, and of those last found."""
        total = 0.0
        for process in self._all():
            with suppress(self._gone):
                times = process.cpu_times()
                total += times.user + times.system
                if process is self._process:
                    total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        return total

    def memory(self) -> int:
        """Give bytes in memory now; what children share with each other counts once where the system tells."""
        total = 0
        for process in self._all():
            with suppress(self._gone):
                if process is self._process:
                    total += process.memory_info().rss
                else:
                    total += _own_share(process, self._gone)
        return total

    def high_water(self) -> int:
        """Give the most bytes that the process itself ever had in memory (Linux; elsewhere 0)."""
        with suppress(OSError, ValueError, IndexError):
            for line in self._status.read_bytes().splitlines():
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def _all(self) -> Iterator[Any]:
        if self._process is not None:
            yield self._process
            yield from self._children


def _own_share(process: Any, gone: type[Exception]) -> int:
    """Give the proportional size of a child: forked workers share most of their memory with their parent."""
    with suppress(gone, AttributeError):
        return int(process.memory_full_info().pss)
    return int(process.memory_info().rss)
