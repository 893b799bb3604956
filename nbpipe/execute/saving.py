"""Saving files so that a reader never sees half of one: temporary file, fsync, replace."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbpipe.errors import ExecutionError

_SHARE_OF_TIME = 20  # saving may take one part in so many of the run's time


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step; a file that is there keeps its permissions.

    Raises:
        ExecutionError: it cannot be written; what was there is untouched.
    """
    path = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException as error:
        with suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise _cannot_write(path, error) from error
        raise


def check_writable(path: Path) -> None:
    """Find out before a long run whether its result can be saved.

    Raises:
        ExecutionError: a file cannot be made in that folder.
    """
    if path.is_dir():
        raise ExecutionError(f"{path}: is a folder; give the name of a notebook file for the result")
    try:
        with tempfile.NamedTemporaryFile(prefix=".nbpipe.", suffix=".tmp", dir=path.parent):
            pass
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> ExecutionError:
    reason = error.strerror or str(error)
    return ExecutionError(f"{path}: cannot be written: {reason}; give another place for the result")


def _mode(path: Path) -> int:
    """Give the permissions of the file that is there, else those that a new file gets."""
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def notebook_bytes(node: Any) -> bytes:
    """Serialise a notebook as nbformat does; lone surrogates are escaped, since UTF-8 has no place for them."""
    from nbformat.v4.nbjson import JSONWriter

    writer: Any = JSONWriter()
    try:
        return str(writer.writes(node) + "\n").encode()
    except UnicodeEncodeError:
        return str(writer.writes(node, ensure_ascii=True) + "\n").encode()


class Autosave:
    """Saves a notebook while its cells run, when it changed and a while has passed.

    Attributes:
        interval: seconds between saves; grows when saving is slow.
    """

    def __init__(self, path: Path, node: Any, interval: float, client: Any) -> None:
        self.interval = interval
        self._path = path
        self._node = node
        self._client = client

    async def run(self) -> None:
        """Save again and again until cancelled."""
        import asyncio

        while True:
            await asyncio.sleep(self.interval)
            if self._client.changed:
                # The disk may be full only for a while; the save at the end reports it.
                with suppress(ExecutionError):
                    self._save()

    def _save(self) -> None:
        started = time.monotonic()
        self._client.changed = False
        self._client.settle()
        write_atomically(self._path, notebook_bytes(self._node))
        self.interval = max(self.interval, _SHARE_OF_TIME * (time.monotonic() - started))
