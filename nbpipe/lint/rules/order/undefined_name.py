"""NB102."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import misspelt, ordinal, where_run
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.undefined import UndefinedUse
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# What people write where the reader is to put something: xxx, YOUR_TOKEN, ____.
_GAP = pattern(r"x{3,}|_{4,}|your\w*|todo|(change|fill|replace)_?me", re.IGNORECASE)


class UndefinedName(Rule):
    """A name is used that no cell defines.

    ## What it does

    Runs the notebook's data flow top-down, as Restart & Run All would, and reports a name that no definition can
    reach and that none below defines. It follows calls: a function that reads such a name is reported where it is
    called, and a function that nothing calls is reported as a warning. A name that was deleted before is reported with
    the place of the deletion. A gap to fill in (`xxx`, `YOUR_TOKEN`) is an info.

    Silent where a star import, `%run` or a cell that does not parse may have defined the name, inside a `try` that
    catches `NameError`, and in cells tagged `raises-exception`.

    ## Why is this bad?

    Restart & Run All stops here with a `NameError`.

    ## Example

    ```python
    # %%
    total = price * amount
    ```

    ## Use instead

    ```python
    # %%
    price, amount = 3, 4

    # %%
    total = price * amount
    ```
    """

    code = "NB102"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell."""
        for found in context.analysis.undefined_uses:
            if found.kind == "never" and "raises-exception" not in context.notebook.cells[found.use.cell].tags:
                yield self._report(context, found)

    def _report(self, context: Context, found: UndefinedUse) -> Diagnostic:
        use = found.use
        where = context.analysis.range(use.home, use.node)
        deletions = [definition for definition in found.definitions if definition.node is not None]
        if deletions:
            gone = deletions[-1]
            related = tuple(
                Related(context.analysis.range(deletion.home, deletion.node), f"`{use.name}` is deleted here")
                for deletion in deletions
                if deletion.node is not None
            )
            message = f"`{use.name}` is no longer defined: {ordinal(gone.home)} deletes it{where_run(use)}"
            return context.diagnostic(where, message, related=related)
        if _GAP.fullmatch(use.name):
            message = f"`{use.name}` is defined in no cell (is there a gap to fill in?)"
            return context.diagnostic(where, message, severity=Severity.INFO)
        hint = misspelt(use.name, context.analysis.top_down.definitions)
        if use.uncalled:
            message = f"`{use.name}` is defined in no cell; this function would fail when called{hint}"
            return context.diagnostic(where, message, severity=Severity.WARNING)
        return context.diagnostic(where, f"`{use.name}` is defined in no cell{where_run(use)}{hint}")
