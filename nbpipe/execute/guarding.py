"""This process's side of the guard: it is started with the first kernel and ended with the last."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

_SCRIPT = Path(__file__).with_name("guard.py")
_END_SECONDS = 5.0


class _Guard:
    """The guard process and how many kernels it watches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def add(self, mark: str, group: int) -> None:
        """Have a kernel ended when this process ends without doing so. Where the guard cannot run, nobody does."""
        with self._lock:
            self._count += 1
            if self._process is None:
                with suppress(OSError):
                    self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own script
                        [sys.executable, "-I", "-S", str(_SCRIPT)],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        start_new_session=True,
                    )
            self._tell(f"+ {group} {mark}")

    def remove(self, mark: str) -> None:
        """Forget a kernel that has ended."""
        with self._lock:
            self._tell(f"- {mark}")
            self._count -= 1
            if self._count == 0 and self._process is not None:
                process, self._process = self._process, None
                self._close(process)

    def _tell(self, message: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(os.fsencode(message) + b"\n")
                self._process.stdin.flush()

    @staticmethod
    def _close(process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


GUARD = _Guard()
