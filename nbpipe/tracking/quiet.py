"""Calls into MLflow that keep quiet and give up soon."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENVIRONMENT: Final = {
    # With MLflow's own seven retries, a call to a dead server had not returned after 200 s.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    # Where a run can be seen is said by us, once.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # Nobody asked for a report to MLflow's makers.
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_LOGGERS: Final = ("mlflow", "alembic")

# MLflow's own, seen with 3.17; nothing that a user can do anything about.
_WARNINGS: Final = (
    (r"The ``noload`` loader strategy is deprecated", r"mlflow\."),
    (r"Protobuf gencode version", r"google\.protobuf\."),
)


class _Quiet:
    """How many blocks are being quiet, in all threads, and what was before the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._before: dict[str, str | None] = {}
        self._levels: dict[str, int] = {}

    def enter(self) -> None:
        with self._lock:
            self._count += 1
            if self._count == 1:
                self._before = {name: os.environ.get(name) for name in _ENVIRONMENT}
                for name, value in _ENVIRONMENT.items():
                    os.environ.setdefault(name, value)
                for message, module in _WARNINGS:
                    warnings.filterwarnings("ignore", message=message, module=module)
                self._levels = {name: logging.getLogger(name).level for name in _LOGGERS}
                _import()
                for name in _LOGGERS:
                    logging.getLogger(name).setLevel(logging.ERROR)

    def leave(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0:
                for name, level in self._levels.items():
                    logging.getLogger(name).setLevel(level)
                for name, old in self._before.items():
                    if old is None:
                        os.environ.pop(name, None)


_QUIET = _Quiet()


@contextmanager
def quiet_calls() -> Iterator[None]:
    """Within the block MLflow says nothing below an error and retries once; what the user set himself stays.

    Several threads may be in such blocks at once.
    """
    _QUIET.enter()
    try:
        yield
    finally:
        _QUIET.leave()


def _import() -> None:
    """Import MLflow, which sets its logger's level while it does."""
    import mlflow.tracking  # noqa: F401
