"""NB204."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.settings.setting import Setting


class ConstantOutsideParameters(Rule):
    """A constant that configures the notebook stands outside of the parameters cell.

    ## What it does

    Reports constants (`MAX_ROWS = 1000`, `TARGET = "price"`, `seed = 7`) in cells that are not tagged `parameters`.
    A constant is a number, a text, a truth value or a list of numbers that one statement at the top level of a cell
    gives to a name in capitals, or to one that is always a setting's (`batch_size`, `learning_rate`, `seed`...). It is
    bound nowhere else, and a later cell reads it. One finding a cell, which names all of its constants.

    Off unless it is selected: of 60 findings in public notebooks that were read, 50 were constants that a run would
    want to set, the others followed from the data or from what the notebook is about, and nothing in the code tells
    these apart. `missing-parameters-cell` counts constants in any case.

    Silent for paths, hyperparameters and endpoints, of which `hardcoded-path`, `hardcoded-hyperparameter` and
    `hardcoded-endpoint` speak; in nbgrader's assignments; for Colab form lines; for names of one letter, constants
    of nature and of units (`PI`, `KB`), colours, labels, patterns, templates and queries, schemas, keys of dicts and
    limits of axes (`..._KEY`, `..._RANGE`), addresses of a cloud's services and images of containers, and where a
    comment says that no other value works. Where no cell is tagged,
    but one at the top holds constants and nothing else, `missing-parameters-cell` says that its tag is missing, and
    this rule is silent about it.

    ## Why is this bad?

    The author has set the value apart from what is done with it, but neither papermill nor a pipeline can give it
    another one, and who looks for what can be set does not find it among the parameters.

    ## Example

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    # %%
    import pandas as pd

    MAX_ROWS = 1000
    # %%
    df = pd.read_csv(data_path, nrows=MAX_ROWS)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    MAX_ROWS = 1000
    # %%
    import pandas as pd

    df = pd.read_csv(data_path, nrows=MAX_ROWS)
    ```

    ## Fix safety

    The fix moves the assignments as they are, with the comments behind them, to the parameters cell, which it makes
    where there is none. The notebook computes the same. It is unsafe because it changes how the notebook reads. There
    is no fix where something that cannot be seen might bind the name again (`from x import *`, `%run`, `exec`).
    """

    code = "NB204"
    severity = Severity.INFO
    default = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell with constants."""
        from nbpipe.settings.constants import find_constants

        if not find_constants(context.analysis):
            return
        from nbpipe.lint.extraction import extraction_of
        from nbpipe.settings.finding import find_settings
        from nbpipe.settings.setting import CONSTANT

        cells: dict[int, list[Setting]] = {}
        for setting in find_settings(context.analysis):
            if setting.kind == CONSTANT:
                cells.setdefault(setting.range.cell, []).append(setting)
        for settings in cells.values():
            names = [f"'{setting.via}'" for setting in settings]
            if len(names) == 1:
                message = f"the constant {names[0]} is a setting outside of a parameters cell"
            else:
                listed = f"{', '.join(names[:-1])} and {names[-1]}"
                message = f"the constants {listed} are settings outside of a parameters cell"
            fix = extraction_of(context.analysis).fix(settings)
            yield context.diagnostic(_where(context, settings[0]), message, fix=fix)


def _where(context: Context, setting: Setting) -> Range:
    """Give where the constant's name stands, which is at the beginning of its line in most cases."""
    where = setting.range
    line = context.notebook.cells[where.cell].source.split("\n")[where.start_line]
    if not line.startswith(setting.via):
        return where
    return Range(where.cell, where.start_line, 0, where.start_line, len(setting.via))
