"""A process with a project's libraries loaded, that forks one process a step.

It reads requests from its standard input, a JSON object a line, and writes what happens to the pipe that its request
names, a JSON object a line: ``{"ready": true}``, ``{"id", "pid"}`` when a step's process has started, ``{"id",
"code"}`` (negative: the signal) when it has ended. It ends, with all its children, when its input closes.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
import traceback
from contextlib import suppress
from typing import Any

from . import exchange, usage, worker

# Libraries that do not survive a fork once they are loaded.
_UNSAFE = frozenset({"tensorflow", "jax", "pyspark", "ray", "cupy", "tkinter", "PyQt5", "PyQt6", "PySide6"})


def serve(events: int) -> None:
    """Load libraries as asked and fork as asked, until nobody asks any more.

    Args:
        events: file descriptor that is told what happens.
    """
    _Server(events).run()


class _Server:
    def __init__(self, events: int) -> None:
        self.events = events
        self.children: dict[int, str] = {}
        # Children hold the reading end: it closes for them when this process is gone, however it went.
        self.alive, self._life = os.pipe()
        self.woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def run(self) -> None:
        pending = b""
        while True:
            ready, _, _ = select.select([0, self.woken], [], [])
            if self.woken in ready:
                os.read(self.woken, 4096)
                self.reap()
            if 0 in ready:
                data = os.read(0, 1 << 16)
                if not data:
                    self.end()
                    return
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    self.take(json.loads(line))

    def take(self, request: dict[str, Any]) -> None:
        if "load" in request:
            load(request["load"], request["path"])
            gc.collect()
            gc.freeze()  # collections in the forks would copy the pages of all that is loaded here
            self.tell({"ready": True, "threads": threading.active_count()})
        else:
            self.fork(request)

    def tell(self, event: dict[str, Any]) -> None:
        with suppress(OSError):
            os.write(self.events, json.dumps(event).encode() + b"\n")

    def fork(self, request: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self.become(request)
        self.children[pid] = request["id"]
        self.tell({"id": request["id"], "pid": pid})
        self.reap()

    def become(self, request: dict[str, Any]) -> None:
        """Be the process of a step; does not return."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            for unused in (self.events, self._life, self.woken, self._wake):
                os.close(unused)
            nothing = os.open(os.devnull, os.O_RDONLY)
            log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            for source, target in ((nothing, 0), (log, 1), (log, 2)):
                os.dup2(source, target)
            usage.die_with(self.alive)
            exchange.answered(worker.run_step, request["request"], request["answer"])
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may get back into the server's loop
            traceback.print_exc()
        finally:
            with suppress(BaseException):
                _run_exit_functions()
            with suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def reap(self) -> None:
        """Tell of all children that have ended."""
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            name = self.children.pop(pid, None)
            if name is not None:
                code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                self.tell({"id": name, "code": code})

    def end(self) -> None:
        """End all children; they lead groups of their own."""
        for pid in self.children:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)


def _run_exit_functions() -> None:
    """Run what libraries registered for the end of the process, and end child processes that they started."""
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 - `os._exit` skips them, and `sys.exit` would run the server's too


def load(names: list[str], path: list[str]) -> None:
    """Import libraries that steps will import; one that fails is left for the step to tell."""
    sys.path[:0] = [entry for entry in path if entry not in sys.path]
    for name in names:
        if name.partition(".")[0] not in _UNSAFE:
            with suppress(BaseException):
                importlib.import_module(name)
