"""Running a notebook fresh and comparing what it shows with what is stored in it."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.errors import ExecutionError, NotebookError
from nbpipe.execute import run_notebook
from nbpipe.execute.document import titles
from nbpipe.execute.outcome import explain
from nbpipe.notebook import Notebook, read_notebook
from nbpipe.records import RunStatus
from nbpipe.verify.context import Context, Tolerance
from nbpipe.verify.outputs import CellComparison, compare_outputs
from nbpipe.verify.verdict import CellVerdict, NotebookVerdict, Outcome, Verdict

if TYPE_CHECKING:
    from nbpipe.execute import Limits, Listener
    from nbpipe.execute.stop import Stop
    from nbpipe.notebook import Cell
    from nbpipe.records import RunRecord

_PAPERMILL_MARK = "papermill-error-cell-tag"


def verify_notebook(  # noqa: PLR0913 - the options of a verification
    path: str,
    *,
    tolerance: Tolerance | None = None,
    limits: Limits | None = None,
    kernel: str | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
) -> NotebookVerdict:
    """Run a notebook in a fresh kernel, in its own folder, and compare cell by cell; the file is not touched.

    A notebook that cannot be read or started is a verdict (failed), not an exception.
    """
    started = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="nbpipe-verify-") as folder:
        output = Path(folder) / "fresh.ipynb"
        try:
            stored = read_notebook(path)
            record = run_notebook(path, output, limits=limits, kernel=kernel, listener=listener, stop=stop)
            fresh = read_notebook(output)
        except (NotebookError, ExecutionError) as error:
            return NotebookVerdict(path, Verdict.FAILED, str(error).removeprefix(f"{path}: "))
    context = Context(tolerance or Tolerance(), started, datetime.now(UTC))
    cells = compare_notebooks(stored, fresh, record, context)
    verdict, reason = _judge(stored, cells, record)
    return NotebookVerdict(path, verdict, reason, cells, record, _version_note(stored, fresh))


def compare_notebooks(
    stored: Notebook, fresh: Notebook, record: RunRecord, context: Context
) -> tuple[CellVerdict, ...]:
    """Compare the code cells of a notebook with those of its fresh run, which has the same cells."""
    names = titles(stored)
    # papermill takes out the marks that an earlier failed run left.
    kept = [cell.index for cell in stored.cells if _PAPERMILL_MARK not in cell.tags]
    place = {index: position for position, index in enumerate(kept)}
    verdicts = []
    for result in record.cells:
        comparison = _compare_cell(stored.cells[result.index], fresh.cells[place[result.index]], result.status, context)
        if result.error is not None and comparison.outcome is Outcome.ERROR:
            comparison = comparison._replace(difference=f"{result.error.name}: {result.error.message}")
        verdicts.append(CellVerdict(result.index, names[result.index], *comparison))
    return tuple(verdicts)


def _compare_cell(stored: Cell, fresh: Cell, status: RunStatus, context: Context) -> CellComparison:
    if status is RunStatus.SKIPPED:
        return CellComparison(Outcome.SKIPPED)
    if status is RunStatus.NOT_RUN:
        return CellComparison(Outcome.NOT_RUN)
    if status is not RunStatus.OK:
        return CellComparison(Outcome.ERROR)
    return compare_outputs(stored.outputs, fresh.outputs, context)


def _version_note(stored: Notebook, fresh: Notebook) -> str:
    """Say when the stored outputs are another version's: the likely cause of many a difference."""
    versions = [_version(notebook) for notebook in (stored, fresh)]
    if not all(versions) or versions[0] == versions[1]:
        return ""
    return f"stored with {versions[0]}, run with {versions[1]}"


def _version(notebook: Notebook) -> str:
    info = notebook.metadata.get("language_info")
    version = info.get("version") if isinstance(info, dict) else None
    return f"{notebook.language.capitalize()} {version}" if version else ""


def _judge(stored: Notebook, cells: tuple[CellVerdict, ...], record: RunRecord) -> tuple[Verdict, str]:
    """Give the verdict and one line why."""
    if record.status is not RunStatus.OK:
        why = explain(record.status, record.error)
        at = next((cell for cell in cells if cell.outcome is Outcome.ERROR), None)
        return Verdict.FAILED, f"cell {at.index + 1} ({at.title}) {why}" if at else why
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    if not any(cell.outputs for cell in code) and not any(cell.execution_count for cell in code):
        return Verdict.NOTHING, "it runs to the end, but no output is stored in it: run it, save it, verify it again"
    bad = [cell for cell in cells if cell.outcome not in (Outcome.IDENTICAL, Outcome.EQUIVALENT, Outcome.SKIPPED)]
    if bad:
        first = f"cell {bad[0].index + 1} ({bad[0].title}): {bad[0].outcome.value}"
        return Verdict.NOT_REPRODUCIBLE, first if len(bad) == 1 else f"{len(bad)} cells differ; first {first}"
    if not any(cell.outputs for cell in code):
        return Verdict.NOTHING, "it runs to the end, but shows nothing that could be compared"
    needed = dict.fromkeys(name for cell in cells for name in cell.needed)
    if needed:
        return Verdict.EQUIVALENT, ", ".join(needed)
    return Verdict.REPRODUCIBLE, ""
