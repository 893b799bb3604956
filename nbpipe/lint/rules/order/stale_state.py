"""NB104."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import misspelt, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class StaleState(Rule):
    """A cell ran with a name that no cell defines any more.

    ## What it does

    Reports a name that no cell defines, in a cell whose stored count and output show that it ran all the same: the
    name came from a cell that has since been deleted or edited, and lived on in the session. A missing count before
    the cell's own tells of such a run and is named.

    ## Why is this bad?

    The outputs cannot be made again: what the name held is in no file. Restart & Run All stops here with a
    `NameError`.

    ## Example

    ```python
    # %% In [3]
    threshold * 2
    # Out: 84
    ```

    ## Use instead

    ```python
    # %% In [1]
    threshold = 42

    # %% In [2]
    threshold * 2
    # Out: 84
    ```
    """

    code = "NB104"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell."""
        session = context.analysis.session
        for found in context.analysis.undefined_uses:
            use = found.use
            if found.kind != "stale" or "raises-exception" in context.notebook.cells[use.cell].tags:
                continue
            count = session.counts[use.cell]
            gap = session.gap(0, count)
            evidence = f"; In [{gap}] is missing before it" if gap is not None else ""
            hint = misspelt(use.name, context.analysis.top_down.definitions)
            yield context.diagnostic(
                context.analysis.range(use.home, use.node),
                f"`{use.name}` is defined in no cell, yet this cell ran as In [{count}]{where_run(use)}: "
                f"it used a cell that has been deleted or edited since{evidence}{hint}",
            )
