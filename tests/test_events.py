"""Several listeners as one."""

from __future__ import annotations

import pytest

from nbpipe.events import as_one
from nbpipe.execute.listener import Listener
from nbpipe.pipeline.listener import PipelineListener


class Hearing(Listener):
    def __init__(self, name: str, heard: list[tuple[str, str]]) -> None:
        self.name = name
        self.heard = heard

    def warned(self, message: str) -> None:
        self.heard.append((self.name, message))


def test_all_are_told_in_order() -> None:
    heard: list[tuple[str, str]] = []

    as_one(Listener, [Hearing("first", heard), Listener(), Hearing("second", heard)]).warned("look")

    assert heard == [("first", "look"), ("second", "look")]


@pytest.mark.parametrize("kind", [Listener, PipelineListener])
def test_every_event_is_passed_on(kind: type[Listener | PipelineListener]) -> None:
    events = {name for name in vars(kind) if not name.startswith("_")}

    assert events <= set(vars(type(as_one(kind, []))))
    assert {"run_started", "run_finished", "run_aborted", "noted", "warned"} <= events
