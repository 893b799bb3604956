"""What a call meets and leaves outside its arguments: files, folders, environment variables, and what nobody can see.

Python's audit events tell of files, folders, programs and connections; native readers that raise none are wrapped (see
`native`). What is met is kept as it was at first, so that it can be told later whether a call would meet it again.
"""

from __future__ import annotations

import functools
import glob
import os
import stat
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from . import callers, commands, native, showing_commands
from .environment_reads import reading
from .files import files_below, folders_of, intent, is_kind, last_change, listing_digest, sha256_of, stamp_of
from .hearing import Observer, tell
from .programs import MOST_FILES, Programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SYSTEM = ("/dev/", "/proc/", "/sys/", "/etc/", "/usr/share/", "/run/")
# Variables that say where what is logged goes, not what a call gives.
_NOT_ASKED = ("MLFLOW_", "_MLFLOW_")


@functools.lru_cache(maxsize=64)
def _resolved(root: str) -> str:
    """Resolve links, once for a process and those that are forked from it."""
    return os.path.realpath(root)


class _Met(NamedTuple):
    """A file as it was when it was opened first: its content's hash where it had to be taken at once."""

    stamp: tuple[int, int, int] | None
    sha256: str | None = None


class EffectObserver(Observer):
    """Collects what is met and left while it observes."""

    def __init__(self, ignored: Sequence[str] = (), unheard: Sequence[str] = (), *, alone: bool = True) -> None:
        """Observe nothing yet.

        Args:
            ignored: folders whose files do not count.
            unheard: beginnings of paths that do not count.
            alone: whether no other step runs: else what changes on the disk while programs run may be its doing.
        """
        super().__init__()
        own = (*ignored, sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__))  # noqa: PTH120
        self._ignored = tuple(_resolved(root) + os.sep for root in own) + tuple(map(os.path.realpath, unheard))
        self._read: dict[str, _Met] = {}
        self._written: set[str] = set()
        self._updated: set[str] = set()
        self._absent: set[str] = set()
        self._present: set[str] = set()
        self._listed: dict[str, str] = {}
        self._trees: set[str] = set()
        self._hidden: dict[str, None] = {}
        self._environ: dict[str, str | None] = {}
        self._programs = Programs(self._is_ignored)
        self._alone, self._since = alone, time.time_ns()

    @contextmanager
    def observing(self) -> Iterator[None]:
        """Observe within the block."""
        native.install(native.OF_FILES)
        with super().observing(), reading(self._environ, _probed):
            yield

    def missed(self, error: Exception) -> None:
        """Note that something could not be followed."""
        self.hide(f"what it opens cannot be followed ({type(error).__name__})")

    def found(self) -> dict[str, Any]:
        """Give what was met and left, as JSON.

        Returns:
            ``read`` (path to SHA-256, as it was at first), ``absent`` and ``present`` (paths that were looked for),
            ``listed`` (folder to digest of its names), ``environ`` (name to digest, null where unset), ``written``
            (paths that exist now and did not, or not so, before), ``compared`` (those of them that nobody was heard to
            write, and that programs seem to have written), ``hidden`` (why a result may depend on more).
        """
        read = {path: digest for path, met in self._read.items() if (digest := self._settle(path, met)) is not None}
        for tree in self._trees:
            self._written.update(files_below(tree))
        compared = {path for path in self._programs.changed() if not self._is_ignored(path)} - self._written
        if not self._programs.complete:
            self.hide(f"what programs write beside more than {MOST_FILES:,} files is not looked for")
        written = sorted(path for path in self._written | compared if is_kind(stat.S_ISREG, path))
        written = [path for path in written if path not in self._updated or sha256_of(path) != read.get(path)]
        return {
            "read": dict(sorted(read.items())),
            "absent": sorted(self._absent),
            "present": sorted(self._present - read.keys() - self._written),
            "listed": dict(sorted(self._listed.items())),
            "environ": dict(sorted(item for item in self._environ.items() if not item[0].startswith(_NOT_ASKED))),
            "written": written,
            "compared": sorted(compared.intersection(written)),
            "hidden": list(self._hidden),
        }

    def _settle(self, path: str, met: _Met) -> str | None:
        if met.sha256 is not None:
            return met.sha256
        if stamp_of(path) != met.stamp:
            self.hide(f"{path} changed while the step ran")
            return None
        digest = sha256_of(path)
        if digest is None:
            self.hide(f"{path} cannot be read again")
        return digest

    def hide(self, reason: str) -> None:
        """Note why the result may depend on something that is not seen."""
        self._hidden[reason] = None

    def _is_ignored(self, path: str) -> bool:
        return path.startswith(self._ignored + _SYSTEM) or path.endswith((".pyc", ".so")) or path in ("", "/")

    def opened(self, path: object, mode: object, flags: object) -> None:
        """Note that a file is being opened; an open descriptor is none."""
        if not isinstance(path, _PATHS):
            return
        name = os.path.realpath(os.fsdecode(path))
        if self._is_ignored(name):
            return
        writes, keeps = intent(mode, flags)
        if writes:
            self._writes(name, keeps=keeps)
        else:
            self._reads(name)

    def _reads(self, name: str) -> None:
        if name in self._written or name in self._read:
            return
        stamp = stamp_of(name)
        if stamp is None:
            self._absent.add(name)
        elif is_kind(stat.S_ISREG, name):
            self._read[name] = _Met(stamp)

    def _writes(self, name: str, *, keeps: bool) -> None:
        """Note that a file is about to change: what is known of it as an input must be settled now."""
        known = self._read.get(name)
        if known is not None and known.sha256 is None:
            self._read[name] = _Met(known.stamp, sha256_of(name))
        elif known is None and keeps and name not in self._written:
            stamp = stamp_of(name)
            if stamp is None:
                self._absent.add(name)
            else:
                self._read[name] = _Met(stamp, sha256_of(name))
                self._updated.add(name)
        self._written.add(name)

    def note_input(self, source: object) -> None:
        """Note what a native library reads by itself: a file, a folder of files, a pattern, or several of these."""
        if isinstance(source, (list, tuple)):
            for item in source:
                self.note_input(item)
            return
        path = self._local(source)
        if path is None:
            return
        if is_kind(stat.S_ISDIR, path):
            self.note_listed(path)
            for file in files_below(path):
                self.opened(file, "r", 0)
        elif folders := folders_of(path):
            for folder in folders:
                self.note_listed(folder)
            self.note_input(glob.glob(path, recursive=True))  # noqa: PTH207 - gives strings
        else:
            self.opened(path, "r", 0)

    def note_written(self, path: object) -> None:
        """Note what a native library writes by itself: a file, or a folder of files."""
        name = self._local(path)
        if name is None:
            return
        if is_kind(stat.S_ISDIR, name) or not os.path.splitext(name)[1]:  # noqa: PTH122
            self._trees.add(os.path.realpath(name))
        if not is_kind(stat.S_ISDIR, name):
            self.opened(name, "w", 0)

    def note_opened(self, path: object, mode: str) -> None:
        """Note that a native library opens a file in one of the modes of `open`."""
        name = self._local(path)
        if name is not None:
            self.opened(name, mode, 0)

    def _local(self, path: object) -> str | None:
        """Give the path of a file of this machine; what is elsewhere cannot be seen."""
        name = os.fsdecode(path) if isinstance(path, _PATHS) else None
        if name is None or "://" not in name:
            return name
        if name.startswith("file://"):
            return name.removeprefix("file://")
        self.hide(f"it connects to the network ({name.partition('://')[0]})")
        return None

    def note_listed(self, path: object = None) -> None:
        """Note that a folder's names are read."""
        if isinstance(path, int):
            return
        name = os.path.realpath(os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ".")
        if not self._is_ignored(name + os.sep) and name not in self._listed:
            self._listed[name] = listing_digest(name)

    def note_probed(self, path: object, *, exists: bool) -> None:
        """Note that somebody asked whether a file is there."""
        name = os.path.realpath(os.fsdecode(path)) if isinstance(path, _PATHS) else ""
        if self._is_ignored(name) or name in self._written:
            return
        exists = exists or is_kind(lambda _: True, name)
        (self._present if exists else self._absent).add(name)

    def moved(self, source: object, target: object, *_: object) -> None:
        """Note that a file takes the place of another."""
        names = [os.path.realpath(os.fsdecode(path)) for path in (source, target) if isinstance(path, _PATHS)]
        if len(names) != 2 or all(self._is_ignored(name) for name in names):  # noqa: PLR2004 - from and to
            return
        if is_kind(stat.S_ISDIR, names[0]):
            self._trees.add(names[1])
        self.removed(source)
        self._writes(names[1], keeps=False)

    def removed(self, path: object, folder: object = -1) -> None:
        """Note that a file goes (named in an open folder: see `tree_removed`); a later run cannot be given that."""
        if isinstance(path, _PATHS) and folder == -1:
            name = os.path.realpath(os.fsdecode(path))
            if name not in self._written and not self._is_ignored(name) and os.path.lexists(name):
                self.hide(f"it removes {name}")

    def tree_removed(self, path: object, *_: object) -> None:
        """Note that a folder goes with all in it; what is younger than this observer was made by what it observes."""
        for name in files_below(os.fsdecode(path)) if isinstance(path, _PATHS) else ():
            if last_change(name) < self._since:
                self.removed(name)

    def started(self, command: commands.Command) -> None:
        """Note that a program is about to start: one that only shows reads what it shows, others may do anything."""
        if command.is_harmless or showing_commands.noted(command, self):
            return
        self.hide(f"it starts {command.name}")
        if self._alone:
            self._programs.start(command.name, command.folder, (*self._read, *self._written))

    def connected(self, *_: object) -> None:
        """Note that something is asked over the network; what MLflow is told there gives the call nothing."""
        if not callers.log():
            self.hide("it connects to the network")

    def database(self, path: object, *_: object) -> None:
        """Note that a file is opened as a database."""
        if isinstance(path, _PATHS) and os.fsdecode(path) not in ("", ":memory:"):
            self.opened(path, "r+", 0)


_PATHS = (str, bytes, os.PathLike)


def _heeding(handler: Any) -> Any:
    """Give a handler that hears nothing of the import system, and of who shows lines of source."""

    def heeding(observer: EffectObserver, *arguments: Any) -> None:
        if not callers.ask_for_source():
            handler(observer, *arguments)

    return heeding


_HANDLERS: dict[str, Any] = {
    "open": EffectObserver.opened,
    "os.listdir": EffectObserver.note_listed,
    "os.scandir": EffectObserver.note_listed,
    "os.rename": EffectObserver.moved,
    "os.remove": EffectObserver.removed,
    "shutil.rmtree": EffectObserver.tree_removed,
    "os.fork": lambda observer: observer.hide("it starts processes of its own"),
    "socket.connect": EffectObserver.connected,
    "socket.sendto": EffectObserver.connected,
    "socket.getaddrinfo": EffectObserver.connected,
    "sqlite3.connect": EffectObserver.database,
    **commands.handlers(EffectObserver.started),
}
EffectObserver.HANDLERS = {event: _heeding(handler) for event, handler in _HANDLERS.items()}


def _probed(path: str, exists: bool) -> None:  # noqa: FBT001 - the answer of the system
    tell(lambda observer: observer.note_probed(path, exists=exists))
