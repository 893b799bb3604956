"""Which files code opens, as Python's audit events tell it.

Native readers that raise no event (pandas' and pyarrow's Parquet among them) are not seen: what is found here is
true, but may not be all.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SYSTEM = ("/dev/", "/proc/", "/sys/", "/etc/", "/usr/share/zoneinfo/")


_observers: list[FileObserver] = []
_hooked: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    # One hook for all observers, added once: Python has no way to remove one.
    if event == "open" and _observers:
        path, mode, flags = arguments
        for observer in _observers:
            observer.note(path, mode, flags)


class FileObserver:
    """Collects the files that are opened while it observes."""

    def __init__(self, ignored: Sequence[str] = ()) -> None:
        roots = (*ignored, sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__))  # noqa: PTH120
        self._ignored = tuple(os.path.realpath(root) + os.sep for root in roots)
        self._opened: dict[str, bool] = {}  # absolute path -> whether it was opened to be written

    @contextmanager
    def observing(self) -> Iterator[None]:
        """Observe within the block."""
        if not _hooked:
            sys.addaudithook(_hear)
            _hooked.append(True)
        _observers.append(self)
        try:
            yield
        finally:
            _observers.remove(self)

    def found(self) -> dict[str, list[str]]:
        """Give the paths that were ``read`` and those that were ``written``, absolute and sorted."""
        paths = {os.path.realpath(path): written for path, written in self._opened.items()}
        kept = {
            path: written
            for path, written in paths.items()
            if not path.startswith(self._ignored + _SYSTEM) and not path.endswith((".py", ".pyc"))
        }
        return {
            "read": sorted(path for path, written in kept.items() if not written),
            "written": sorted(path for path, written in kept.items() if written),
        }

    def note(self, path: object, mode: object, flags: object) -> None:
        """Note that a file was opened; an open descriptor is none."""
        if isinstance(path, (str, bytes, os.PathLike)):
            name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - now: the current folder may change
            self._opened[name] = self._opened.get(name, False) or _writes(mode, flags)


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))
