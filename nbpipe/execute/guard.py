"""Ends kernels whose nbpipe is gone: a small process that outlives it by a moment.

Run by path with only the standard library, ``python -I -S guard.py``, and with as little of it as it can, for it starts
with every run. It reads lines from its standard input: ``+ GROUP MARK`` for a kernel that was started and ``- MARK``
for one that ended. When the input closes, or its parent changes, nbpipe has ended without ending its kernels (kill -9,
out of memory): the guard then ends them, what they started, and removes their folders.

A process belongs to a kernel when its environment has the kernel's mark, which children inherit wherever they go: also
those that made a session of their own. Linux shows the environment of processes; elsewhere only the kernel's process
group is ended.
"""
# An import or two costs more than all that is done here:
# ruff: noqa: PTH123, PTH208, SIM105

from __future__ import annotations

import os
import select
import time

VARIABLE = "NBPIPE_KERNEL"
"""Environment variable of kernels; its value, the mark, is the path of the kernel's private folder."""

_SIGKILL, _SIGTERM = 9, 15
_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 1.0


def marked(mark: str) -> list[int]:
    """Give the processes of this user that have a mark, this one left out; none where the system does not show them."""
    wanted = f"{VARIABLE}={mark}".encode()
    found = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb", buffering=0) as file:
                if wanted in file.read().split(b"\0"):
                    found.append(int(name))
        except OSError:
            continue
    return found


def end_marked(mark: str, grace_seconds: float = _GRACE_SECONDS) -> list[int]:
    """End the processes that have a mark: SIGTERM, a bounded while, SIGKILL. Gives those it found."""
    found = marked(mark)
    for pid in found:
        _signal(pid, _SIGTERM)
    deadline = time.monotonic() + grace_seconds
    left = found
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = marked(mark)
    for pid in left:
        _signal(pid, _SIGKILL)
    return found


def end_group(group: int) -> None:
    """End a process group, now."""
    try:
        os.killpg(group, _SIGKILL)
    except OSError:
        pass


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def main() -> None:
    """Watch standard input until it closes, then end what is left."""
    parent = os.getppid()
    groups: dict[str, int] = {}
    rest = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], _LOOK_SECONDS)[0]:
            continue
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            what, _, told = os.fsdecode(line).partition(" ")
            if what == "+":
                group, _, mark = told.partition(" ")
                groups[mark] = int(group)
            else:
                groups.pop(told, None)
    for mark, number in groups.items():
        end_group(number)
        end_marked(mark, 0.0)
        _remove(mark)
    # There is nothing to tidy up, and the run waits for this process.
    os._exit(0)


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
