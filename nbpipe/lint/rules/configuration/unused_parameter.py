"""NB207."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class UnusedParameter(Rule):
    """Nothing in the notebook reads a parameter.

    ## What it does

    Reports names that a cell tagged `parameters` gives a value and that no code reads: not as a name, not in a command
    (`!cp {path} .`), not in a text that might name it (`df.query("age > @limit")`, templates of SQL), not in a cell of
    another language, and not in code that is commented out, which someone may put back.

    Silent for names that begin with an underscore, and in notebooks that run other files or code which cannot be seen
    (`%run`, `exec`, `globals()`).

    ## Why is this bad?

    Whoever runs the notebook sets the parameter, and nothing changes. Often it is the rest of a setting that has
    been written into the code again, where the parameter should be read.

    ## Example

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    max_rows = 1000
    # %%
    import pandas as pd

    df = pd.read_csv(data_path)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    max_rows = 1000
    # %%
    import pandas as pd

    df = pd.read_csv(data_path, nrows=max_rows)
    ```
    """

    code = "NB207"
    severity = Severity.WARNING
    tagged = ("parameters",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the parameters that are not read, each where it is defined."""
        from nbpipe.settings.definitions import parameter_definitions

        analysis = context.analysis
        parameters = [each for each in parameter_definitions(analysis) if not each.name.startswith("_")]
        if not parameters or analysis.top_down.opaque:
            return
        read = _read_names(analysis)
        for parameter in parameters:
            if parameter.name not in read and not _is_written(analysis, parameter.name):
                where = analysis.range(parameter.home, parameter.target)
                yield context.diagnostic(where, f"nothing reads the parameter '{parameter.name}'")


def _read_names(analysis: Analysis) -> set[str]:
    """Give the names of the notebook that code or commands read, whatever value reaches them."""
    names = {use.name for use in analysis.top_down.uses.values() if not use.local}
    for code in analysis.codes.values():
        for magic in code.code.magics:
            names.update(magic.reads)
    return names


def _is_written(analysis: Analysis, name: str) -> bool:
    """Tell whether a name stands in a text, a command or the code of another language, which may read it by name."""
    import ast

    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for _, constant in analysis.nodes(ast.Constant):
        if isinstance(constant.value, str) and name in constant.value and word.search(constant.value):
            return True
    if any(_is_commented(analysis, home, word) for home, code in analysis.codes.items() if name in code.code.text):
        return True
    return any(
        word.search(magic.argument) or word.search(magic.body)
        for code in analysis.codes.values()
        for magic in code.code.magics
        if name in magic.argument or name in magic.body
    )


def _is_commented(analysis: Analysis, home: int, word: re.Pattern[str]) -> bool:
    """Tell whether a cell has a line of code behind a `#` that reads the name and does not merely give it a value."""
    for line in analysis.notebook.cells[home].source.split("\n"):
        text = line.strip()
        if text.startswith("#") and word.search(text) and re.search(r"[(\[{=.]", text):
            return True
    return False
