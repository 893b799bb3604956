"""What this process has used of the machine, and its end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")


def used() -> dict[str, Any]:
    """Give ``cpu_seconds`` (with children that ended) and ``peak_memory`` in bytes, each None where unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return {"cpu_seconds": None, "peak_memory": None}
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return {"cpu_seconds": seconds, "peak_memory": _peak_memory(own.ru_maxrss)}


def _peak_memory(maximum: int) -> int:
    # On Linux `ru_maxrss` starts with the size of the process that forked this one; VmHWM does not.
    with suppress(OSError, ValueError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return maximum if sys.platform == "darwin" else maximum * 1024


def end_group() -> None:
    """End this process at once, and those that it started, where it leads a group of its own."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def die_with_parent() -> None:
    """End this process, and what it started, when the parent is gone: its end of our standard input closes then."""
    watched = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    die_with(watched)


def die_with(watched: int) -> None:
    """End this process, and what it started, when the other end of a pipe closes."""
    threading.Thread(target=_watch, args=(watched,), name="nbpipe-parent", daemon=True).start()


def _watch(watched: int) -> None:
    with suppress(OSError):
        while os.read(watched, 1024):
            pass
    end_group()
