"""What several runs of one pipeline share in one process: the fork server, requests to stop, steps that go on."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbpipe.pipeline.fork_server import ForkServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbpipe.pipeline.runner import Stop


class Together:
    """Shared by runs in threads of their own; for each of them it is the `Stop` of `nbpipe.pipeline.runner.run`."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._lock = threading.Lock()
        self._told: dict[object, tuple[Callable[[], None], Callable[[], None]]] = {}
        self._keys: set[str] = set()
        self._server: ForkServer | None = None

    @property
    def signal(self) -> int | None:
        """The number of the signal that came, or None."""
        return self._stop.signal

    @contextmanager
    def open(self) -> Iterator[None]:
        """Pass requests to stop on to all runs within the block, and end the fork server after it."""
        try:
            with self._stop.telling(lambda: self._tell(0), lambda: self._tell(1)):
                yield
        finally:
            if self._server is not None:
                self._server.close()

    def _tell(self, place: int) -> None:
        # A signal may come while this thread holds the lock: the copy is taken without it.
        for calls in list(self._told.values()):
            calls[place]()

    @contextmanager
    def telling(self, told: Callable[[], None], forced: Callable[[], None]) -> Iterator[None]:
        """Tell `told` at the first request, within the block, and `forced` at each further one."""
        run = object()
        self._told[run] = (told, forced)
        if self.signal is not None:
            told()
        try:
            yield
        finally:
            del self._told[run]

    def server(self, python: str, libraries: Sequence[str], path: Sequence[str], hash_seed: str = "") -> ForkServer:
        """Give the fork server, started for the first run that asks."""
        with self._lock:
            if self._server is None or self._server.is_gone:
                self._server = ForkServer(python, libraries, path, hash_seed)
            return self._server

    def take(self, key: str) -> bool:
        """Take a step, by its key of the cache; False where another run is at it: its result will be there soon."""
        with self._lock:
            if key in self._keys:
                return False
            self._keys.add(key)
            return True

    def give_back(self, key: str) -> None:
        """Let go of a step that has ended."""
        with self._lock:
            self._keys.discard(key)
