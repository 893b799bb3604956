from __future__ import annotations

import threading

from nbpipe.tracking.worker import Worker


def test_calls_are_made_in_order() -> None:
    made: list[int] = []
    worker = Worker("test")
    for number in range(5):
        worker.submit(lambda number=number: made.append(number))  # type: ignore[misc]
    assert worker.finish(10)
    assert made == [0, 1, 2, 3, 4]
    assert worker.error is None


def test_after_a_failure_no_more_calls_are_made() -> None:
    made: list[int] = []
    worker = Worker("test")
    worker.submit(lambda: made.append(1 // 0))
    worker.submit(lambda: made.append(1))
    assert worker.finish(10)
    assert made == []
    assert isinstance(worker.error, ZeroDivisionError)


def test_a_call_that_hangs_does_not_hold_up() -> None:
    release = threading.Event()

    def hang() -> None:
        release.wait()

    worker = Worker("test")
    worker.submit(hang)
    assert not worker.finish(0.01)
    release.set()
    assert worker.finish(10)
