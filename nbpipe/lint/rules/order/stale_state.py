"""NB104."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import misspelt, ordinal, shortened, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Use
    from nbpipe.analysis.undefined import UndefinedUse
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

OTHERS = 3


class StaleState(Rule):
    """A cell ran with a name that no cell defines any more.

    ## What it does

    Reports a name that no cell defines, in a cell whose stored count and output show that it ran all the same: the
    name came from a cell that has since been deleted or edited, and lived on in the session. A missing count before
    the cell's own tells of such a run and is named. Each name is told once, where it is used first, with the other
    cells that used it.

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
        """Yield one finding for each name, where it is used first."""
        by_name: dict[str, list[UndefinedUse]] = {}
        for found in context.analysis.undefined_uses:
            if found.kind == "stale" and "raises-exception" not in context.notebook.cells[found.use.cell].tags:
                by_name.setdefault(found.use.name, []).append(found)
        for name, uses in by_name.items():
            yield _report(context, name, [found.use for found in uses])


def _report(context: Context, name: str, uses: list[Use]) -> Diagnostic:
    session = context.analysis.session
    first, *others = uses
    count = session.counts[first.cell]
    gap = session.gap(0, count)
    evidence = f"; In [{gap}] is missing before it" if gap is not None else ""
    hint = misspelt(name, context.analysis.top_down.definitions)
    elsewhere = ""
    if others:
        elsewhere = f"; {shortened(ordinal(use.cell) for use in others)} used it as well"
    return context.diagnostic(
        context.analysis.range(first.home, first.node),
        f"`{name}` is defined in no cell, yet this cell ran as In [{count}]{where_run(first)}: "
        f"it used a cell that has been deleted or edited since{evidence}{elsewhere}{hint}",
        related=tuple(
            Related(context.analysis.range(use.home, use.node), f"`{name}` is used here as well")
            for use in others[:OTHERS]
        ),
    )
