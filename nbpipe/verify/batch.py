"""Many notebooks, some at a time: each in a kernel of its own, all stopped by one signal."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from nbpipe.errors import Interrupted
from nbpipe.execute.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

_HEARING_SECONDS = 0.5


def in_turn(paths: Sequence[str], jobs: int, work: Callable[[str, Stop], T]) -> Iterator[T]:
    """Do some work for each path, `jobs` at a time, and yield the results in the order of the paths, each when ready.

    The work waits for kernels, so that threads are enough.

    Raises:
        Interrupted: somebody asked to stop; what ran has ended.
    """
    stop = Stop()

    def one(path: str) -> T:
        if stop.signal is not None:
            raise Interrupted(stop.signal)
        return work(path, stop)

    with stop.listening(), ThreadPoolExecutor(max(1, jobs), thread_name_prefix="nbpipe-verify") as pool:
        futures = [pool.submit(one, path) for path in paths]
        try:
            for future in futures:
                while not future.done():
                    # A signal that comes just before an endless wait would be heard only when that ends.
                    wait([future], timeout=_HEARING_SECONDS)
                yield future.result()
        finally:
            for future in futures:
                future.cancel()
            if not all(future.done() for future in futures) and stop.signal is None:
                # Nobody takes the results any more. What is just being started or saved hears of it when it listens.
                with suppress(Interrupted):
                    stop.request(signal.SIGTERM)
