"""What a kernel and what it started use of the machine, looked at from outside."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any


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
        self._files = _ProcFiles(pid)
        if pid is not None:
            with suppress(psutil.Error):
                self._process = psutil.Process(pid)
        self.known = self._process is not None

    def close(self) -> None:
        """Give back what looking takes."""
        self._files.close()

    def find_children(self) -> None:
        """Look which processes it has started; takes some milliseconds, so it is not done at every look."""
        if self._process is not None:
            with suppress(self._gone):
                self._children = self._process.children(recursive=True)

    def cpu_seconds(self) -> float:
        """Give user and system time of the process, of its children that ended, and of those last found."""
        total = self._files.cpu_seconds()
        if total is None:
            total = 0.0
            with suppress(self._gone, AttributeError):
                times = self._process.cpu_times()
                total = times.user + times.system
                total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        for child in self._children:
            with suppress(self._gone):
                times = child.cpu_times()
                total += times.user + times.system
        return total

    def memory(self) -> int:
        """Give bytes in memory now; what children share with each other counts once where the system tells."""
        total = self._files.resident()
        if total is None:
            total = 0
            with suppress(self._gone, AttributeError):
                total = int(self._process.memory_info().rss)
        for child in self._children:
            with suppress(self._gone):
                total += _own_share(child, self._gone)
        return total

    def high_water(self) -> int:
        """Give the most bytes that the process itself ever had in memory (Linux; elsewhere 0)."""
        return self._files.high_water()


class _ProcFiles:
    """What Linux writes about a process, read again and again from files that stay open: it is done at every cell."""

    def __init__(self, pid: int | None) -> None:
        self._stat = self._status = -1
        if pid is not None and sys.platform == "linux":
            with suppress(OSError):
                self._stat = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
                self._status = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        for handle in (self._stat, self._status):
            if handle >= 0:
                os.close(handle)
        self._stat = self._status = -1

    def cpu_seconds(self) -> float | None:
        fields = self._fields()
        return None if fields is None else sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> int | None:
        fields = self._fields()
        return None if fields is None else int(fields[21]) * os.sysconf("SC_PAGE_SIZE")

    def high_water(self) -> int:
        with suppress(OSError, ValueError):
            data = os.pread(self._status, 4096, 0)
            at = data.index(b"VmHWM:")
            return int(data[at + len("VmHWM:") :].split(None, 1)[0]) * 1024
        return 0

    def _fields(self) -> list[bytes] | None:
        """Give the fields behind the program's name; see proc_pid_stat(5), whose third is the first here."""
        with suppress(OSError, ValueError):
            return os.pread(self._stat, 4096, 0).rpartition(b")")[2].split()
        return None


def _own_share(process: Any, gone: type[Exception]) -> int:
    """Give the proportional size of a child: forked workers share most of their memory with their parent."""
    with suppress(gone, AttributeError):
        return int(process.memory_full_info().pss)
    return int(process.memory_info().rss)
