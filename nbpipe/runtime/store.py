"""A content-addressed store of values: safe with several writers, checked whenever it is read."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .backends import Entry, Folder, StoreFault, backend_of
from .blocks import digest_of_file
from .files import fresh_stamp
from .fingerprints import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Artifact", "CorruptedArtifact", "Entry", "Store", "StoreFault"]

_BLOCK = 1 << 20
_LARGE = 1 << 24
_HEX = 64
_BLOCKS = "-blocks"
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EACCES, errno.EPERM)


class CorruptedArtifact(Exception):  # noqa: N818 - what is wrong, not that something is
    """An artifact's content is not what its key says, or is gone.

    Attributes:
        key: of the artifact.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class Artifact(NamedTuple):
    """A reference to a stored value: small, and all that is passed between steps.

    Attributes:
        key: where it is in the store: ``<sha256 of the content>.<serializer>``; ``-blocks`` before the dot says
            that it is that of the blocks of a long content (see `blocks`); of one value of a group that is stored as
            one, ``#<name>`` follows.
        sha256: the same.
        size: of the content, in bytes.
        serializer: what wrote it and can read it.
        type: qualified name of the value's type.
        fingerprint: of the value.
    """

    key: str
    sha256: str
    size: int
    serializer: str
    type: str
    fingerprint: Fingerprint

    def to_json(self) -> dict[str, Any]:
        """Give the fields as JSON."""
        return {**self._asdict(), "fingerprint": self.fingerprint._asdict()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Artifact:
        """Read what `to_json` gave."""
        known = {name: fields[name] for name in cls._fields}
        return cls(**{**known, "fingerprint": Fingerprint(**fields["fingerprint"])})


def content_key(key: str) -> str:
    """Give the key of the content that holds an artifact: of a group, for one of its values."""
    return key.partition("#")[0]


class Store:
    """Artifacts in ``objects/<two digits>/<rest of the key>``, each with a ``.json`` that describes it.

    Attributes:
        backend: where its files lie.
    """

    __slots__ = ("backend",)

    def __init__(self, location: str | os.PathLike[str]) -> None:
        """Open the store in a folder, or at a URL of fsspec; nothing is read or written yet."""
        self.backend = backend_of(location)

    def __str__(self) -> str:
        return str(self.backend)

    @property
    def folders(self) -> tuple[str, ...]:
        """Local folders that hold the store's own files."""
        return (str(self.backend.root),) if isinstance(self.backend, Folder) else ()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self.fault(error) from error

    def fault(self, error: OSError) -> Exception:
        """Give what an error while writing means: the disk, or something else, which stays what it is."""
        if error.errno not in _DISK:
            return error
        return StoreFault(f"the store {self} cannot be written: {error.strerror}")

    def stage(self) -> tuple[IO[bytes], str]:
        """Open a new file to write a value to; give it and its path."""
        with self._writing():
            return self.backend.stage()

    def commit(
        self, file: IO[bytes], path: str, serializer: str, fingerprint: Fingerprint, digest: str = ""
    ) -> Artifact:
        """Make a staged file an artifact. The same content gives the same artifact; a damaged copy is replaced.

        Args:
            file: what `stage` opened.
            path: of it.
            serializer: what wrote it.
            fingerprint: of the value.
            digest: of the file's blocks, where they were hashed while it was written; "" hashes it now.
        """
        key, size = self._take(file, path, serializer, digest)
        artifact = Artifact(key, key[:_HEX], size, serializer, fingerprint.type, fingerprint)
        self.describe(artifact)
        return artifact

    def _take(self, file: IO[bytes], path: str, kind: str, digest: str = "") -> tuple[str, int]:
        with self._writing():
            file.flush()
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            key = f"{digest}{_BLOCKS}.{kind}" if digest else f"{_hash(file)}.{kind}"
            file.close()
            self.backend.put(path, _name(key))
        return key, size

    def discard(self, file: IO[bytes], path: str) -> None:
        """Forget a staged file."""
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - one call, no object

    def describe(self, artifact: Artifact) -> None:
        """Write what is known of an artifact beside its content."""
        stamp = {"stamp": self._stamp(artifact.key)} if artifact.size >= _LARGE else {}
        name, content = _description(artifact.key), json.dumps({**artifact.to_json(), **stamp}).encode()
        if not isinstance(self.backend, Folder) or self.read(name) != content:
            self.write(name, content)

    def write(self, name: str, content: bytes) -> None:
        """Write a small file of the store, whole or not at all."""
        with self._writing():
            file, path = self.backend.stage()
            with file:
                file.write(content)
            self.backend.put(path, name)

    def read(self, name: str) -> bytes | None:
        """Read a small file of the store; None where there is none."""
        try:
            with self.backend.open(name) as file:
                return file.read()
        except OSError:
            return None

    def put_bytes(self, content: bytes, kind: str) -> str:
        """Store bytes that are no value (a picture, a log); give their key."""
        file, path = self.stage()
        with self._writing():
            file.write(content)
        return self._take(file, path, kind)[0]

    def put_file(self, source: str, *, keep: bool = True) -> tuple[str | None, str]:
        """Store a copy of a file; give its key, and the SHA-256 of its content (only that where it is not to be kept).

        Raises:
            FileNotFoundError: it is gone.
        """
        with open(source, "rb") as content:  # noqa: PTH123
            if not keep:
                return None, _hash(content)
            file, path = self.stage()
            with self._writing():
                while block := content.read(_BLOCK):
                    file.write(block)
        key, _ = self._take(file, path, "file")
        return key, key[:_HEX]

    def path(self, key: str) -> Path:
        """Give where an artifact's content is, in a local store."""
        if not isinstance(self.backend, Folder):
            raise StoreFault(f"the store {self} has no folder here")
        return self.backend.root / _name(key)

    def artifact(self, key: str) -> Artifact:
        """Give what is known of an artifact by its key; raises CorruptedArtifact where it is not there."""
        try:
            return Artifact.from_json(json.loads(self.read(_description(key)) or b""))
        except (ValueError, TypeError, KeyError) as error:
            raise CorruptedArtifact(f"artifact {key} is not in the store {self}", key) from error

    def has(self, key: str) -> bool:
        """Tell whether an artifact's content is there; whether it is whole shows only when it is opened."""
        return self.backend.stat(_name(key)) is not None

    def size(self, key: str) -> int | None:
        """Give the bytes of an artifact's content, None where it is not there."""
        found = self.backend.stat(_name(key))
        return None if found is None else found.size

    def is_whole(self, key: str) -> bool:
        """Read an artifact and tell whether its content is what its key says."""
        try:
            self.open(key).close()
        except CorruptedArtifact:
            return False
        return True

    def open(self, key: str) -> IO[bytes]:
        """Open an artifact for reading, after its hash was checked; raises CorruptedArtifact."""
        try:
            file = self.backend.open(_name(key))
        except OSError as error:
            raise CorruptedArtifact(f"artifact {key} is not in the store {self}", key) from error
        known = key.partition(".")[0]
        found = digest_of_file(file) + _BLOCKS if known.endswith(_BLOCKS) else _hash(file)
        if found != known:
            file.close()
            raise CorruptedArtifact(f"artifact {key} is damaged: its content is no longer what was stored", key)
        file.seek(0)
        return file

    def reading(self, key: str, read: Callable[[IO[bytes]], Any]) -> Any:
        """Read an artifact's value, and check its hash meanwhile; for formats that run no code of the file's.

        A large file that was hashed when it was written, a moment ago, and has not been touched since is not hashed
        again: what would be read are the same pages of memory.

        Raises:
            CorruptedArtifact: the content is not what the key says, or is gone.
        """
        size = self.size(key) or 0
        if size < _LARGE or not isinstance(self.backend, Folder):
            with self.open(key) as file:
                return read(file)
        if self._is_fresh(key):
            with self.backend.open(_name(key)) as file:
                return read(file)
        with ThreadPoolExecutor(1) as thread, self.backend.open(_name(key)) as file:
            checked = thread.submit(self.open, key)
            try:
                return read(file)
            finally:
                checked.result().close()  # whatever came out of a damaged file does not count

    def _stamp(self, key: str) -> list[int] | None:
        return fresh_stamp(str(self.path(key))) if isinstance(self.backend, Folder) else None

    def _is_fresh(self, key: str) -> bool:
        """Tell whether an artifact's file was hashed a moment ago and is as it was then."""
        try:
            known = json.loads(self.read(_description(content_key(key))) or b"")
        except ValueError:
            return False
        return bool(known.get("stamp")) and known["stamp"] == self._stamp(key)

    def touch(self, key: str) -> None:
        """Note that an artifact is in use, so that collecting garbage leaves it."""
        self.backend.touch(_name(key))

    def remove(self, key: str) -> None:
        """Remove an artifact, and what describes it."""
        self.backend.remove(_name(key))
        self.backend.remove(_description(key))


def _name(key: str) -> str:
    return f"objects/{key[:2]}/{content_key(key)[2:]}"


def _description(key: str) -> str:
    return f"objects/{key[:2]}/{key[2:].replace('#', '@')}.json"


def _hash(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()
