"""SHA-256 of long content by blocks, which several threads hash at once while it is written.

A digest of blocks is the SHA-256 of the digests of the blocks, one after the other: all as long as `BLOCK` but the
last, and perhaps the first.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BLOCK = 1 << 24
FIRST = 1 << 12
"""The first block of a file: room for the header of a format, so that data begins with a block."""
_MOST_THREADS = 4


def sha256_of_block(block: Any) -> bytes:
    """Give the digest of a block."""
    return hashlib.sha256(block).digest()


def digest_of(digests: Iterable[bytes]) -> str:
    """Give the digest of blocks by theirs, hexadecimal."""
    return hashlib.sha256(b"".join(digests)).hexdigest()


class Blocks:
    """Takes content piece by piece; whole blocks within a piece are hashed where they lie and must not change."""

    def __init__(self, hashed: Callable[[Any], Any] = sha256_of_block, first: int = BLOCK) -> None:
        """Begin.

        Args:
            hashed: gives the digest of a block, or whatever is wanted of each.
            first: length of the first block.
        """
        self._first, self._hashed = first, hashed
        self._rest = bytearray()
        self._found: list[Future[Any]] = []
        self._threads = ThreadPoolExecutor(_threads())

    def update(self, content: Any) -> None:
        """Take the next piece, bytes or anything that shows its memory as bytes."""
        piece = memoryview(content).cast("B")
        while piece:
            length = BLOCK if self._found else self._first
            if not self._rest and len(piece) >= length:
                self._begin(piece[:length])
                piece = piece[length:]
                continue
            taken = piece[: length - len(self._rest)]
            self._rest += taken
            piece = piece[len(taken) :]
            if len(self._rest) == length:
                self._begin(self._rest)
                self._rest = bytearray()

    def _begin(self, block: Any) -> None:
        self._found.append(self._threads.submit(self._hashed, block))

    def found(self) -> list[Any]:
        """Give what `hashed` gave of each block; nothing more may come."""
        if self._rest:
            self._begin(self._rest)
        self._threads.shutdown()
        return [each.result() for each in self._found]


def digest_of_file(file: IO[bytes]) -> str:
    """Give the digest of a file's content from here on, as what was written to a `HashedFile` has it."""
    blocks, length = Blocks(first=FIRST), FIRST
    while block := file.read(length):
        blocks.update(block)
        length = BLOCK
    return digest_of(blocks.found())


class HashedFile:
    """A file that is written from its beginning to its end, and hashed meanwhile."""

    def __init__(self, file: IO[bytes], hashed: Callable[[Any], Any] = sha256_of_block) -> None:
        self._file = file
        self._blocks = Blocks(hashed, FIRST)
        self.closed = False

    def write(self, content: Any) -> int:
        """Write the next piece, which must not change any more."""
        self._blocks.update(content)
        return self._file.write(content)

    def tell(self) -> int:
        """Give how much has been written."""
        return self._file.tell()

    def flush(self) -> None:
        """Let everything be in the file."""
        self._file.flush()

    def close(self) -> None:
        """Leave the file open: it is somebody else's."""

    def readable(self) -> bool:
        """Tell that it is not for reading."""
        return False

    def writable(self) -> bool:
        """Tell that it is for writing."""
        return True

    def seekable(self) -> bool:
        """Tell that there is no way back."""
        return False

    def found(self) -> list[Any]:
        """Give what `hashed` gave of each block that was written."""
        return self._blocks.found()


def _threads() -> int:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(_MOST_THREADS, count or 1)
