"""Calls into MLflow that keep quiet and give up soon."""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENVIRONMENT: Final = {
    # With MLflow's own seven retries, a call to a dead server had not returned after 200 s.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    # Nobody asked for a report to MLflow's makers.
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_LOGGERS: Final = ("mlflow", "alembic")

# MLflow's own, seen with 3.17; nothing that a user can do anything about.
_WARNINGS: Final = (
    (r"The ``noload`` loader strategy is deprecated", r"mlflow\."),
    (r"Protobuf gencode version", r"google\.protobuf\."),
)


@contextmanager
def quiet_calls() -> Iterator[None]:
    """Within the block MLflow says nothing below an error and retries once; what the user set himself stays."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for message, module in _WARNINGS:
        warnings.filterwarnings("ignore", message=message, module=module)
    _import()
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for name, old in before.items():
            if old is None:
                os.environ.pop(name, None)


def _import() -> None:
    """Import MLflow, which sets its logger's level while it does."""
    import mlflow.tracking  # noqa: F401
