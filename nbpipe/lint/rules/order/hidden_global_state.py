"""NB113."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.process_state import StateChange
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

_WHAT = {
    "cwd": "the working folder",
    "matplotlib.rcParams": "how plots look",
    "pandas.options": "how tables are shown",
}


class HiddenGlobalState(Rule):
    """A setting of the whole process is changed between two cells that rely on it.

    ## What it does

    Reports where the notebook changes, after one cell has relied on it and before another does,

    - the working folder (`os.chdir`, `%cd`): cells that open relative paths rely on it;
    - an environment variable (`os.environ["KEY"] = ...`): cells that read the same variable;
    - matplotlib's settings (`plt.rcParams`, `plt.style.use`, `sns.set_theme`): cells that draw;
    - pandas' options (`pd.set_option`): cells whose value is a table.

    It is told once for each. Silent where the setting is made before anything relies on it, and for cells that make
    the setting themselves. `sys.path` and warning filters are not looked at: it cannot be seen who relies on them.

    ## Why is this bad?

    The setting is in no variable and in no output, and it stays. The first cell, run again, works under the second
    setting: it looks for its file in another folder, or draws another picture than Restart & Run All.

    ## Example

    ```python
    # %%
    import os
    import pandas as pd

    # %%
    prices = pd.read_csv("prices.csv")

    # %%
    os.chdir("data")

    # %%
    rates = pd.read_csv("rates.csv")
    ```

    ## Use instead

    ```python
    # %%
    import pandas as pd

    # %%
    prices = pd.read_csv("prices.csv")

    # %%
    rates = pd.read_csv("data/rates.csv")
    ```
    """

    code = "NB113"
    severity = Severity.INFO
    default = False
    triggers = (
        *("chdir", "%cd", "environ", "rcParams", "style.use", ".rc(", "sns.set", "seaborn.set", "set_option"),
        *("pd.options", "pandas.options"),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each setting."""
        from nbpipe.analysis.process_state import state_changes

        for change in state_changes(context.analysis):
            yield _report(context, change)


def _report(context: Context, change: StateChange) -> Diagnostic:
    analysis = context.analysis
    what = _WHAT.get(change.kind, f"the environment variable `{change.detail}`")
    before, after = ordinal(change.before.cell), ordinal(change.after.cell)
    node = change.node
    where = context.line(change.cell, node) if isinstance(node, int) else analysis.range(change.cell, node)
    return context.diagnostic(
        where,
        f"{what} is changed here, after {before} relied on it and before {after} does: "
        f"run again, {before} meets the changed one",
        related=(
            Related(analysis.range(change.before.home, change.before.node), "relies on it before"),
            Related(analysis.range(change.after.home, change.after.node), "relies on it after"),
        ),
    )
