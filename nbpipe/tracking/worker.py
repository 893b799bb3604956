"""A thread that makes slow calls in order, while the run goes on."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Worker:
    """Makes the calls it is given one after the other; after the first that fails it makes no more.

    The thread is a daemon: a server that hangs cannot keep the process from ending.

    Attributes:
        error: what the first call that failed raised, or None.
    """

    def __init__(self, name: str, failed: Callable[[], None] | None = None) -> None:
        """Begin to wait for calls.

        Args:
            name: of the thread.
            failed: called, from the thread, when a call has failed.
        """
        self._failed = failed
        self.error: Exception | None = None
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, call: Callable[[], None]) -> None:
        """Have a call made after those before it."""
        self._calls.put(call)

    def finish(self, seconds: float) -> bool:
        """Wait until all calls are made; tell whether they were, within that time."""
        self._calls.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            if self.error is not None:
                continue
            try:
                call()
            except Exception as error:  # noqa: BLE001 - whatever it is, the run must not suffer; `error` tells it
                self.error = error
                if self._failed is not None:
                    self._failed()
