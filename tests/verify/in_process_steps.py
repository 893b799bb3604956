"""Steps of real projects run in this process: what a fault does to a proof needs no interpreter a step."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.process import RuntimeProcess
from nbpipe.runtime.comparing import compare_stored
from nbpipe.runtime.worker import run_step
from nbpipe.runtime.written import digests_stored
from tests.convert.in_process import fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class InProcess(RuntimeProcess):
    """Stands for a process; modules of the project are imported anew for each step.

    Attributes:
        change: is given each step's request and answer, and may change the answer.
        before: is given each step's request, and may change it.
    """

    change: Callable[[dict[str, Any], dict[str, Any]], None] | None = None
    before: Callable[[dict[str, Any]], None] | None = None

    def __init__(  # noqa: PLR0913 - those of a process
        self, command: str, request: Mapping[str, Any], answer: Path, log: Path, python: str, hash_seed: str = ""
    ) -> None:
        del python, hash_seed
        self.answer = answer
        self.command = command
        self.request = dict(request)
        self.log = log
        log.touch()

    @property
    def pid(self) -> None:
        """It has no process of its own."""
        return

    def wait(self) -> dict[str, Any]:
        """Do the work; give the answer."""
        if self.command == "compare":
            return compare_stored(self.request)
        if self.command == "digest":
            return digests_stored(self.request)
        if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
            pyplot.close("all")
        cls = type(self)
        if cls.before is not None:
            cls.before(self.request)
        top = self.request["local"][0]
        try:
            with fresh(Path(self.request["folder"])):
                answer: dict[str, Any] = json.loads(json.dumps(run_step(self.request)))
        finally:
            for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
                del sys.modules[name]
        if cls.change is not None:
            cls.change(self.request, answer)
        self.answer.write_text(json.dumps(answer), encoding="utf-8")
        return answer

    def when_ended(self, told: Callable[[dict[str, Any] | None], None]) -> None:
        """Do the work at once: what else this process did meanwhile would count as the step's doing."""
        told(self.wait())

    def ending(self) -> str:
        """Say how it ended."""
        return "it ended"

    def terminate(self) -> None:
        """There is nothing to end."""

    kill = end = terminate
