"""NB109."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import counted
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

# Tags that tell runners to leave a cell out: Jupyter Book, papermill's users, nbval, nbmake, nbclient.
_SKIPPED = frozenset(
    ["skip-execution", "skip", "nbval-skip", "no-execute", "noexec", "no-exec", "exercise", "solution"]
)
_COMMENTS = ("#", "//", "--")
# Installing is done once for an environment, not once for a session.
_INSTALLING = tuple(
    mark + command
    for mark in ("", "!", "! ", "%", "% ")
    for command in ("pip ", "pip3 ", "conda ", "apt", "python -m pip ")
)
# What stands in cells that the reader is to complete.
_GAPS = (
    "your code",
    "code here",
    "todo",
    "____",
    "notimplementederror",
    "eval: false",
    "fill in",
    "replace with",
    "<your",
)


class UnexecutedCell(Rule):
    """A cell was not run, among cells that were.

    ## What it does

    Reports a code cell that has no execution count while a cell below it has one, with the cell that was run next.
    Neighbours that were not run either are told together. It reads counts only, in notebooks of any language.

    Silent where a count is missing between the cell above and the one below (some tools take counts away from
    cells that were run), and where these do not ascend: then the counts do not tell what came first.

    Silent for a notebook that was never run, for cells at the end that have not been run yet, for cells that are empty
    or hold comments only, that only install something, that have outputs (some tool took their count away), that are
    tagged to be skipped or frozen, that leave a gap for the reader to fill in, and in nbgrader assignments.

    ## Why is this bad?

    The stored results below were made without the cell. Restart & Run All runs it: if it is not harmless, the results
    change or the notebook stops there.

    ## Example

    ```python
    # %% In [1]
    prices = [3, 4, -1]

    # %%
    prices = [price for price in prices if price > 0]

    # %% In [2]
    print(sum(prices))
    # Stream: 6
    ```

    ## Use instead

    Run the cell, or take it out.

    ```python
    # %% In [1]
    prices = [3, 4, -1]

    # %% In [2]
    prices = [price for price in prices if price > 0]

    # %% In [3]
    print(sum(prices))
    # Stream: 7
    ```
    """

    code = "NB109"
    severity = Severity.WARNING
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each group of neighbours."""
        cells = [cell for cell in context.notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        if any("nbgrader" in cell.metadata for cell in context.notebook.cells):
            return
        group: list[Cell] = []
        counts = {cell.execution_count for cell in cells if cell.execution_count}
        last = 0
        for cell in cells if counts else ():
            count = cell.execution_count
            if count:
                missing = any(number not in counts for number in range(last + 1, count))
                if group and last < count and not missing:
                    yield _report(context, group, cell)
                group, last = [], count
            elif _was_to_run(cell):
                group.append(cell)


def _report(context: Context, group: list[Cell], following: Cell) -> Diagnostic:
    more = len(group) - 1
    subject = f"this cell and the next {more if more > 1 else 'one'} were" if more else "this cell was"
    return context.diagnostic(
        context.line(group[0].index),
        f"{subject} not run, but {counted(context.notebook, following.index)} below was: its results were made without",
        related=(Related(context.line(following.index), "the next cell that was run"),),
    )


def _was_to_run(cell: Cell) -> bool:
    """Tell whether a cell without a count has anything to run, and nothing says that it is not to be."""
    if cell.raw_outputs or not _SKIPPED.isdisjoint(cell.tags) or _is_frozen(cell):
        return False
    lines = [line.strip() for line in cell.source.split("\n")]
    if all(not line or line.startswith((*_COMMENTS, *_INSTALLING)) for line in lines):
        return False
    lowered = cell.source.lower()
    return not any(gap in lowered for gap in _GAPS)


def _is_frozen(cell: Cell) -> bool:
    """Tell whether an extension of the notebook editor keeps the cell from being run."""
    control = cell.metadata.get("run_control")
    frozen = isinstance(control, dict) and (control.get("frozen") or control.get("marked") is False)
    return bool(frozen or cell.metadata.get("frozen"))
