"""Private folders of kernels, and what runs that were killed have left of them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.execute.guard import end_marked, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "nbp-"
_OWNER = "owner.json"
_LONGEST_SOCKET_PATH = 90  # the system's limit is 103 to 107 bytes
_UNOWNED_SECONDS = 3600.0  # a folder without an owner is being made right now, or nobody's


def private_folder() -> Path:
    """Make a folder (mode 0700) for a kernel's files, where the system's limit on the length of socket paths allows it.

    It says which process owns it, so that a later run can tell whether that is gone.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=next(iter(_places()), None)))
    (folder / _OWNER).write_text(json.dumps(_identity(os.getpid())), encoding="utf-8")
    return folder


def transport(folder: Path) -> dict[str, str]:
    """Use sockets in the folder, which no other user can reach and whose ports cannot be taken, where there are any."""
    address = str(folder / "k")
    if sys.platform == "win32" or len(os.fsencode(address)) > _LONGEST_SOCKET_PATH:
        return {}
    return {"transport": "ipc", "ip": address}


@cache
def sweep_once() -> None:
    """End kernels and remove folders of runs that were killed; done once in a process."""
    for place in _places():
        for folder in Path(place).glob(f"{_PREFIX}*"):
            if _is_left(folder):
                end_marked(str(folder), 0.0)
                shutil.rmtree(folder, ignore_errors=True)


def _places() -> Iterator[str]:
    for place in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR") or ""):
        if place and len(place) < _LONGEST_SOCKET_PATH - len("/nbp-12345678/k-1") and Path(place).is_dir():
            yield place


def _is_left(folder: Path) -> bool:
    """Tell whether a folder is this user's and the process that made it is gone."""
    try:
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return False
        age = time.time() - folder.stat().st_mtime
        owner = json.loads((folder / _OWNER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return folder.is_dir() and age > _UNOWNED_SECONDS and not marked(str(folder))
    except (OSError, ValueError):
        return False
    now = _identity(owner.get("pid", 0))
    return bool(owner.get("space") == now["space"] and owner.get("started") != now["started"])


def _identity(pid: int) -> dict[str, Any]:
    """Say which process a number means: numbers are used again, start times are not, and containers count anew."""
    return {"pid": pid, "started": _started(pid), "space": _space()}


def _started(pid: int) -> Any:
    """Give when a process started, in whatever unit does not change while it runs; None where there is none."""
    if sys.platform == "linux":
        try:
            # Clock ticks since the machine was started: psutil's seconds move when the clock is set.
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            return int(stat.rpartition(")")[2].split()[19])
        except (OSError, ValueError, IndexError):
            return None
    import psutil

    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def _space() -> str:
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - not a path
    except OSError:
        return socket.gethostname()
