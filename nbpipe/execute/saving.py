"""Saving files so that a reader never sees half of one: temporary file, fsync, replace."""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbpipe.errors import ExecutionError

_TRANSIENT = ("signature", "orig_nbformat", "orig_nbformat_minor")
_TEXTS = ("application/javascript", "image/svg+xml")
_SHARE_OF_TIME = 20  # saving may take one part in so many of the run's time


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step; a file that is there keeps its permissions.

    Raises:
        ExecutionError: it cannot be written; what was there is untouched.
    """
    target = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(target))
        Path(name).replace(target)
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
    """Serialise a notebook byte for byte as nbformat does, which copies all of it first and takes three times as long.

    What nbformat would write as something else than JSON is written as JSON has it: numbers that are none (NaN,
    infinity) as null, as browsers do, and lone surrogates, for which UTF-8 has no place, as escapes.
    """
    metadata = {name: value for name, value in node.metadata.items() if name not in _TRANSIENT}
    plain = {**node, "metadata": metadata, "cells": [_with_lines(cell) for cell in node.cells]}
    options: dict[str, Any] = {"indent": 1, "sort_keys": True, "separators": (",", ": ")}
    try:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, **options)
    except ValueError:
        plain = _without_nan(plain)
        text = json.dumps(plain, ensure_ascii=False, **options)
    try:
        return (text + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(plain, ensure_ascii=True, **options) + "\n").encode()


def _with_lines(cell: Any) -> dict[str, Any]:
    """Give a cell with its texts as lists of lines, as the format has them in files."""
    metadata = {name: value for name, value in cell["metadata"].items() if name != "trusted"}
    changed = {**cell, "metadata": metadata, "source": _split(cell["source"])}
    if "attachments" in cell:
        changed["attachments"] = {name: _bundle_with_lines(data) for name, data in cell["attachments"].items()}
    if cell["cell_type"] == "code":
        changed["outputs"] = [_output_with_lines(output) for output in cell["outputs"]]
    return changed


def _output_with_lines(output: Any) -> dict[str, Any]:
    if output["output_type"] in ("display_data", "execute_result"):
        return {**output, "data": _bundle_with_lines(output["data"])}
    return {**output, "text": _split(output["text"])} if output["output_type"] == "stream" else dict(output)


def _bundle_with_lines(data: Any) -> dict[str, Any]:
    return {kind: _split(item) if kind.startswith("text/") or kind in _TEXTS else item for kind, item in data.items()}


def _split(text: Any) -> Any:
    return text.splitlines(keepends=True) if isinstance(text, str) else text


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value


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
