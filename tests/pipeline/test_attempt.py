"""What waits for a step's process, and what the run hears of it."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import pytest

from nbpipe.pipeline.attempt import Attempt
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.model import Step


class Broken:
    """A process whose answer cannot be read."""

    log = Path("log")
    pid = None

    def wait(self) -> dict[str, Any] | None:
        raise OSError("the answer is gone")

    def ending(self) -> str:
        return "it ended"

    def terminate(self) -> None:
        """There is nothing to end."""

    kill = end = terminate


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_hears_of_the_end_whatever_goes_wrong_in_waiting_for_it() -> None:
    heard: queue.Queue[Any] = queue.Queue()
    Attempt(Step("a", "shop.steps:a"), 1, Broken(), Limits(), lambda _, answer: heard.put(answer))
    assert heard.get(timeout=60) is None
