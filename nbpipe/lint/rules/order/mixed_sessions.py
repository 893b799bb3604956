"""NB110."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

    Silent for two cells with the same source, which are such a copy, and where all cells have the same count, as some
    tools write it.

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
        by_count: dict[int, list[Cell]] = {}
        for cell in context.notebook.cells:
            if cell.cell_type == "code" and cell.execution_count and cell.source.strip():
                by_count.setdefault(cell.execution_count, []).append(cell)
        if len(by_count) <= 1 and any(len(cells) > _PAIR for cells in by_count.values()):
            return
        twice = [pair for cells in by_count.values() if (pair := _pair(cells)) is not None]
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


def _pair(cells: list[Cell]) -> tuple[Cell, Cell] | None:
    """Give the first two cells that differ."""
    other = next((cell for cell in cells if cell.source != cells[0].source), None)
    return (cells[0], other) if other is not None else None
