"""Hashes of files, kept between runs: a file is read again only when its time, size or place on the disk changed."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A file that changed this short before it was hashed may change again without a later time: see git's "racy" entries.
_RACY_NS = 2_000_000_000
_KEPT = 20_000
_LONG_BYTES = 1 << 22


def _nothing() -> None:
    """Do nothing."""


class FileHashes:
    """SHA-256 of files by path.

    Attributes:
        before_long: called before a file is read that takes a while.
    """

    def __init__(self, kept: Path) -> None:
        """Take over what an earlier run kept in a file, if it can be read."""
        self._file = kept
        self._known: dict[str, list[object]] = {}
        self._changed = False
        self.before_long: Callable[[], None] = _nothing
        with suppress(OSError, ValueError):
            content = json.loads(kept.read_text(encoding="utf-8"))
            self._known = content if isinstance(content, dict) else {}

    def of(self, path: str) -> str | None:
        """Give a file's hash, None where it is no file that can be read."""
        try:
            status = os.stat(path)  # noqa: PTH116 - asked often
        except OSError:
            return None
        stamp = [status.st_mtime_ns, status.st_size, status.st_ino]
        known = self._known.get(path)
        if known is not None and known[:3] == stamp:
            return str(known[3])
        if status.st_size > _LONG_BYTES:
            self.before_long()
        digest = self._read(path)
        if digest is not None and time.time_ns() - status.st_mtime_ns > _RACY_NS:
            self._known[path] = [*stamp, digest]
            self._changed = True
        return digest

    @staticmethod
    def _read(path: str) -> str | None:
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None

    def save(self) -> None:
        """Keep what is known for the next run; a folder that cannot be written costs only time."""
        if not self._changed:
            return
        kept = dict(list(self._known.items())[-_KEPT:])
        temporary = self._file.with_suffix(f".{os.getpid()}.partial")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(kept), encoding="utf-8")
            os.replace(temporary, self._file)  # noqa: PTH105 - one call, no object
