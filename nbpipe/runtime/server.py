"""A process with a project's libraries loaded, that forks one process a step.

It reads requests from its standard input, one a line: `` {"load", "path"}`` (libraries to load, folders to import them
from) first, then ``<id> {"request", "answer", "log"}`` for each step (see `worker`). It writes what happens to the pipe
that it was given, a JSON object a line: ``{"ready": true}``, ``{"id", "pid"}`` when a step's process has started,
``{"id", "code"}`` (negative: the signal) when it has ended, or has nothing left to do. It ends, with all its children,
when its input closes.

There is always one process more than there are steps, forked and waiting for the next: forking, and copying the memory
that every step touches, goes on beside the step before.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import exchange, modules, usage, worker

# Libraries that do not survive a fork once they are loaded.
_UNSAFE = frozenset({"tensorflow", "jax", "pyspark", "ray", "cupy", "tkinter", "PyQt5", "PyQt6", "PySide6"})

# What values of a library are stored with.
_COMPANIONS = {"pandas": ("pyarrow.parquet",), "sklearn": ("skops.io",)}


def serve(events: int) -> None:
    """Load libraries as asked and fork as asked, until nobody asks any more.

    Args:
        events: file descriptor that is told what happens.
    """
    _Server(events).run()


@dataclass
class _Child:
    """A process that does a step, or waits for one.

    Attributes:
        pid: its number.
        asked: pipe by which it is given its step.
        done: pipe by which it says that it has done it; None once it has, or has closed it.
        id: of the step, "" while it waits for one.
        is_told: whether its end has been told of.
    """

    pid: int
    asked: int
    done: int | None
    id: str = ""
    is_told: bool = False


class _Server:
    def __init__(self, events: int) -> None:
        self.events = events
        self.children: dict[int, _Child] = {}
        self.spare: _Child | None = None
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
            working = {child.done: child for child in self.children.values() if child.done is not None}
            ready, _, _ = select.select([0, self.woken, *working], [], [])
            for pipe in working.keys() & ready:
                self.hear(working[pipe])
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
                    self.take(line)

    def take(self, line: bytes) -> None:
        name, _, content = line.partition(b" ")
        if name:
            self.start(name.decode(), content)
            return
        request = json.loads(content)
        load(request["load"], request["path"])
        worker.prepare()
        modules.remember()
        gc.collect()
        gc.freeze()  # collections in the forks would copy the pages of all that is loaded here
        self.spare = self.fork()
        self.tell({"ready": True})

    def tell(self, event: dict[str, Any]) -> None:
        with suppress(OSError):
            os.write(self.events, json.dumps(event).encode() + b"\n")

    def start(self, name: str, request: bytes) -> None:
        """Give a step to the process that waits for one, or to a new one; then let another wait."""
        waiting, self.spare = self.spare, None
        for spare in (waiting, None):
            child = spare or self.fork()
            child.id = name
            self.tell({"id": name, "pid": child.pid})
            try:
                _write(child.asked, request + b"\n")
            except OSError:  # it has been killed: no step has begun
                child.id = ""
                continue
            break
        self.spare = self.fork()
        self.reap()

    def fork(self) -> _Child:
        """Start a process that will do a step."""
        sys.stdout.flush()
        sys.stderr.flush()
        asked, asking = os.pipe()
        done, doing = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.become(asked, doing, (asking, done))
        os.close(asked)
        os.close(doing)
        child = self.children[pid] = _Child(pid, asking, done)
        return child

    def become(self, asked: int, doing: int, others: tuple[int, ...]) -> None:
        """Be the process of a step; does not return."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            for unused in (self.events, self._life, self.woken, self._wake, *others, *self.pipes()):
                os.close(unused)
            self.children.clear()
            nothing = os.open(os.devnull, os.O_RDWR)
            for target in (0, 1, 2):
                os.dup2(nothing, target)
            os.close(nothing)
            usage.die_with(self.alive)
            if not select.select([asked], [], [], 0)[0]:  # nobody waits yet
                worker.warm()
            line = _line(asked)
            os.close(asked)
            if line:
                self.work(json.loads(line))
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may get back into the server's loop
            traceback.print_exc()
        finally:
            with suppress(BaseException):
                _run_exit_functions()
            with suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            with suppress(BaseException):
                # Its memory is given back meanwhile, which takes as long as a small step.
                os.write(doing, bytes([code]))
            os._exit(code)

    def work(self, request: dict[str, Any]) -> None:
        """Do the step that is asked for."""
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for target in (1, 2):
            os.dup2(log, target)
        os.close(log)
        exchange.write_answer(worker.run_step(request["request"]), request["answer"])

    def pipes(self) -> list[int]:
        """Give this side of the pipes of all children."""
        pipes = [pipe for child in self.children.values() for pipe in (child.asked, child.done)]
        return [pipe for pipe in pipes if pipe is not None]

    def hear(self, child: _Child) -> None:
        """Hear that a child has done its step, or has closed its pipe, as when it died."""
        if child.done is not None:
            said = os.read(child.done, 1)
            os.close(child.done)
            child.done = None
            if said:
                self.ended(child, said[0])

    def ended(self, child: _Child, code: int) -> None:
        """Tell of the end of a step."""
        if child.id and not child.is_told:
            self.tell({"id": child.id, "code": code})
        child.is_told = True

    def reap(self) -> None:
        """Tell of all children that have ended."""
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self.children.pop(pid, None)
            if child is None:
                continue
            if child is self.spare:
                self.spare = None
            self.ended(child, -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
            os.close(child.asked)
            if child.done is not None:
                os.close(child.done)

    def end(self) -> None:
        """End all children; they lead groups of their own."""
        for pid in self.children:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)


def _write(pipe: int, content: bytes) -> None:
    while content:
        content = content[os.write(pipe, content) :]


def _line(pipe: int) -> bytes:
    """Read a line from a pipe; b"" where it closes first."""
    content = b""
    while not content.endswith(b"\n"):
        block = os.read(pipe, 1 << 16)
        if not block:
            return b""
        content += block
    return content


def _run_exit_functions() -> None:
    """Run what libraries registered for the end of the process, and end child processes that they started."""
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 - `os._exit` skips them, and `sys.exit` would run the server's too


def load(names: list[str], path: list[str]) -> None:
    """Import libraries that steps will import; one that fails is left for the step to tell.

    Args:
        names: ``module``, or ``module:name`` where the name may be a module in it.
        path: folders to import from, too.
    """
    sys.path[:0] = [entry for entry in path if entry not in sys.path]
    for each in names:
        name, _, part = each.partition(":")
        if name.partition(".")[0] not in _UNSAFE:
            with suppress(BaseException):
                module = importlib.import_module(name)
                # As `from name import part` does: a module that is called as something else in it would hide that.
                if part and not hasattr(module, part):
                    importlib.import_module(f"{name}.{part}")
    for name, companions in _COMPANIONS.items():
        for companion in companions if name in sys.modules else ():
            with suppress(BaseException):
                importlib.import_module(companion)
