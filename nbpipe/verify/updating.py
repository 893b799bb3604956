"""Writing fresh outputs into the notebook that was verified."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from nbpipe.errors import NotebookError
from nbpipe.notebook.read import read_bytes
from nbpipe.notebook.save import save
from nbpipe.notebook.write import SetField, apply_changes
from nbpipe.records import RunStatus
from nbpipe.verify.comparing import fresh_cells
from nbpipe.verify.environment import record_of
from nbpipe.verify.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from nbpipe.verify.notebook import Verified

_NBFORMAT = 4
_KEPT = (Outcome.IDENTICAL, Outcome.EQUIVALENT, Outcome.SKIPPED)


def update(done: Verified) -> str:
    """Write the outputs of a run that came to its end into the file, in one step; give why not, "" where it is done.

    Outputs that are the stored ones, but for what is looked past, stay as they are, byte by byte, so that reviews show
    what really changed. The versions of Python and of the packages that the notebook imports are recorded with them: a
    later run can tell an output that is stale from one of another environment.
    """
    verdict, stored, fresh = done.verdict, done.stored, done.fresh
    if stored is None or fresh is None or verdict.verdict is Verdict.FAILED:
        return "it did not run to the end"
    if stored.nbformat != _NBFORMAT:
        return f"it is in nbformat {stored.nbformat}; `nbpipe check --fix --select outdated-nbformat` brings it to 4"
    cells = fresh_cells(stored, fresh)
    outcomes = {cell.index: cell.outcome for cell in verdict.cells}
    changes: list[SetField] = []
    for result in fresh.record.cells:
        if result.status is not RunStatus.OK:
            continue
        old, new = stored.cells[result.index], cells[result.index]
        kept = outcomes[result.index] in _KEPT
        outputs = [_counted(output, new.execution_count) for output in (old if kept else new).raw_outputs]
        if outputs != list(old.raw_outputs):
            changes.append(SetField(result.index, "outputs", outputs))
        if old.execution_count != new.execution_count:
            changes.append(SetField(result.index, "execution_count", new.execution_count))
    metadata = {**stored.metadata, **_environment(done)}
    if metadata != stored.metadata:
        changes.append(SetField(None, "metadata", metadata))
    try:
        if hashlib.sha256(read_bytes(verdict.path)).hexdigest() != fresh.sha256:
            return "it was edited while it ran: verify it again"
        save(verdict.path, apply_changes(stored, changes))
    except NotebookError as error:
        return str(error)
    return ""


def _counted(output: Any, count: int | None) -> Any:
    """Give an output with the cell's execution count, where it has one."""
    return {**output, "execution_count": count} if isinstance(output, dict) and "execution_count" in output else output


def _environment(done: Verified) -> dict[str, Any]:
    """Give the metadata that say in which environment the outputs were made."""
    if done.fresh is None or done.stored is None:
        return {}
    found: dict[str, Any] = {}
    language = done.fresh.notebook.metadata.get("language_info")
    if language:
        found["language_info"] = language
    record = record_of(done.fresh, done.modules)
    if record is not None:
        own = done.stored.metadata.get("nbpipe")
        found["nbpipe"] = {**(own if isinstance(own, dict) else {}), "environment": record}
    return found
