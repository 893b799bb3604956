"""NB210."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class SeveralParametersCells(Rule):
    """More than one cell is tagged `parameters`.

    ## What it does

    Reports every code cell tagged `parameters` after the first. A cell tagged `injected-parameters`, which papermill
    puts behind the first one, is none of them.

    ## Why is this bad?

    papermill takes the first tagged cell for the parameters cell and puts the values of a run right behind it. What the
    later cell binds comes after them and overwrites them, or is not offered as a parameter at all.

    ## Example

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    # %%
    import pandas as pd

    # %% tags=["parameters"]
    max_rows = 1000
    # %%
    df = pd.read_csv(data_path, nrows=max_rows)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    max_rows = 1000
    # %%
    import pandas as pd

    # %%
    df = pd.read_csv(data_path, nrows=max_rows)
    ```
    """

    code = "NB210"
    severity = Severity.WARNING
    python_only = False
    tagged = ("parameters",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the second and all later cells."""
        from nbpipe.settings.configuration import parameters_cells

        cells = [context.notebook.cells[index] for index in parameters_cells(context.notebook)]
        for cell in cells[1:]:
            related = (Related(context.line(cells[0].index), "the values of a run are put behind this cell"),)
            message = f"cell {cells[0].index + 1} is tagged 'parameters' already: papermill takes the first one only"
            yield context.diagnostic(context.line(cell.index), message, related=related)
