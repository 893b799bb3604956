"""No more kernels start at once than the machine has cores: more would only make all of them late."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_WAIT_SECONDS = 0.05


@asynccontextmanager
async def turn_to_start() -> AsyncIterator[None]:
    """Wait for a turn among all nbpipe processes of this user, and keep it within the block.

    A turn is a lock on a file, which the system gives back when its holder dies. Where there are no such locks,
    nobody waits.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = -1
    try:
        # Where the locks cannot be made, nobody waits either.
        with suppress(OSError):
            while (handle := _free_slot(fcntl.LOCK_EX | fcntl.LOCK_NB)) < 0:  # noqa: ASYNC110 - other processes hold them
                await asyncio.sleep(_WAIT_SECONDS)
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _slots() -> list[Path]:
    folder = Path(tempfile.gettempdir())
    return [folder / f"nbpipe-{os.getuid()}-start-{number}.lock" for number in range(max(2, os.cpu_count() or 2))]


def _free_slot(how: int) -> int:
    return next((handle for path in _slots() if (handle := _lock(path, how)) >= 0), -1)


def _lock(path: Path, how: int) -> int:
    """Open and lock a file; -1 where somebody else has it."""
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(handle, how)
        return handle
    os.close(handle)
    return -1
