"""NB813."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Severity
from nbpipe.lint.reporting import plural
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class CommittedExecutionCounts(Rule):
    """A notebook is stored with its execution counts.

    ## What it does

    Reports, once, a notebook whose code cells keep the numbers of their last runs, for teams that keep notebooks
    without them in version control. The number that a stored result carries of its own is part of the output:
    see committed-outputs.

    ## Why is this bad?

    Running a notebook again changes every number, so that each cell shows up in the next diff and branches conflict
    in them. This is a choice: the counts are also the only trace of the order in which the cells ran, from which
    out-of-order-execution and its kin tell whether the stored outputs can be trusted. So the rule is off unless
    selected.

    ## Example

    ```python
    # %% In [1]
    rows = [1, 2, 3]
    # %% In [2]
    total = sum(rows)
    ```

    ## Use instead

    ```python
    # %%
    rows = [1, 2, 3]
    # %%
    total = sum(rows)
    ```

    The fix clears the counts of the cells, and nothing else.
    """

    code = "NB813"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for all counts."""
        counted = [cell for cell in context.notebook.cells if cell.execution_count is not None]
        if not counted:
            return
        edits = tuple(FieldEdit(cell.index, "execution_count", None) for cell in counted)
        yield context.diagnostic(
            None,
            f"{plural(len(counted), 'code cell')} {'is' if len(counted) == 1 else 'are'} stored with execution counts",
            fix=Fix("clear the execution counts", edits, Applicability.SAFE),
        )
