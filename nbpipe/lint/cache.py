"""Results kept between runs: by the content of the notebook, the settings, and nbpipe's version.

One file holds the results under one configuration, a line each. A notebook whose size and time of change are those of
its line is not even opened, unless it was changed in the moment the line was written (as git's index does; see
"racy git" in its documentation); one that was touched is hashed. What a result depends on outside of the notebook is
looked at again. The file is written anew in one step: of two processes that end at once, one's new results are found
again next time. A line that is not as it was written is left out, and a file of another version is not read.
"""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH103, PTH105, PTH108, PTH116, PTH118, PTH123

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any
from zlib import crc32

from nbpipe.lint.encoding import decode, encode
from nbpipe.lint.files import signature
from nbpipe.lint.registry import BY_CODE
from nbpipe.lint.reporting import version

if TYPE_CHECKING:
    from nbpipe.config import Settings
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.selection import Selection

FORMAT = 2
# Bookkeeping of the file system may be this coarse (FAT: two seconds), in nanoseconds.
_RACY = 2_000_000_000
# Settings that change how results are shown, not what they are.
_IRRELEVANT = frozenset(
    ["baseline", "cache-dir", "exclude", "fail-on", "force-exclude", "jobs", "output-format", "respect-gitignore"]
)
_IGNORE = "# Made by nbpipe.\n*\n"


def open_cache(settings: Settings, selection: Selection, *, locate: bool) -> Cache:
    """Open the cache for these settings, in the folder that they name."""
    known = {name: value for name, value in settings.values.items() if name not in _IRRELEVANT}
    rules = [(rule.code, int(selection.level(rule))) for rule in selection.rules]
    program = (version(), sys.version, _sources())
    key = repr((program, settings.root, sorted(known.items()), rules, locate))
    return Cache(os.path.join(settings.root, settings.cache_dir), key)


def _sources() -> int:
    """Give a number that changes when nbpipe's own code does: a developer's has one version for long."""
    found = 0
    pending = [os.path.dirname(os.path.dirname(__file__))]  # noqa: PTH120
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    pending.append(entry.path)
                elif entry.name.endswith((".py", ".json")):
                    stat = entry.stat()
                    found = crc32(f"{entry.name} {stat.st_mtime_ns} {stat.st_size}".encode(), found)
    return found


class Entry:
    """One line: what a notebook was like, and the result as JSON."""

    __slots__ = ("digest", "outside", "result", "signature")

    def __init__(self, signature: str, digest: str, outside: str, result: str) -> None:
        self.signature = signature
        self.digest = digest
        self.outside = outside
        self.result = result


class Cache:
    """The results of one configuration."""

    def __init__(self, folder: str, key: str) -> None:
        """Open the cache in `folder`; `key` stands for all that a result depends on besides files."""
        from hashlib import sha256

        self._folder = folder
        digest = sha256(key.encode()).hexdigest()
        self._path = os.path.join(folder, f"check-{digest[:16]}.tsv")
        self._head = f"nbpipe cache {FORMAT} {digest}\n"
        self._entries: dict[str, Entry] = {}
        self._outside: dict[str, str] = {}
        self._written = 0
        self._changed = False
        self._read()

    def get(self, path: str) -> FileResult | None:
        """Give the known result for the notebook at `path`, None where it has to be checked."""
        entry = self._entries.get(os.path.abspath(path))
        if entry is None:
            return None
        now = signature(path)
        touched = now != entry.signature or self._is_racy(now)
        if not now or (touched and not self._has_content(path, entry, now)):
            return None
        try:
            outside: dict[str, str] = json.loads(entry.outside) if entry.outside else {}
            if any(self._now(name) != known for name, known in outside.items()):
                return None
            return decode(path, json.loads(entry.result))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            return None

    def _now(self, path: str) -> str:
        """Give the present signature of something outside, looked at once a run: many notebooks share it."""
        found = self._outside.get(path)
        if found is None:
            found = self._outside[path] = signature(path)
        return found

    def put(self, path: str, before: str, result: FileResult) -> None:
        """Keep a result; `before` is the notebook's signature from before it was read."""
        if result.failures or not before or any(BY_CODE[item.code].outside for item in result.diagnostics):
            return
        digest = _digest(path)
        if digest is None or signature(path) != before:
            return
        outside = json.dumps(result.outside) if result.outside else ""
        self._entries[os.path.abspath(path)] = Entry(
            before, digest, outside, json.dumps(encode(result), separators=(",", ":"))
        )
        self._changed = True

    def save(self) -> None:
        """Write what is new; where that is not possible, the next run checks again."""
        if not self._changed:
            return
        lines = []
        for path, entry in self._entries.items():
            line = "\t".join((json.dumps(path), entry.signature, entry.digest, entry.outside, entry.result))
            lines.append(f"{crc32(line.encode()):08x}\t{line}\n")
        temporary = f"{self._path}.{os.getpid()}.tmp"
        with contextlib.suppress(OSError):
            self._make_folder()
            try:
                with open(temporary, "w", encoding="utf-8") as file:
                    file.write(self._head + "".join(lines))
                os.replace(temporary, self._path)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)

    def _make_folder(self) -> None:
        os.makedirs(self._folder, exist_ok=True)
        ignore = os.path.join(self._folder, ".gitignore")
        if not os.path.exists(ignore):  # noqa: PTH110
            with open(ignore, "w", encoding="utf-8") as file:
                file.write(_IGNORE)

    def _read(self) -> None:
        try:
            with open(self._path, encoding="utf-8", newline="\n") as file:
                if file.readline() != self._head:
                    return
                lines = file.read().split("\n")
            self._written = os.stat(self._path).st_mtime_ns
        except (OSError, UnicodeDecodeError):
            return
        for line in lines:
            check, _, rest = line.partition("\t")
            parts = rest.split("\t")
            if len(parts) != len(("path", *Entry.__slots__)) or f"{crc32(rest.encode()):08x}" != check:
                continue
            with contextlib.suppress(ValueError):
                path: Any = json.loads(parts[0])
                self._entries[path] = Entry(*parts[1:])

    def _is_racy(self, now: str) -> bool:
        """Tell whether a notebook was changed so shortly before the file was written that it may have changed since."""
        return int(now.partition(" ")[0]) > self._written - _RACY

    def _has_content(self, path: str, entry: Entry, now: str) -> bool:
        """Tell whether a notebook that was touched still has the content it had, and remember its new signature."""
        if _digest(path) != entry.digest:
            return False
        if now != entry.signature:
            entry.signature = now
            self._changed = True
        return True


def _digest(path: str) -> str | None:
    from hashlib import sha256

    try:
        with open(path, "rb") as file:
            return sha256(file.read()).hexdigest()
    except OSError:
        return None
