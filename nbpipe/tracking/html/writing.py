"""Writes the report of a run beside its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.errors import ExecutionError
from nbpipe.execute.saving import write_atomically
from nbpipe.pipeline.listener import PipelineListener
from nbpipe.runtime.store import CorruptedArtifact, Store, StoreFault
from nbpipe.tracking.html import report

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.pipeline.listener import PipelinePlan
    from nbpipe.records import RunRecord


def report_path(record_path: Path) -> Path:
    """Give where the report of the run with that record is."""
    return record_path.with_suffix(".html")


def write_report(record: RunRecord, place: Path | str, target: Path) -> None:
    """Write the report of a run.

    Args:
        record: of the run.
        place: of the store with its figures.
        target: the file.

    Raises:
        ExecutionError: it cannot be written.
    """
    values = Store(place)

    def picture(key: str) -> bytes | None:
        try:
            with values.open(key) as content:
                return content.read()
        except (CorruptedArtifact, StoreFault, OSError):
            return None

    write_atomically(target, report(record, picture).encode("utf-8", "backslashreplace"))


class ReportWriter(PipelineListener):
    """Writes the report of each run that ends."""

    def __init__(self, told: PipelineListener) -> None:
        """Tell `told` why there is none, where there is none."""
        self._told = told
        self._place: Path | str = ""

    def run_started(self, plan: PipelinePlan) -> None:
        """Note where its figures will be."""
        self._place = plan.project.store

    def run_finished(self, record: RunRecord, record_path: Path) -> None:
        """Write it."""
        try:
            write_report(record, self._place, report_path(record_path))
        except ExecutionError as error:
            self._told.warned(f"no report: {error}")
