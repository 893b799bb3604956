"""What a run depends on besides its code: files that it opens, modules of its own folder, and what cannot be known.

Asked for where a result shall be kept and not be made again. What this does not see counts as not known, and nothing
that depends on it is kept: so it has to be said generously.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path
from typing import Any

from . import native
from .contents import Contents
from .modules import own_modules
from .observing import FileObserver

# Audit events of what reaches beyond files (see the table of audit events in Python's documentation).
_BEYOND = frozenset(
    [
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "socket.connect",
        "socket.getaddrinfo",
        "sqlite3.connect",
        "subprocess.Popen",
        "urllib.Request",
    ]
)
# Callers whose doings belong to the interpreter, not to the notebook.
_OF_IMPORTS = ("importlib", "pkgutil", "pkg_resources", "zipimport")


def observe(path: str) -> None:
    """Observe from now on, and write what was seen to the file `path` when the process ends.

    The file holds JSON: ``read`` (path to SHA-256, as it was at first), ``listed`` (folder to digest of its names),
    ``absent`` (paths that were looked for in vain), ``modules`` (source file of the notebook's own to SHA-256),
    ``unknown`` (why it is not all).
    """
    observer = FileObserver(ignored=(os.path.dirname(path),), hashing=True)  # noqa: PTH120 - a text
    session = observer.observing()
    session.__enter__()
    native.install()
    unknown: dict[str, None] = {}

    def hear(event: str, _: tuple[Any, ...]) -> None:
        if event in _BEYOND and event not in unknown and _is_users():
            unknown[event] = None

    sys.addaudithook(hear)

    def end() -> None:
        session.__exit__(None, None, None)
        Path(path).write_text(json.dumps(_found(observer, unknown)), encoding="utf-8")

    atexit.register(end)


def _found(observer: FileObserver, unknown: dict[str, None]) -> dict[str, Any]:
    report = observer.report()
    by_path = {key: {item["path"]: item["sha256"] for item in report[key]} for key in ("read", "listed")}
    changed = [f"{path} changed" for path, digest in by_path["read"].items() if digest is None]
    effects = [f"{item['kind']} {item['name']}" for item in report["effects"] if item["kind"] == "network"]
    readers = [f"reads with {name}" for name in native.UNKNOWN if name in sys.modules]
    modules = {path: Contents.now(path)["sha256"] for path in sorted(set(own_modules().values()))}
    return {
        **by_path,
        "absent": report["absent"],
        "modules": modules,
        "unknown": [*unknown, *changed, *effects, *readers],
    }


def _is_users() -> bool:
    """Tell whether code of the notebook is running; the kernel's own doings and imports do not count."""
    frame: Any = sys._getframe(2)  # noqa: SLF001 - who asks decides
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(_OF_IMPORTS):
            return False
        if name == "__main__" and "exec" not in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False
