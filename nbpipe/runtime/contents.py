"""Hashes of files as they were when they were first opened, made while the program goes on."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from typing import Any

_AT_ONCE = 256 * 1024  # bytes that are hashed on the spot
_LONGEST = 4 * 1024**3  # beyond, size and time of change stand for the content
_PIECE = 1024 * 1024
_SETTLE_SECONDS = 120.0


class Contents:
    """Hashes of files, by path."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}
        self._pending: dict[str, threading.Event] = {}
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None

    def note(self, path: str) -> None:
        """Note that a file is opened now; it is hashed at once when it is small, else by a thread of its own."""
        if path in self._known:
            return
        before = _state(path)
        if before is None:
            return
        entry: dict[str, Any] = {"path": path, "sha256": None, "size": before[0], "state": before}
        self._known[path] = entry
        if before[0] <= _AT_ONCE:
            entry["sha256"] = _digest(path)
        elif before[0] <= _LONGEST:
            self._pending[path] = threading.Event()
            self._queue.put(path)
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="nbpipe-hash", daemon=True)
                self._worker.start()

    def settle(self, path: str) -> None:
        """Wait for a file's hash: it is about to change."""
        event = self._pending.get(path)
        if event is not None and threading.current_thread() is not self._worker:
            event.wait(_SETTLE_SECONDS)

    def first(self, path: str) -> dict[str, Any]:
        """Give ``path``, ``sha256`` and ``size`` of a file when it was first opened."""
        entry = self._known.get(path)
        if entry is None:
            # It was reached by another name.
            return self.now(path)
        self.settle(path)
        return {key: entry[key] for key in ("path", "sha256", "size")}

    @staticmethod
    def now(path: str) -> dict[str, Any]:
        """Give ``path``, ``sha256`` and ``size`` of a file as it is."""
        state = _state(path)
        size = None if state is None else state[0]
        return {"path": path, "sha256": _digest(path) if size is not None and size <= _LONGEST else None, "size": size}

    def _work(self) -> None:
        while True:
            path = self._queue.get()
            entry = self._known[path]
            digest = _digest(path)
            # What changed meanwhile is not what was read.
            entry["sha256"] = digest if _state(path) == entry["state"] else None
            self._pending[path].set()


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _digest(path: str) -> str | None:
    if not os.path.isfile(path):  # noqa: PTH113 - a pipe would wait for a writer
        return None
    digest = hashlib.sha256()
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            while piece := os.read(handle, _PIECE):
                digest.update(piece)
        finally:
            os.close(handle)
    except OSError:
        return None
    return digest.hexdigest()
