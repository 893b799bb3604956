"""Which files code reads and writes, and what else it does with the world, as Python's audit events tell it.

What native readers do without an event is told by wrapped functions (see `nbpipe.runtime.native`) or named as unknown.
What programs write that the code starts is told by what changes on the disk (see `nbpipe.runtime.programs`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import commands, showing_commands
from .callers import asking
from .contents import Contents
from .files import files_below, listing_digest
from .hearing import Observer, unheard
from .paths import Ignored, as_path
from .programs import Programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_IMPORTING = ("importlib", "pkgutil.py", "pkg_resources", "zipimport")
_LONGEST_DATASET = 10_000
_MOST_EFFECTS = 200


class FileObserver(Observer):
    """Collects what is read, written, listed and looked for while it observes, and effects that leave no file.

    Attributes:
        contents: hashes of what was read, as it was when it was first opened.
        programs: those that were started, and what they wrote.
    """

    def __init__(self, ignored: Sequence[str] = (), *, hashing: bool = False, programs: Programs | None = None) -> None:
        """Prepare.

        Args:
            ignored: folders that do not count, besides Python's and the system's own.
            hashing: whether to hash files that are read when they are first opened, for `report`, which does not tell
                what programs write.
            programs: what knows the programs and files that were met before; see `Programs.following`.
        """
        super().__init__()
        self.contents = Contents() if hashing else None
        self._ignored = Ignored(ignored)
        self._read: dict[str, None] = {}
        self._written: dict[str, None] = {}
        self._listed: dict[str, str] = {}
        self._absent: dict[str, None] = {}
        self._effects: dict[tuple[str, str], int] = {}
        self.programs = programs or Programs(self._ignored.__contains__)

    def found(self) -> dict[str, list[str]]:
        """Give what was met, all sorted, paths absolute; modules are left out.

        Returns:
            ``read`` and ``written``: paths, also of what went, and of what programs wrote; ``programs``: names of those
            that were started and may do anything; ``unexplained``: paths among those read that programs, here or
            before, may have written unseen.
        """
        with unheard():
            written = {os.path.realpath(path) for path in (*self._written, *self.programs.changed())}
        read = {os.path.realpath(path) for path in self._read}
        return {
            "read": self._kept(read - written),
            "written": self._kept(written),
            "programs": sorted(self.programs.names),
            "unexplained": self._kept(self.programs.unexplained(read, written)),
        }

    def report(self) -> dict[str, Any]:
        """Give all that was observed, as plain JSON values.

        Returns:
            ``read`` and ``written``: ``[{"path", "sha256", "size"}]``, of what was read as it was when it was first
            opened (null where it changed before it could be hashed), of what was written as it is now; ``listed``:
            ``[{"path", "sha256"}]``, folders and the hash of the names that were in them; ``absent``: paths that were
            looked for in vain; ``effects``: ``[{"kind", "name", "count"}]``.
        """
        written = sorted({os.path.realpath(path) for path in self._written})
        contents = self.contents or Contents()
        return {
            "read": [contents.first(path) for path in self._kept(set(map(os.path.realpath, self._read)))],
            "written": [contents.now(path) for path in self._kept(set(written)) if os.path.isfile(path)],  # noqa: PTH113
            "listed": [{"path": path, "sha256": digest} for path, digest in sorted(self._listed.items())],
            "absent": self._kept({path for path in self._absent if path not in self._written}),
            "effects": [{"kind": key[0], "name": key[1], "count": n} for key, n in sorted(self._effects.items())],
        }

    def _kept(self, paths: Iterable[str]) -> list[str]:
        return sorted(path for path in paths if path not in self._ignored and not path.endswith((".py", ".pyc")))

    def note(self, path: object, mode: object, flags: object) -> None:
        """Note that a file is about to be opened; an open descriptor is none."""
        writes, reads = _writes(mode, flags), _reads(mode, flags)
        name = self._name(path)
        if name is None:
            return
        if reads and name not in self._written:
            self._note_read(name)
        if writes:
            self.note_written(name)

    def note_input(self, source: object) -> None:
        """Note that a native library is about to read a file, a folder of files, a pattern, or several of these."""
        if isinstance(source, (list, tuple)):
            for item in source:
                self.note_input(item)
            return
        name = self._name(source)
        if name is None:
            return
        if os.path.isdir(name):  # noqa: PTH112 - a plain string is at hand
            for folder, _, files in os.walk(name):
                self.note_listed(folder)
                for file in files[: _LONGEST_DATASET - len(self._read)]:
                    self._note_read(os.path.join(folder, file))  # noqa: PTH118
        elif not os.path.exists(name) and any(letter in name for letter in "*?["):  # noqa: PTH110
            import glob

            for match in glob.glob(name, recursive=True):  # noqa: PTH207 - gives strings; tells of the listing, too
                self._note_read(match)
        else:
            self._note_read(name)

    def note_written(self, path: object) -> None:
        """Note that a file is about to be written, or to go; what was read of it before is hashed first."""
        name = self._name(path)
        if name is not None:
            if self.contents is not None:
                self.contents.settle(name)
            self._written[name] = None

    def note_listed(self, path: object) -> None:
        """Note that the names in a folder are asked for."""
        name = self._name("." if path is None else path)
        if name is not None and name not in self._listed and name + os.sep not in self._ignored:
            self._listed[name] = listing_digest(name)

    def note_probed(self, path: object, *, exists: bool) -> None:
        """Note that something was looked for, if it is not there."""
        name = None if exists else self._name(path)
        if name is not None and name not in self._written and not os.path.lexists(name):
            self._absent[name] = None

    def note_effect(self, kind: str, name: object) -> None:
        """Note something that leaves no file to look at."""
        key = kind, str(name)[:200]
        if key in self._effects or len(self._effects) < _MOST_EFFECTS:
            self._effects[key] = self._effects.get(key, 0) + 1

    def note_started(self, command: commands.Command) -> None:
        """Note that a program is about to start; what one reads that only shows files is read."""
        self.note_effect("subprocess", command.name)
        is_shown = showing_commands.noted(command, self)
        if not is_shown and self.contents is None and not command.is_harmless:
            self.programs.start(command.name, command.folder, (*self._read, *self._written))

    def _note_read(self, name: str) -> None:
        if name in self._read or name in self._written:
            return
        if not os.path.exists(name):  # noqa: PTH110 - a plain string is at hand
            self.note_probed(name, exists=False)
            return
        self._read[name] = None
        if self.contents is not None:
            self.contents.note(name)

    def _name(self, path: object) -> str | None:
        """Give the absolute path (now: the current folder may change); None where it is none, or does not count."""
        text = as_path(path)
        if text is None:
            return None
        if "://" in text and not text.startswith("file://"):
            self.note_effect("network", text.partition("?")[0].rpartition("@")[2])
            return None
        if text in self._ignored:
            return None
        name = os.path.abspath(text.removeprefix("file://"))  # noqa: PTH100
        return None if name in self._ignored else name


def _writes(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def _reads(mode: object, flags: object) -> bool:
    """Tell whether what is in the file now may be seen: a file that is opened anew or appended to is not read."""
    if isinstance(mode, str):
        return not any(letter in mode for letter in "wax")
    return not (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_TRUNC))


def _listed(observer: FileObserver, path: object = None, *_: object) -> None:
    # Importing looks through folders, too; which modules it found is another question.
    caller = asking()
    if not any(part in caller for part in _IMPORTING):
        observer.note_listed(path)


def _renamed(observer: FileObserver, _: object, target: object, *__: object) -> None:
    observer.note_written(target)


def _removed(observer: FileObserver, path: object, folder: object = -1, *_: object) -> None:
    if folder == -1:  # else the path is one in an open folder, as when a whole tree goes
        observer.note_written(path)


def _removed_tree(observer: FileObserver, path: object, *_: object) -> None:
    text = as_path(path)
    for file in files_below(text) if text is not None else ():
        observer.note_written(file)


def _connected(observer: FileObserver, _: object, address: object) -> None:
    where = ":".join(map(str, address[:2])) if isinstance(address, tuple) else address
    observer.note_effect("network", where)


def _resolved(observer: FileObserver, host: object, port: object, *_: object) -> None:
    if host:
        observer.note_effect("network", f"{as_path(host) or host}:{port}")


def _forked(observer: FileObserver, *_: object) -> None:
    observer.note_effect("subprocess", "a fork of this process")


def _database(observer: FileObserver, path: object, *_: object) -> None:
    if as_path(path) not in (":memory:", "", None):
        observer.note_input(path)
        observer.note_effect("database", path)


FileObserver.HANDLERS = {
    "open": FileObserver.note,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.rename": _renamed,
    "os.link": _renamed,
    "os.symlink": _renamed,
    "os.remove": _removed,
    "shutil.rmtree": _removed_tree,
    "os.truncate": lambda observer, path, *_: observer.note_written(path),
    "sqlite3.connect": _database,
    "socket.connect": _connected,
    "socket.getaddrinfo": _resolved,
    "os.fork": _forked,
    **commands.handlers(FileObserver.note_started),
}
