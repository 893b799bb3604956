"""Ends kernels whose nbpipe is gone: a small process that outlives it by a moment.

Run by path with only the standard library, ``python -I -S guard.py``, so that it is up in milliseconds. It reads lines
of JSON from its standard input: ``{"add": {"mark", "group", "folder"}}`` for a kernel that was started and
``{"remove": mark}`` for one that ended. When the input closes, or its parent changes, nbpipe has ended without ending
its kernels (kill -9, out of memory): the guard then ends them, what they started, and removes their folders.

A process belongs to a kernel when its environment has the kernel's mark, which children inherit wherever they go: also
those that made a session of their own. Linux shows the environment of processes; elsewhere only the kernel's process
group is ended.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import time
from contextlib import suppress
from typing import Any

VARIABLE = "NBPIPE_KERNEL"
"""Environment variable of kernels; its value, the mark, is the path of the kernel's private folder."""

_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 1.0


def marked(mark: str) -> list[int]:
    """Give the processes of this user that have a mark, this one left out; none where the system does not show them."""
    wanted = f"{VARIABLE}={mark}".encode()
    found = []
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - names are all that is needed
    except OSError:
        return []
    for name in names:
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        with suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123 - thousands of them
            if wanted in file.read().split(b"\0"):
                found.append(int(name))
    return found


def end_marked(mark: str, grace_seconds: float = _GRACE_SECONDS) -> list[int]:
    """End the processes that have a mark: SIGTERM, a bounded while, SIGKILL. Gives those it found."""
    found = marked(mark)
    for pid in found:
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    left = found
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = marked(mark)
    for pid in left:
        _signal(pid, signal.SIGKILL)
    return found


def end_group(group: int) -> None:
    """End a process group, now."""
    with suppress(OSError):
        os.killpg(group, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with suppress(OSError):
        os.kill(pid, number)


def main() -> None:
    """Watch standard input until it closes, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    parent = os.getppid()
    kernels: dict[str, dict[str, Any]] = {}
    rest = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], _LOOK_SECONDS)[0]:
            continue
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "add" in told:
                kernels[told["add"]["mark"]] = told["add"]
            else:
                kernels.pop(told["remove"], None)
    for mark, kernel in kernels.items():
        end_group(kernel["group"])
        end_marked(mark, 0.0)
        shutil.rmtree(kernel["folder"], ignore_errors=True)


if __name__ == "__main__":
    main()
