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
    """An object is changed in place after a cell between had read it.

    ## What it does

    Reports a change in place (an item or column that is stored, `append`, `inplace=True`, `pop`...) of an object that
    an earlier cell made and that a cell between the two has read. Aliases are followed, and functions that change what
    they are given. It is told once for each object, at the first such change.

    Silent for models that are fitted, generators that draw and figures that are drawn in, for parts that may be copies
    (`part = df[df.a > 0]`), and for objects of the notebook's own classes.

    ## Why is this bad?

    The cell between was written for the object as it was made. Run again, it meets the changed one and may give
    another result than Restart & Run All; and whoever runs the cell again that made the object loses the change.

    ## Example

    ```python
    # %%
    prices = [3, 4]

    # %%
    print(sum(prices))

    # %%
    prices.append(5)
    ```

    ## Use instead

    Make another object, under a name of its own:

    ```python
    # %%
    prices = [3, 4]

    # %%
    print(sum(prices))

    # %%
    all_prices = [*prices, 5]
    ```
    """

    code = "NB106"
    severity = Severity.INFO
    default = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each object."""
        from nbpipe.analysis.sharing import shared_changes

        for shared in shared_changes(context.analysis):
            yield _report(context, shared)


def _report(context: Context, shared: SharedChange) -> Diagnostic:
    analysis = context.analysis
    definition, change, use = shared.definition, shared.change, shared.use
    reader = ordinal(use.cell)
    message = (
        f"`{definition.name}` (made in {ordinal(definition.cell)}) is changed here after {reader} read it: "
        f"run again, {reader} may give another result"
    )
    related = [Related(analysis.range(use.home, use.node), f"read here{where_run(use)}")]
    if definition.node is not None:
        related.insert(0, Related(analysis.range(definition.home, definition.node), "made here"))
    where = analysis.range(change.home, change.node)
    if change.cell != change.home:
        message += f" (the function is called from {ordinal(change.cell)})"
    return context.diagnostic(where, message, related=tuple(related))
