"""Work on many paths at a time, and stopping it."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import Interrupted
from nbpipe.verify.batch import in_turn

if TYPE_CHECKING:
    from nbpipe.execute.stop import Stop


def test_results_come_in_order_and_several_run_at_a_time() -> None:
    both = threading.Barrier(2, timeout=60)

    def work(path: str, _: Stop) -> str:
        both.wait()  # it ends only where two run at a time
        return path.upper()

    assert list(in_turn("abcd", 2, work)) == ["A", "B", "C", "D"]


def test_one_signal_stops_all_that_runs_and_nothing_more_is_begun() -> None:
    begun: list[str] = []
    running = threading.Barrier(3, timeout=60)

    def work(path: str, stop: Stop) -> str:
        begun.append(path)
        told = threading.Event()
        with stop.telling(told.set, told.set):
            running.wait()
            assert told.wait(60)
        raise Interrupted(stop.signal or 0)

    def send() -> None:
        running.wait()
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(Interrupted) as stopped:
        list(in_turn("abcd", 2, work))
    sender.join()
    assert stopped.value.exit_code == 128 + signal.SIGTERM
    assert sorted(begun) == ["a", "b"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_of_one_ends_the_others() -> None:
    def work(path: str, stop: Stop) -> str:
        if path == "a":
            raise ValueError(path)
        told = threading.Event()
        with stop.telling(told.set, told.set):
            assert told.wait(60)
        return path

    with pytest.raises(ValueError, match="a"):
        list(in_turn("ab", 2, work))


def test_a_signal_that_comes_while_nobody_listens_is_heard() -> None:
    going, go_on = threading.Event(), threading.Event()

    def work(path: str, _: Stop) -> str:
        going.set()
        assert go_on.wait(60)  # as long as a kernel takes to come up, say
        return path

    def send() -> None:
        assert going.wait(60)
        os.kill(os.getpid(), signal.SIGTERM)
        go_on.set()

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(Interrupted) as stopped:
        list(in_turn("abc", 1, work))
    sender.join()
    assert stopped.value.exit_code == 128 + signal.SIGTERM
