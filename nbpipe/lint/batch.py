"""Many notebooks: what is known is not checked again, what is not is shared out among processes where that pays."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbpipe.lint.files import signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.context import BaseContext

    from nbpipe.lint.cache import Cache
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.engine import Linter
    from nbpipe.lint.files import Found

# Measured: starting a pool costs as much as checking this many notebooks of usual size.
BREAK_EVEN = 100
CHUNK = 8
# So many objects more than at the last search are worth the next: what refers to itself is all that it finds, little of
# each notebook, for it has to look at everything else.
GROWTH = 30_000


def check_files(found: Iterable[Found], linter: Linter, *, jobs: int, cache: Cache | None) -> Iterator[FileResult]:
    """Yield the result for each notebook, in the order given.

    Args:
        found: what is to be checked.
        linter: checks each; its processes get copies of it.
        jobs: the number of processes, 0 for as many as there are cores.
        cache: what is known from earlier runs; it is written at the end.
    """
    found = list(found)
    jobs = jobs or _cores()
    try:
        if jobs > 1:
            yield from _shared_out(found, linter, cache, jobs)
        else:
            with without_collector() as collect:
                for each in found:
                    yield _check(each, linter, cache)
                    collect()
    finally:
        if cache is not None:
            cache.save()


def _check(found: Found, linter: Linter, cache: Cache | None) -> FileResult:
    """Give the result for one notebook, the known one where there is one."""
    if found.problem:
        return linter.unreadable(found.path, f"the folder cannot be searched: {found.problem}")
    if cache is None:
        return linter.check_file(found.path)
    known = cache.get(found.path)
    if known is not None:
        return known
    before = signature(found.path)
    result = linter.check_file(found.path)
    cache.put(found.path, before, result)
    return result


def _shared_out(found: Sequence[Found], linter: Linter, cache: Cache | None, jobs: int) -> Iterator[FileResult]:
    """Check in processes what is not known, where it is enough to pay for them.

    The first ones are checked here: forked processes then share what these load, the rules and facts of libraries.
    """
    known: dict[int, FileResult] = {}
    if cache is not None:
        known = {
            number: result
            for number, each in enumerate(found)
            if not each.problem and (result := cache.get(each.path)) is not None
        }
    todo = [number for number, each in enumerate(found) if number not in known and not each.problem]
    pooled = todo[CHUNK:] if len(todo) >= BREAK_EVEN else []
    results = _pooled([found[number] for number in pooled], linter, jobs) if pooled else iter(())
    shared = frozenset(pooled)
    with without_collector() as collect:
        for number, each in enumerate(found):
            result = known.get(number)
            if result is None:
                fresh = next(results, None) if number in shared else None
                if fresh is None:
                    result = _check(each, linter, cache)
                else:
                    before, result = fresh
                    if cache is not None:
                        cache.put(each.path, before, result)
            yield result
            collect()


def _pooled(found: Sequence[Found], linter: Linter, jobs: int) -> Iterator[tuple[str, FileResult]]:
    """Check notebooks in other processes; ends early where those die, so that the rest is checked here."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    workers = min(jobs, len(found) // CHUNK + 1)
    with ProcessPoolExecutor(workers, mp_context=_context(), initializer=_begin, initargs=(linter,)) as pool:
        try:
            yield from pool.map(_work, [each.path for each in found], chunksize=CHUNK)
        except BrokenProcessPool:
            return
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _context() -> BaseContext:
    """Give the cheapest way of starting processes that is safe: a fork copies locks that other threads hold."""
    import multiprocessing
    import threading

    forks = "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1
    context: BaseContext = multiprocessing.get_context("fork" if forks else "spawn")
    return context


_linters: list[Linter] = []


def _begin(linter: Linter) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    gc.disable()
    gc.freeze()  # what the parent has loaded stays: searching it would copy the memory that is shared with it
    _linters[:] = [linter]


def _work(path: str) -> tuple[str, FileResult]:
    """Check one notebook in a worker."""
    before = signature(path)
    result = _linters[0].check_file(path)
    _collect()
    return before, result


def _cores() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def without_collector() -> Iterator[Callable[[], object]]:
    """Switch Python's search for reference cycles off, which parsing sets off all the time in vain.

    Gives what makes up for it, to be called after each notebook.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield _collect if enabled else int
    finally:
        if enabled:
            gc.enable()


def _collect() -> None:
    """Search for what only refers to itself, where there may be enough of it."""
    if gc.get_count()[0] > GROWTH:
        gc.collect()
