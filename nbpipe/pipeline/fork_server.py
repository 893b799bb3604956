"""The parent's side of the fork server: one process with the libraries loaded, one fork a step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbpipe.errors import PipelineError
from nbpipe.pipeline.process import end_of, environment, read_answer
from nbpipe.runtime.inject import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_GRACE_SECONDS = 3.0


class ForkServer:
    """Starts processes for steps; safe to use from several threads. Needs a system with ``fork``.

    Attributes:
        is_gone: whether it has ended.
    """

    def __init__(self, python: str, libraries: Sequence[str], path: Sequence[str], hash_seed: str = "") -> None:
        """Start it, and let it load libraries meanwhile.

        Args:
            python: the interpreter; nbpipe need not be installed there.
            libraries: modules to import before the first fork; ``module:name``: the name, too, if it is a module.
            path: folders that it imports from, too.
            hash_seed: see `nbpipe.pipeline.process.seed_of_hashes`.

        Raises:
            PipelineError: the interpreter cannot be started.
        """
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - no shell; the user's own interpreter
                [python, str(FOLDER), "serve", str(writing)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(writing,),
                start_new_session=True,
                env=environment(hash_seed),
            )
        except OSError as error:
            os.close(reading)
            raise PipelineError(f"the interpreter {python} cannot be started: {error.strerror}") from None
        finally:
            os.close(writing)
        self._lock = threading.Lock()
        self._steps: dict[str, ForkedStep] = {}
        self._count = 0
        self.is_gone = False
        self._ask("", {"load": list(libraries), "path": list(path)})
        threading.Thread(target=self._listen, args=(reading,), name="nbpipe-fork-server", daemon=True).start()

    def start(self, request: Mapping[str, Any], answer: Path, log: Path) -> ForkedStep:
        """Start a step's process; see `nbpipe.runtime.worker`."""
        answer.unlink(missing_ok=True)
        with self._lock:
            self._count += 1
            step = ForkedStep(f"{self._count}", answer, log)
            self._steps[step.id] = step
            if self.is_gone:
                step.ended(None)
        self._ask(step.id, {"request": request, "answer": str(answer), "log": str(log)})
        return step

    def _ask(self, name: str, request: Mapping[str, Any]) -> None:
        line = f"{name} {json.dumps(request)}\n".encode()
        stdin = self._process.stdin
        with self._lock, suppress(OSError, ValueError):
            if stdin is not None:
                stdin.write(line)
                stdin.flush()

    def _listen(self, reading: int) -> None:
        with os.fdopen(reading, "rb") as events:
            for line in events:
                event = json.loads(line)
                step = self._steps.get(event.get("id", ""))
                if step is not None and "pid" in event:
                    step.began(event["pid"])
                elif step is not None:
                    step.ended(event["code"])
        with self._lock:
            self.is_gone = True
            for step in self._steps.values():
                step.ended(None)

    def close(self) -> None:
        """End it, and all that it started."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkedStep:
    """The process of one step, as `nbpipe.pipeline.process.RuntimeProcess` is one.

    Attributes:
        id: names it to the server.
        log: the file that holds all it printed.
        pid: of its process, once it has begun.
    """

    def __init__(self, name: str, answer: Path, log: Path) -> None:
        self.id = name
        self.log = log
        self.pid: int | None = None
        self._answer = answer
        self._code: int | None = None
        self._lock = threading.RLock()  # a signal's handler may ask for its end while this thread holds it
        self._signal: int | None = None
        self._done = threading.Event()
        self._told: Callable[[dict[str, Any] | None], None] | None = None

    def began(self, pid: int) -> None:
        """Note its process; who asked to end it before is heard now."""
        with self._lock:
            self.pid = pid
            if self._signal is not None:
                self._send(self._signal)

    def ended(self, code: int | None) -> None:
        """Note its end; None: the server is gone, and so is this process."""
        with self._lock:
            if self._done.is_set():
                return
            self._code = code
            self._done.set()
            told = self._told
        if told is not None:
            self._tell(told)

    def when_ended(self, told: Callable[[dict[str, Any] | None], None]) -> None:
        """Have its answer told once it has ended, from another thread, or at once where it has."""
        with self._lock:
            self._told = told
            if not self._done.is_set():
                return
        self._tell(told)

    def _tell(self, told: Callable[[dict[str, Any] | None], None]) -> None:
        answer = None
        with suppress(Exception):  # who is not told would wait for ever, and so would all others
            answer = read_answer(self._answer)
        told(answer)

    def ending(self) -> str:
        """Say how it ended."""
        return "the process that started it ended" if self._code is None else end_of(self._code)

    def terminate(self) -> None:
        """Ask it to end, and those it started; see `kill`."""
        self._ask_to(signal.SIGTERM)

    def kill(self) -> None:
        """End it and those it started, now."""
        self._ask_to(signal.SIGKILL)

    def end(self) -> None:
        """End it: asked first, killed after a few seconds."""
        self.terminate()
        if not self._done.wait(_GRACE_SECONDS):
            self.kill()
            self._done.wait(_GRACE_SECONDS)

    def _ask_to(self, number: int) -> None:
        with self._lock:
            self._signal = number
            if self.pid is not None:
                self._send(number)

    def _send(self, number: int) -> None:
        # Until the server has reaped it the number stands for nobody else; it leads a group of its own soon after.
        if self.pid is not None and not self._done.is_set():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
