"""NB804."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


SUPPRESSION = "# nbpipe: ignore"  # silencing another finding makes no cell too long


class LongCell(Rule):
    """A code cell is too long to be taken in.

    ## What it does

    Reports a code cell with more than `long-cell-lines` lines that are not blank (50 unless configured).

    ## Why is this bad?

    A cell is the unit in which a notebook is run, read and repaired. A long one does several things, of which only the
    last shows its result; when it fails in the middle, it is half done, and running it again starts it all over. Code
    of that length wants functions in a module, or several cells.

    ## Example

    This example needs `long-cell-lines = 3`.

    ```python long-cell-lines=3
    # %%
    rows = [1, 2, 3]
    total = sum(rows)
    mean = total / len(rows)
    print(mean)
    ```

    ## Use instead

    ```python long-cell-lines=3
    # %%
    rows = [1, 2, 3]
    # %%
    mean = sum(rows) / len(rows)
    print(mean)
    ```
    """

    code = "NB804"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each cell above the limit."""
        limit = context.settings.long_cell_lines
        for cell in context.notebook.cells:
            if cell.cell_type != "code" or cell.source.count("\n") < limit:
                continue
            stripped = (line.strip() for line in cell.source.split("\n"))
            lines = sum(1 for line in stripped if line and not line.startswith(SUPPRESSION))
            if lines > limit:
                message = f"{ordinal(cell.index)} has {lines} lines; the limit is {limit}"
                yield context.diagnostic(context.line(cell.index), message)
