"""NB110."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.kernel_restart import leaves_nothing, restarts_kernel
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell


class MixedSessions(Rule):
    """The same execution count stands at two cells.

    ## What it does

    Reports the first count that stands twice in a notebook, in any language, with both cells, and says how many more
    there are. A kernel gives each count once, so the two cells were run in different sessions, or one was copied from
    the other with its outputs and then changed.

    Silent for two cells with the same source and outputs, which are such a copy, and where all cells have the same
    count, as some tools write it; for cells that leave nothing behind that a result could rest on (installing,
    importing, asking for versions, showing a picture from a file, parameters); and across a cell in which the notebook
    restarts its kernel itself.

    ## Why is this bad?

    The stored results come from sessions that did not know of each other: data that was read in one may be missing,
    older or different in the other. What the counts tell about the order of the runs cannot be trusted either.

    ## Example

    ```python
    # %% In [1]
    rate = 0.1

    # %% In [1]
    print("ready")
    ```

    ## Use instead

    Restart the kernel and run all cells.

    ```python
    # %% In [1]
    rate = 0.1

    # %% In [2]
    print("ready")
    ```
    """

    code = "NB110"
    severity = Severity.WARNING
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield at most one finding."""
        counted = [
            cell
            for cell in context.notebook.cells
            if cell.cell_type == "code" and cell.execution_count and cell.source.strip()
        ]
        counts = {cell.execution_count for cell in counted}
        if len(counts) == len(counted) or (len(counts) == 1 and len(counted) > _PAIR):
            return
        twice = [pair for cells in _by_count(counted).values() if len(cells) > 1 and (pair := _pair(cells)) is not None]
        if not twice:
            return
        first, second = min(twice, key=lambda pair: pair[1].index)
        more = len(twice) - 1
        others = f"; so do {more} more counts" if more > 1 else "; so does one more count" if more else ""
        yield context.diagnostic(
            context.line(second.index),
            f"In [{second.execution_count}] stands at {ordinal(first.index)}, too{others}: "
            "the stored results come from more than one session",
            related=(Related(context.line(first.index), "the same count stands here"),),
        )


_PAIR = 2


def _by_count(cells: list[Cell]) -> dict[tuple[int, int | None], list[Cell]]:
    """Group the cells that leave something behind by count, apart before and after each restart of the kernel."""
    restarts = 0
    groups: dict[tuple[int, int | None], list[Cell]] = {}
    for cell in cells:
        if restarts_kernel(cell.source):
            restarts += 1
        elif "parameters" not in cell.tags and not leaves_nothing(cell.source):
            groups.setdefault((restarts, cell.execution_count), []).append(cell)
    return groups


def _pair(cells: list[Cell]) -> tuple[Cell, Cell] | None:
    """Give the first two cells of which one is no copy of the other."""
    first = cells[0]
    other = next((cell for cell in cells if cell.source != first.source or cell.raw_outputs != first.raw_outputs), None)
    return (first, other) if other is not None else None
