"""Notebooks that lie elsewhere: read and written through papermill's handlers (https, s3, gs, abs, adl, hdfs...)."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from nbpipe.errors import ExecutionError

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_remote(path: object) -> bool:
    """Tell whether a path is the address of something that lies elsewhere."""
    return isinstance(path, str) and bool(_ADDRESS.match(path)) and not path.lower().startswith("file:")


def name_of(address: str) -> str:
    """Give the file name at the end of an address."""
    return PurePosixPath(address.partition("?")[0]).name or "notebook.ipynb"


def fetch(address: str) -> bytes:
    """Give the content of an address.

    Raises:
        ExecutionError: it cannot be read.
    """
    from papermill.iorw import papermill_io

    try:
        return str(papermill_io.read(address)).encode("utf-8", "surrogatepass")
    except Exception as error:
        # Each service's library has errors of its own.
        raise _failed(address, "read", error) from error


def store(data: bytes, address: str) -> None:
    """Write to an address.

    Raises:
        ExecutionError: it cannot be written.
    """
    from papermill.iorw import papermill_io

    try:
        papermill_io.write(data.decode("utf-8"), address)
    except Exception as error:
        raise _failed(address, "written", error) from error


def _failed(address: str, what: str, error: Any) -> ExecutionError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return ExecutionError(f"{address}: cannot be {what}: {reason}")
