"""What waits for a step's process, and what the run hears of it."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline import fork_server
from nbpipe.pipeline.attempt import Attempt
from nbpipe.pipeline.fork_server import ForkedStep
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.model import Step
from nbpipe.pipeline.process import RuntimeProcess

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from nbpipe.pipeline.attempt import Process


class Broken(RuntimeProcess):
    """A process whose answer cannot be read."""

    def __init__(self) -> None:
        """Start nothing."""

    def wait(self) -> dict[str, Any] | None:
        raise OSError("the answer is gone")


def _heard(process: Process) -> queue.Queue[Any]:
    heard: queue.Queue[Any] = queue.Queue()
    Attempt(Step("a", "shop.steps:a"), 1, process, Limits(), lambda _, answer: heard.put(answer))
    return heard


def test_a_run_hears_of_the_end_whatever_goes_wrong_in_waiting_for_it() -> None:
    assert _heard(Broken()).get(timeout=60) is None


def test_a_run_hears_of_the_end_of_a_fork_whatever_goes_wrong_in_reading_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Path) -> None:
        raise RecursionError

    monkeypatch.setattr(fork_server, "read_answer", broken)
    step = ForkedStep("1", tmp_path / "answer.json", tmp_path / "log")
    heard = _heard(step)
    assert heard.empty()
    step.ended(0)
    step.ended(-9)
    assert heard.get(timeout=60) is None
    assert heard.empty()
    assert _heard(step).get(timeout=60) is None, "it had ended before"
