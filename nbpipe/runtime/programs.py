"""Which files programs write, told by what changed on the disk: Python's audit events do not tell it.

Before the first program is started, the time, size and place of the files below the current folder are noted, and of
those that were met before; what is new, gone or otherwise afterwards was written by a program, or by the code itself.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from .files import TICK_NS, is_kind, last_change, sha256_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_FILES = 20_000
"""Below a folder with more files and folders than this nothing is compared."""

_LEFT_OUT = frozenset({"__pycache__", "mlruns", "mlartifacts", "node_modules"})


class _Mark(NamedTuple):
    """What shows whether a file changed.

    Attributes:
        stamp: see `nbpipe.runtime.files.stamp_of`; None where there is none.
        sha256: of one so fresh that a change of it may leave the stamp as it is.
    """

    stamp: tuple[int, int, int] | None
    sha256: str | None = None


class Programs:
    """The programs that are started while somebody observes, and the files that they write.

    Attributes:
        names: of the programs, in the order of their first start.
        complete: whether all folders could be compared.
    """

    def __init__(self, is_ignored: Callable[[str], bool]) -> None:
        """Know of nothing yet.

        Args:
            is_ignored: tells of a folder's path, with a separator at its end, whether it does not count.
        """
        self.names: dict[str, None] = {}
        self.complete = True
        self._is_ignored = is_ignored
        self._folders: dict[str, dict[str, _Mark] | None] = {}
        self._others: dict[str, _Mark] = {}
        self._met: set[str] = set()
        self._written: set[str] = set()
        self._since: int | None = None

    def following(self, read: Iterable[str], written: Iterable[str]) -> Programs:
        """Give what observes after this, and knows the files that were met before.

        Args:
            read: files that were read meanwhile.
            written: files that were written meanwhile.
        """
        other = Programs(self._is_ignored)
        other._met = self._met.union(read, written)
        other._written = self._written.union(written)
        other._since = self._since
        return other

    def start(self, name: str, folder: str, met: Iterable[str]) -> None:
        """Note that a program is about to start in a folder; it can have written nothing yet.

        Args:
            name: of the program.
            folder: where it starts.
            met: files that the code itself has read or written.
        """
        self.names[name] = None
        if self._since is None:
            self._since = time.time_ns() - TICK_NS
        self._others.update(_marks({*self._met, *met} - self._others.keys()))
        for root in (os.path.realpath("."), os.path.realpath(folder)):
            if not any((root + os.sep).startswith(known.rstrip(os.sep) + os.sep) for known in self._folders):
                files = self._files_below(root)
                self._folders[root] = None if files is None else _marks(files)

    def changed(self) -> set[str]:
        """Give the files that are new, gone or changed since the first program was started."""
        found = {path for path, mark in self._others.items() if _has_changed(path, mark)}
        for root, before in self._folders.items():
            files = None if before is None else self._files_below(root)
            if before is not None and files is not None:
                found.update(path for path in {*files, *before} if _has_changed(path, before.get(path)))
        return found

    def unexplained(self, read: Iterable[str], written: Iterable[str]) -> list[str]:
        """Give those files that were read, are younger than the first program's start, and that nobody wrote.

        Programs may have written them: where nothing was compared, or after they had been looked for.
        """
        if self._since is None:
            return []
        known = self._written.union(written)
        young = (path for path in read if path not in known and last_change(path) >= self._since)
        return sorted(path for path in young if not _is_others(path))

    def _files_below(self, root: str) -> list[str] | None:
        """Give the files that count, None where they are too many."""
        found: list[str] = []
        met = 0
        for where, folders, files in os.walk(root):
            met += len(folders) + len(files)
            if met > MOST_FILES:
                self.complete = False
                return None
            folders[:] = [name for name in folders if self._counts(where, name)]
            found += [os.path.join(where, name) for name in files if not _is_others(name)]  # noqa: PTH118
        return found

    def _counts(self, where: str, name: str) -> bool:
        hidden = name.startswith(".") or name in _LEFT_OUT
        return not hidden and not self._is_ignored(os.path.join(where, name, ""))  # noqa: PTH118


def _is_others(path: str) -> bool:
    """Tell what changes without a program's doing: MLflow's files of SQLite, notebooks that somebody edits."""
    return os.path.basename(path).startswith("mlflow.db") or path.endswith(".ipynb")  # noqa: PTH119


def _marks(paths: Iterable[str]) -> dict[str, _Mark]:
    now = time.time_ns()
    found = {}
    for path in paths:
        stamp = stamp_of(path)
        is_fresh = stamp is not None and abs(now - stamp[0]) <= TICK_NS and is_kind(stat.S_ISREG, path)
        found[path] = _Mark(stamp, sha256_of(path) if is_fresh else None)
    return found


def _has_changed(path: str, mark: _Mark | None) -> bool:
    if mark is None or mark.stamp != stamp_of(path):
        return True
    return mark.sha256 is not None and mark.sha256 != sha256_of(path)
