"""NB805."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class LongNotebook(Rule):
    """A notebook has so many cells that nobody sees how they hang together.

    ## What it does

    Reports, once, a notebook with more than `long-notebook-cells` cells that are not empty, text included (100 unless
    configured).

    ## Why is this bad?

    All cells share one set of names, so each of them may depend on any other. The more there are, the less can be
    run, understood or changed on its own, and the longer Restart & Run All takes to say that something broke. Such a
    notebook is several: one that prepares, one that trains, one that shows; or a module and a notebook that uses it.

    ## Example

    This example needs `long-notebook-cells = 2`.

    ```python long-notebook-cells=2
    # %%
    rows = [1, 2, 3]
    # %%
    total = sum(rows)
    # %%
    print(total)
    ```

    ## Use instead

    ```python long-notebook-cells=2
    # %%
    rows = [1, 2, 3]
    # %%
    print(sum(rows))
    ```
    """

    code = "NB805"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for a notebook above the limit."""
        limit = context.settings.long_notebook_cells
        if len(context.notebook.cells) <= limit:
            return
        cells = sum(1 for cell in context.notebook.cells if cell.source.strip())
        if cells > limit:
            yield context.diagnostic(None, f"the notebook has {cells} cells; the limit is {limit}")
