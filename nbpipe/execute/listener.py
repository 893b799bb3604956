"""How progress and tracking hear of a run: one method an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.records import CellResult, RunRecord


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is about to run.

    Attributes:
        id: the id the run's record will have.
        source: the notebook.
        output: where the executed notebook goes.
        parameters: name to value, defaults included.
        count: how many cells the notebook has, of all types.
    """

    id: str
    source: Path
    output: Path
    parameters: Mapping[str, Any]
    count: int


@dataclass(frozen=True, slots=True)
class CellStart:
    """A cell is about to run.

    Attributes:
        index: place among all cells of the source notebook, from 0; None for the injected parameters.
        count: how many cells the source notebook has, of all types.
        title: the heading above the cell, or its first line of code.
    """

    index: int | None
    count: int
    title: str


class Listener:
    """Base of all listeners: every event is ignored unless overridden. A listener must not raise."""

    def run_started(self, plan: RunPlan) -> None:
        """Hear that the run begins; the kernel is not up yet."""

    def cell_started(self, cell: CellStart) -> None:
        """Hear that a cell begins."""

    def cell_printed(self, name: str, text: str) -> None:
        """Hear what the running cell shows as text, as it arrives: `name` is ``stdout`` or ``stderr``."""

    def cell_finished(self, result: CellResult) -> None:
        """Hear how a cell ended."""

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:
        """Hear how the run ended; the executed notebook and the record are on disk."""

    def run_aborted(self, reason: str) -> None:
        """Hear that the run could not be started or its result not be saved; an exception follows."""

    def noted(self, message: str) -> None:
        """Hear something worth telling a person."""

    def warned(self, message: str) -> None:
        """Hear something that a person should see."""
