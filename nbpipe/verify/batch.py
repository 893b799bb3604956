"""Many notebooks, some at a time: each in a kernel of its own, all stopped by one signal."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from nbpipe.errors import Interrupted
from nbpipe.execute.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

T = TypeVar("T")

_HEARING_SECONDS = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stops:
    """Passes INT and TERM on to everything that runs; there is one `Stop` for each.

    Attributes:
        signal: the first signal that came, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._running: list[Stop] = []
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[Stop]:
        """Give what stops one run, within the block.

        Raises:
            Interrupted: somebody has asked to stop already.
        """
        stop = Stop()
        with self._lock:
            if self.signal is not None:
                raise Interrupted(self.signal)
            self._running.append(stop)
        try:
            yield stop
        finally:
            self._running.remove(stop)

    def request(self, signum: int, _frame: FrameType | None = None) -> None:
        """Ask all to stop; has the shape of a signal handler."""
        self.signal = self.signal or signum
        for stop in list(self._running):
            # One that is just being started or saved hears of it when it begins to listen.
            with suppress(Interrupted):
                stop.request(signum)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals within the block (in the main thread only, where Python delivers them)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.request) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)


def in_turn(paths: Sequence[str], jobs: int, work: Callable[[str, Stop], T]) -> Iterator[T]:
    """Do some work for each path, `jobs` at a time, and yield the results in the order of the paths, each when ready.

    The work waits for kernels, so that threads are enough.

    Raises:
        Interrupted: somebody asked to stop; what ran has ended.
    """
    stops = Stops()

    def one(path: str) -> T:
        with stops.one() as stop:
            return work(path, stop)

    with stops.listening(), ThreadPoolExecutor(max(1, jobs), thread_name_prefix="nbpipe-verify") as pool:
        futures = [pool.submit(one, path) for path in paths]
        try:
            for future in futures:
                while not future.done():
                    # A signal that comes just before an endless wait would be heard only when that ends.
                    wait([future], timeout=_HEARING_SECONDS)
                yield future.result()
        except BaseException:
            # Also where nobody takes the results any more.
            for future in futures:
                future.cancel()
            stops.request(stops.signal or signal.SIGTERM)
            raise
