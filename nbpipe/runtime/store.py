"""A content-addressed folder of values: safe with several writers, checked whenever it is read."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .fingerprints import Fingerprint

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1 << 20


class CorruptedArtifact(Exception):  # noqa: N818 - what is wrong, not that something is
    """An artifact's content is not what its key says, or is gone."""


class Artifact(NamedTuple):
    """A reference to a stored value: small, and all that is passed between steps.

    Attributes:
        key: where it is in the store: ``<sha256 of the content>.<serializer>``.
        sha256: of the content.
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
        return cls(**{**fields, "fingerprint": Fingerprint(**fields["fingerprint"])})


class Store:
    """Artifacts in ``objects/<two digits>/<rest of the key>``, each with a ``.json`` that describes it."""

    __slots__ = ("folder",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stage(self) -> tuple[IO[bytes], str]:
        """Open a new file to write a value to; give it and its path."""
        staging = self.folder / "staging"
        staging.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=staging)
        return os.fdopen(handle, "w+b"), path

    def commit(self, file: IO[bytes], path: str, serializer: str, fingerprint: Fingerprint) -> Artifact:
        """Make a staged file an artifact. The same content gives the same artifact; a damaged copy is replaced."""
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        digest, size = _hash(file)
        file.close()
        key = f"{digest}.{serializer}"
        artifact = Artifact(key, digest, size, serializer, fingerprint.type, fingerprint)
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)  # noqa: PTH105 - one call, no object
        self._describe(artifact)
        return artifact

    def discard(self, file: IO[bytes], path: str) -> None:
        """Forget a staged file."""
        file.close()
        with suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108 - one call, no object

    def _describe(self, artifact: Artifact) -> None:
        file, path = self.stage()
        with file:
            file.write(json.dumps(artifact.to_json()).encode())
        os.replace(path, self._description(artifact.key))  # noqa: PTH105

    def path(self, key: str) -> Path:
        """Give where an artifact's content is."""
        return self.folder / "objects" / key[:2] / key[2:]

    def _description(self, key: str) -> Path:
        content = self.path(key)
        return content.with_name(content.name + ".json")

    def artifact(self, key: str) -> Artifact:
        """Give what is known of an artifact by its key; raises CorruptedArtifact where it is not there."""
        try:
            return Artifact.from_json(json.loads(self._description(key).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise CorruptedArtifact(f"artifact {key} is not in the store {self.folder}") from error

    def open(self, key: str) -> IO[bytes]:
        """Open an artifact for reading, after its hash was checked; raises CorruptedArtifact."""
        try:
            file = self.path(key).open("rb")
        except OSError as error:
            raise CorruptedArtifact(f"artifact {key} is not in the store {self.folder}") from error
        digest, _ = _hash(file)
        if digest != key.partition(".")[0]:
            file.close()
            raise CorruptedArtifact(f"artifact {key} is damaged: its content is no longer what was stored")
        file.seek(0)
        return file


def _hash(file: IO[bytes]) -> tuple[str, int]:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest(), file.seek(0, io.SEEK_END)
