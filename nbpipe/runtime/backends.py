"""Where a store's files lie: a folder, or any place that fsspec reaches. Every write appears whole or not at all."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Places whose single write is atomic by itself; elsewhere a file is written beside and moved.
_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "memory", "r2"})

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_numbers = itertools.count()


class StoreFault(Exception):  # noqa: N818 - what is wrong, not that something is
    """The store cannot be reached, read or written."""


class Entry(NamedTuple):
    """A file of a store: its name, bytes, and when it was written or used last (seconds since the epoch)."""

    name: str
    size: int
    when: float


class Folder:
    """A store in a local folder; names are relative, with ``/``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def stage(self) -> tuple[IO[bytes], str]:
        """Open a new file beside the store's own, to be moved into it; give it and its path."""
        staging = os.path.join(self.root, "staging")  # noqa: PTH118 - done for every artifact
        while True:
            path = os.path.join(staging, f"{os.getpid()}-{next(_numbers)}-{time.time_ns()}")  # noqa: PTH118
            try:
                return os.fdopen(os.open(path, _NEW, 0o600), "w+b"), path
            except FileNotFoundError:
                os.makedirs(staging, exist_ok=True)  # noqa: PTH103
            except FileExistsError:
                continue

    def put(self, path: str, name: str) -> None:
        """Move a staged file to its name. Not synced: content that a crash tears is found by its hash."""
        target = os.path.join(self.root, name)  # noqa: PTH118
        try:
            os.replace(path, target)  # noqa: PTH105 - one call, no object
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
            os.replace(path, target)  # noqa: PTH105

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; raises FileNotFoundError."""
        return (self.root / name).open("rb")

    def local(self, name: str) -> str:
        """Give a path where the file can be read; see `release`."""
        return str(self.root / name)

    def stat(self, name: str) -> Entry | None:
        """Give what is known of a file without reading it, None where there is none."""
        try:
            status = os.stat(self.root / name)  # noqa: PTH116
        except OSError:
            return None
        return Entry(name, status.st_size, status.st_mtime)

    def touch(self, name: str) -> None:
        """Note that a file is in use."""
        with suppress(OSError):
            os.utime(self.root / name)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(self.root / name)  # noqa: PTH108

    def list(self, folder: str) -> Iterator[Entry]:
        """Give the files below a folder."""
        for where, _, names in os.walk(self.root / folder):
            for name in names:
                path = os.path.join(where, name)  # noqa: PTH118
                with suppress(OSError):
                    status = os.stat(path)  # noqa: PTH116
                    relative = os.path.relpath(path, self.root).replace(os.sep, "/")
                    yield Entry(relative, status.st_size, status.st_mtime)


class Remote:
    """A store at a URL of fsspec; files are staged and read by way of local temporary ones."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._protocol = url.partition("://")[0]
        try:
            import fsspec
        except ImportError:
            raise StoreFault(f"the store {url} needs fsspec: python -m pip install fsspec") from None
        try:
            self._fs, self._root = fsspec.core.url_to_fs(self.url)
        except ImportError as error:
            raise StoreFault(f"the store {url}: {error}") from None
        except Exception as error:
            raise StoreFault(f"the store {url} cannot be opened: {_first_line(error)}") from error

    def __str__(self) -> str:
        return self.url

    def stage(self) -> tuple[IO[bytes], str]:
        """Open a new local file, to be sent; give it and its path."""
        handle, path = tempfile.mkstemp(prefix="nbpipe-store-")
        return os.fdopen(handle, "w+b"), path

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def put(self, path: str, name: str) -> None:
        """Send a staged file and forget it here."""
        target = self._path(name)
        try:
            if self._protocol in _OBJECT_STORES:
                self._fs.put_file(path, target)
            else:
                beside = self._path(f"staging/{uuid.uuid4().hex}")
                for folder in (beside, target):
                    self._fs.makedirs(folder.rpartition("/")[0], exist_ok=True)
                self._fs.put_file(path, beside)
                self._fs.mv(beside, target)
        except Exception as error:
            raise StoreFault(f"the store {self.url} cannot be written: {_first_line(error)}") from error
        finally:
            os.unlink(path)  # noqa: PTH108

    def open(self, name: str) -> IO[bytes]:
        """Fetch a file and open the copy; raises FileNotFoundError."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        try:
            with self._fs.open(self._path(name), "rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        except FileNotFoundError:
            file.close()
            raise
        except Exception as error:
            file.close()
            raise StoreFault(f"the store {self.url} cannot be read: {_first_line(error)}") from error
        file.seek(0)
        return file

    def stat(self, name: str) -> Entry | None:
        """Give what is known of a file without reading it, None where there is none."""
        try:
            info = self._fs.info(self._path(name))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise StoreFault(f"the store {self.url} cannot be read: {_first_line(error)}") from error
        return Entry(name, int(info.get("size") or 0), _when(info))

    def touch(self, name: str) -> None:
        """Say nothing: what runs is protected by its root (see `Store.protect`)."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def list(self, folder: str) -> Iterator[Entry]:
        """Give the files below a folder."""
        self._fs.invalidate_cache()
        try:
            found = self._fs.find(self._path(folder), detail=True)
        except FileNotFoundError:
            return
        except Exception as error:
            raise StoreFault(f"the store {self.url} cannot be read: {_first_line(error)}") from error
        for path, info in found.items():
            yield Entry(path[len(self._root) :].lstrip("/"), int(info.get("size") or 0), _when(info))


def backend_of(location: str | os.PathLike[str]) -> Folder | Remote:
    """Give the backend of a folder's path or a URL."""
    text = os.fspath(location)
    if text.startswith("file://"):
        return Folder(Path(text.removeprefix("file://")))
    return Remote(text) if "://" in text else Folder(Path(text))


def _when(info: dict[str, Any]) -> float:
    for name in ("LastModified", "mtime", "last_modified", "updated", "created"):
        value = info.get(name)
        if isinstance(value, (int, float)):
            return float(value)
        if value is not None and hasattr(value, "timestamp"):
            return float(value.timestamp())
    return time.time()


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
