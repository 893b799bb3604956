"""MLflow's own pages for runs that are kept in a file: a server on this machine, for as long as who asked lives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from nbpipe.errors import TrackingError

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 120.0
_PAUSE_SECONDS = 0.3
_END_SECONDS = 5.0


@contextmanager
def mlflow_server(uri: str) -> Iterator[str]:
    """Run MLflow's server for a store, reachable from this machine only; gives its address, ends it at the end.

    Raises:
        TrackingError: it does not start.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(  # noqa: S603 - no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _await(process, address)
        yield address
    finally:
        _end(process)


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise TrackingError(f"mlflow server ended with {process.returncode} before it answered")
        with (
            suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(f"{address}/health", timeout=_END_SECONDS),  # noqa: S310 - http, made above
        ):
            return
        time.sleep(_PAUSE_SECONDS)
    raise TrackingError(f"mlflow server did not answer in {_START_SECONDS:g} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server with its workers."""
    kill = getattr(os, "killpg", os.kill)
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with suppress(ProcessLookupError):
            kill(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
            return
