"""NB106."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.sharing import SharedChange
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class CrossCellMutation(Rule):
    """X.

    ## What it does

    ## Why is this bad?

    ## Example

    ```python
    # %%
    values = [1]

    # %%
    values.append(2)

    # %%
    print(values)
    ```

    ## Use instead

    ```python
    # %%
    values = [1]
    values.append(2)

    # %%
    print(values)
    ```
    """

    code = "NB106"
    severity = Severity.INFO

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each object."""
        from nbpipe.analysis.sharing import shared_changes

        for shared in shared_changes(context.analysis):
            yield _report(context, shared)


def _report(context: Context, shared: SharedChange) -> Diagnostic:
    analysis = context.analysis
    definition, change, use = shared.definition, shared.change, shared.use
    message = f"`{definition.name}` of {ordinal(definition.cell)} is changed here and read in {ordinal(use.cell)}"
    return context.diagnostic(analysis.range(change.home, change.node), message)
