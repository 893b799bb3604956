from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.attempt import Launcher
from nbpipe.pipeline.backlog import Backlog
from tests.pipeline.projects import Told, ran, written

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_calls_are_made_in_order_with_those_that_they_add() -> None:
    backlog, made = Backlog(), []

    def first() -> None:
        made.append("first")
        backlog.add(made.append, "third")

    backlog.add(first)
    backlog.add(made.append, "second")
    assert made == []
    backlog.work_off()
    backlog.work_off()
    assert made == ["first", "second", "third"]


def test_the_next_step_starts_before_listeners_hear_of_the_last_one_but_they_hear_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    starting = Launcher.start

    def start(self: Launcher, request: Any, *places: Any) -> Any:
        told.events.append(f"process {request['function'].partition(':')[2]}")
        return starting(self, request, *places)

    monkeypatch.setattr(Launcher, "start", start)
    steps = "Step('a', 'shop.steps:a', outputs=('x',)), Step('b', 'shop.steps:b', inputs=('x',)),"
    ran(written(tmp_path, steps, "def a():\n    return 1\ndef b(x):\n    pass\n"), told)
    assert told.events == [
        "run a, b",
        "process a",
        "start a 1/2",
        "process b",
        "ok a",
        "start b 2/2",
        "ok b",
        "run ok True",
    ]
