"""NB103."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import cells_of, counted, listed, ordinal, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.undefined import UndefinedUse
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class UseBeforeDefinition(Rule):
    """A name is used before the cell that defines it.

    ## What it does

    Reports a name whose only definitions come after its use when the notebook is run top-down: in a later cell, or
    later in the same cell. Calls are followed: a function may read a name that is defined below it, as long as it is
    called only below that. A function's own variable that it reads before it binds it is reported, too.

    Says "possibly", as an info, where a star import, `%run` or a cell that does not parse may have defined the name
    above; silent then where the cell was run and left no error, as something did define it, and where the definition
    below is an import, which what stands above will have made, too.

    ## Why is this bad?

    The notebook works only because its cells were run in another order, which is lost when it is closed. Restart &
    Run All stops here with a `NameError`.

    ## Example

    ```python
    # %% In [2]
    area = width * 3

    # %% In [1]
    width = 2
    ```

    ## Use instead

    ```python
    # %% In [1]
    width = 2

    # %% In [2]
    area = width * 3
    ```

    ## Fix safety

    The fix moves cells, as few as possible and with the text that introduces them, so that the notebook runs from the
    top. It is offered only where that order is known: from the execution counts where they show one run of every cell,
    else from the one cell that defines the name; and only where analysing the result finds nothing undefined. It is
    unsafe because files and services that cells use may want another order, and because a text may speak of the cells
    in the order they had.
    """

    code = "NB103"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell."""
        for found in context.analysis.undefined_uses:
            if found.kind == "later" and "raises-exception" not in context.notebook.cells[found.use.cell].tags:
                yield self._report(context, found)

    def _report(self, context: Context, found: UndefinedUse) -> Diagnostic:
        use = found.use
        where = context.analysis.range(use.home, use.node)
        if use.local:
            return context.diagnostic(
                where, f"`{use.name}` is a variable of this function, which has not bound it yet{where_run(use)}"
            )
        related = tuple(
            Related(context.analysis.range(definition.home, definition.node), f"`{use.name}` is defined here")
            for definition in found.definitions[:1]
            if definition.node is not None
        )
        if all(definition.cell == use.cell for definition in found.definitions):
            place = "later in this cell"
        else:
            cells = cells_of(definition for definition in found.definitions if definition.cell != use.cell)
            place = "in " + listed([counted(context.notebook, index) for index in cells[:2]])
        message = f"`{use.name}` is used before it is defined {place}{where_run(use)}"
        if found.certain:
            return context.diagnostic(where, message, related=related, fix=context.reordering)
        message = f"possibly, {message}, unless {_opaque(context)} defines it"
        return context.diagnostic(where, message, related=related, severity=Severity.INFO)


def _opaque(context: Context) -> str:
    """Name the first thing above that may define any name: its code, or words where it is none."""
    mark = next(mark for mark in context.analysis.top_down.opaque if mark.binds)
    words = mark.reason.startswith("a ")
    return f"{ordinal(mark.cell)} ({mark.reason})" if words else f"`{mark.reason}`"
