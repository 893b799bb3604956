"""A piece of work in another interpreter: the runtime, started by path, its request and answer in files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import PipelineError
from nbpipe.runtime.inject import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HASH_SEED = "PYTHONHASHSEED"
_GRACE_SECONDS = 3.0


class RuntimeProcess:
    """One process that does one piece of work; it leads a group of its own, and ends when this one does.

    Attributes:
        log: the file that holds all it printed.
    """

    def __init__(  # noqa: PLR0913 - what a process needs
        self, command: str, request: Mapping[str, Any], answer: Path, log: Path, python: str, hash_seed: str = ""
    ) -> None:
        """Start it.

        Args:
            command: ``step`` or ``compare``.
            request: what it is asked, JSON-able; see `nbpipe.runtime.worker` and `nbpipe.runtime.comparing`.
            answer: the file its answer goes to; the request is kept beside it.
            log: where what it prints goes.
            python: the interpreter; nbpipe need not be installed there.
            hash_seed: see `seed_of_hashes`.

        Raises:
            PipelineError: the interpreter cannot be started.
        """
        asked = write_request(request, answer)
        self.log = log
        self._answer = answer
        with log.open("ab") as output:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - no shell; the user's own interpreter
                    [python, str(FOLDER), command, str(asked), str(answer)],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env=environment(hash_seed),
                )
            except OSError as error:
                raise PipelineError(f"the interpreter {python} cannot be started: {error.strerror}") from None

    def wait(self) -> dict[str, Any] | None:
        """Wait for its end; give the answer, or None where it ended without one (see `ending`)."""
        self._process.wait()
        self._close()
        return read_answer(self._answer)

    def when_ended(self, told: Callable[[dict[str, Any] | None], None]) -> None:
        """Have its answer told once it has ended, from another thread."""

        def wait() -> None:
            answer = None
            with suppress(Exception):  # who is not told would wait for ever
                answer = self.wait()
            told(answer)

        threading.Thread(target=wait, name="nbpipe-step", daemon=True).start()

    def ending(self) -> str:
        """Say how it ended."""
        return end_of(self._process.poll() or 0)

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return self._process.pid

    def terminate(self) -> None:
        """Ask it to end, and those it started; see `kill`."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and those it started, now."""
        self._signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def end(self) -> None:
        """End it: asked first, killed after a few seconds."""
        self.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_SECONDS)
        self.kill()
        self._process.wait()
        self._close()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)

    def _close(self) -> None:
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()


def ask(command: str, request: Mapping[str, Any], python: str, failure: str) -> dict[str, Any]:
    """Have one piece of work done, and give the answer.

    Args:
        command: see `RuntimeProcess`.
        request: what it is asked.
        python: the interpreter.
        failure: begins the message where it ends without an answer.

    Raises:
        PipelineError: it did, or the interpreter cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="nbpipe-") as folder:
        place = Path(folder)
        process = RuntimeProcess(command, request, place / f"{command}.json", place / f"{command}.log", python)
        try:
            content = process.wait()
        finally:
            process.end()
        if content is None:
            lines = process.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise PipelineError(f"{failure}: {lines[-1] if lines else process.ending()}")
    return content


def interpreter(python: str | None) -> str:
    """Give the interpreter that steps run in: the one asked for, else this one."""
    return python or sys.executable


def write_request(request: Mapping[str, Any], answer: Path) -> Path:
    """Write what a process is asked beside where its answer goes, and remove an answer of before."""
    asked = answer.with_name(answer.stem + ".request.json")
    asked.write_text(json.dumps(request), encoding="utf-8")
    answer.unlink(missing_ok=True)
    return asked


def read_answer(answer: Path) -> dict[str, Any] | None:
    """Read what a process answered, None where it did not."""
    try:
        content: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content


def environment(hash_seed: str = "") -> dict[str, str]:
    """Give the environment of a step's process: no windows, nothing held back that it prints, the seed of hashes."""
    kept = {"MPLBACKEND": os.environ.get("MPLBACKEND", "Agg"), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **kept, HASH_SEED: hash_seed or seed_of_hashes()}


def seed_of_hashes(asked: str = "") -> str:
    """Give the seed of the hashes that sets and texts are ordered by: the one asked for, the user's own, or 0.

    The same in all runs, so that what depends on the order of a set is the same in all of them, and may be kept.
    """
    return asked or os.environ.get(HASH_SEED) or "0"


def end_of(code: int) -> str:
    """Say how a process ended that gave no answer, by its exit code (negative: the signal)."""
    if code >= 0:
        return f"its process ended with exit code {code} before the step was done"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = "; it may have run out of memory" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"
