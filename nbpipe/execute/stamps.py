"""What papermill's readers expect to find in an executed notebook's metadata, with statuses that are true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nbpipe.records import RunStatus

if TYPE_CHECKING:
    from nbpipe.records import CellResult, RunRecord

_STATUS = {RunStatus.OK: "completed", RunStatus.SKIPPED: "completed", RunStatus.NOT_RUN: "pending"}


def stamp_cell(cell: Any, result: CellResult) -> None:
    """Write how a cell ended into its metadata."""
    end = datetime.now(UTC)
    ran = result.seconds is not None
    cell.metadata["papermill"] = {
        "start_time": (end - timedelta(seconds=result.seconds)).isoformat() if result.seconds is not None else None,
        "end_time": end.isoformat() if ran else None,
        "duration": result.seconds,
        "exception": result.status not in _STATUS if ran else None,
        "status": _STATUS.get(result.status, "failed"),
    }


def stamp_notebook(node: Any, record: RunRecord, output: str) -> None:
    """Write how the run ended into the notebook's metadata."""
    started = datetime.fromisoformat(record.started)
    papermill = node.metadata.setdefault("papermill", {})
    papermill.update(
        {
            "input_path": record.source,
            "output_path": output,
            "start_time": record.started,
            "end_time": (started + timedelta(seconds=record.seconds)).isoformat(),
            "duration": record.seconds,
            "exception": True if record.error is not None else None,
        }
    )
