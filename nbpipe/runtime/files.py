"""Facts about files, asked for without raising."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = 1 << 20
TICK_NS = 20 * 10**6
"""One tick of the file system's clock, at most: a change within it does not show in times."""

_FRESH_NS = 600 * 10**9


def intent(mode: object, flags: object) -> tuple[bool, bool]:
    """Tell whether an opened file is to be written, and whether its content is kept then."""
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+"), "w" not in mode and "x" not in mode
    if isinstance(flags, int):
        return bool(flags & (os.O_WRONLY | os.O_RDWR)), not flags & (os.O_TRUNC | os.O_EXCL)
    return False, True


def is_kind(kind: Callable[[int], bool], path: str) -> bool:
    """Tell whether a file is of a kind (such as `stat.S_ISREG`), links followed."""
    # Not by `os.path`, whose `os.stat` is wrapped while somebody observes.
    try:
        return kind(os.lstat(os.path.realpath(path)).st_mode)
    except OSError:
        return False


def stamp_of(path: str) -> tuple[int, int, int] | None:
    """Give what changes with a file: time, size and place on the disk; None where there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def last_change(path: str) -> int:
    """Give the time of the last change of a file or its entry, in nanoseconds; 0 where there is none."""
    try:
        return os.lstat(path).st_ctime_ns
    except OSError:
        return 0


def fresh_stamp(path: str) -> list[int] | None:
    """Give what tells whether a file that was written a moment ago has changed; None where nothing tells that.

    With the time of the last change of its entry (``ctime``), which nobody can set back.
    """
    try:
        status = os.lstat(path)
    except OSError:
        return None
    age = time.time_ns() - status.st_mtime_ns
    if not TICK_NS < age < _FRESH_NS:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def sha256_of(path: str) -> str | None:
    """Give the hash of a file's content, None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def listing_digest(path: str) -> str:
    """Give a digest of the names in a folder; "" where there is none."""
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208 - names are all that is needed
    except OSError:
        return ""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def files_below(folder: str) -> list[str]:
    """Give the files in a folder and in those in it."""
    found = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]  # noqa: PTH118
    return sorted(map(os.path.realpath, found))


def folders_of(pattern: str) -> list[str]:
    """Give the folders whose names decide what a pattern of `glob` matches; none where it is no pattern."""
    first = next((place for place, letter in enumerate(pattern) if letter in "*?["), None)
    if first is None or os.path.lexists(pattern):
        return []
    root = os.path.dirname(pattern[:first]) or "."  # noqa: PTH120
    if os.sep not in pattern[first:]:
        return [root]
    return [folder for folder, _, _ in os.walk(root)]
