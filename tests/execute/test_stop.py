from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import Interrupted
from nbpipe.execute import run_notebook
from nbpipe.execute.stop import Stop
from nbpipe.records import RunStatus
from tests.execute.making import Heard, shown, write_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.execute import CellStart


def test_the_first_request_is_told_the_next_ones_force() -> None:
    heard: list[str] = []
    stop = Stop()
    with stop.listening(), stop.telling(lambda: heard.append("told"), lambda: heard.append("forced")):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert heard == ["told", "forced"]
    assert stop.signal == signal.SIGTERM


def test_where_nobody_is_told_it_is_an_exception() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stop = Stop()
    with pytest.raises(Interrupted) as raised, stop.listening():
        os.kill(os.getpid(), signal.SIGTERM)
    assert raised.value.exit_code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_request_that_came_before_is_told_at_once() -> None:
    stop = Stop()
    with pytest.raises(Interrupted):
        stop.request(signal.SIGINT)
    heard: list[str] = []
    with stop.telling(lambda: heard.append("told"), lambda: None):
        assert heard == ["told"]


def test_other_threads_leave_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def listen() -> None:
        with Stop().listening():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]


class StopsAt(Heard):
    """Asks to stop as soon as a cell has ended."""

    def __init__(self, stop: Stop, index: int) -> None:
        super().__init__()
        self._stop = stop
        self._index = index

    def cell_started(self, cell: CellStart) -> None:
        super().cell_started(cell)
        if cell.index == self._index:
            self._stop.request(signal.SIGINT)


def test_a_stop_within_a_run_is_recorded(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "print(1)", "import time\ntime.sleep(60)", "print(3)")
    stop = Stop()
    record = run_notebook(source, stop=stop, listener=StopsAt(stop, 1))
    assert record.status is RunStatus.INTERRUPTED
    assert record.error is not None
    assert record.error.name == "SIGINT"
    assert shown(tmp_path / "a.executed.ipynb") == ["1\n", "", ""]


def test_a_run_inside_a_running_event_loop(tmp_path: Path) -> None:
    async def main() -> RunStatus:
        return run_notebook(write_notebook(tmp_path / "a.ipynb", "await __import__('asyncio').sleep(0)\n1")).status

    assert asyncio.run(main()) is RunStatus.OK
