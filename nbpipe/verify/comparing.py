"""Comparing two notebooks cell by cell: a stored one with its fresh run, or two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.execute.document import titles
from nbpipe.records import RunStatus
from nbpipe.verify.context import Context
from nbpipe.verify.outputs import CellComparison, compare_outputs
from nbpipe.verify.verdict import CellVerdict, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.notebook import Cell, Notebook
    from nbpipe.verify.cell_options import CellOptions
    from nbpipe.verify.context import Tolerance
    from nbpipe.verify.fresh import Fresh

_PAPERMILL_MARK = "papermill-error-cell-tag"


def context_of(fresh: Fresh, tolerance: Tolerance, off: frozenset[str] = frozenset()) -> Context:
    """Give the comparison for the outputs of a run."""
    folders = [str(Path(fresh.record.source).parent), str(Path.home())]
    return Context(tolerance, fresh.started, fresh.ended, off=off, folders=tuple(folders))


def fresh_cells(stored: Notebook, fresh: Fresh) -> dict[int, Cell]:
    """Give the cells of a run by the index of the cell that they are in the source."""
    # papermill takes out the marks that an earlier failed run left.
    kept = [cell.index for cell in stored.cells if _PAPERMILL_MARK not in cell.tags]
    return dict(zip(kept, fresh.notebook.cells, strict=False))


def compare_notebooks(
    stored: Notebook, fresh: Fresh, context: Context, options: Mapping[int, CellOptions]
) -> tuple[CellVerdict, ...]:
    """Compare the code cells of a notebook with those of its fresh run."""
    names = titles(stored)
    cells = fresh_cells(stored, fresh)
    verdicts = []
    for result in fresh.record.cells:
        at = result.index
        old, new = stored.cells[at], cells[at]
        asked = options.get(at)
        if asked is not None and asked.skip and result.status is RunStatus.OK:
            comparison = CellComparison(Outcome.SKIPPED)
        else:
            comparison = _compare_cell(old, new, result.status, context if asked is None else asked.context(context))
        if result.error is not None and comparison.outcome is Outcome.ERROR:
            comparison = comparison._replace(difference=f"{result.error.name}: {result.error.message}")
        verdict = CellVerdict(at, names[at], *comparison)
        if comparison.outcome not in (Outcome.IDENTICAL, Outcome.SKIPPED, Outcome.NOT_RUN):
            verdict = CellVerdict(at, names[at], *comparison, None, old.outputs, new.outputs, old.source)
        verdicts.append(verdict)
    return tuple(verdicts)


def compare_runs(
    stored: Notebook, one: Fresh, other: Fresh, context: Context, options: Mapping[int, CellOptions]
) -> dict[int, CellComparison]:
    """Compare two runs of the same notebook; by cell index, the code cells that both reached."""
    left, right = fresh_cells(stored, one), fresh_cells(stored, other)
    ends = {result.index: result.status for result in other.record.cells}
    found: dict[int, CellComparison] = {}
    for result in one.record.cells:
        at = result.index
        asked = options.get(at)
        status = ends.get(at, RunStatus.NOT_RUN)
        if RunStatus.NOT_RUN in (status, result.status) or (asked is not None and asked.skip):
            continue
        if status is not result.status:
            difference = f"- {result.status.value}\n+ {status.value}"
            found[at] = CellComparison(Outcome.DIFFERENT, (), difference)
            continue
        own = context if asked is None else asked.context(context)
        found[at] = compare_outputs(left[at].outputs, right[at].outputs, own)
    return found


def _compare_cell(stored: Cell, fresh: Cell, status: RunStatus, context: Context) -> CellComparison:
    if status is RunStatus.SKIPPED:
        return CellComparison(Outcome.SKIPPED)
    if status is RunStatus.NOT_RUN:
        return CellComparison(Outcome.NOT_RUN)
    if status is not RunStatus.OK:
        return CellComparison(Outcome.ERROR)
    return compare_outputs(stored.outputs, fresh.outputs, context)
