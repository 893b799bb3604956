"""NB206."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import Definition
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.settings.definitions import ParameterDefinition

LOSING = frozenset(["assignment", "class", "function", "import", "loop", "walrus", "with"])


class ParameterOverwritten(Rule):
    """A parameter is bound again below its cell, so that the value of a run is lost.

    ## What it does

    Reports the binding that takes the place of a parameter's value: one that comes before anything has read the
    parameter, or one that gives it another literal which later code reads.

    Silent where the new value is made from the old one (`data_path = Path(data_path)`, `n += 1`), where it is bound
    under a condition only (`if limit is None: limit = 10`), where the parameter has been read and its name is taken
    for something computed, and for the cell that papermill injects. Silent for what is computed in the parameters cell,
    of which `non-literal-parameter` speaks.

    ## Why is this bad?

    A run is given a value, reports it among its parameters, and computes with another one. Nothing fails.

    ## Example

    ```python
    # %% tags=["parameters"]
    max_rows = 1000
    # %%
    import pandas as pd

    max_rows = 50
    # %%
    df = pd.read_csv("data.csv", nrows=max_rows)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    max_rows = 1000
    # %%
    import pandas as pd

    # %%
    df = pd.read_csv("data.csv", nrows=max_rows)
    ```
    """

    code = "NB206"
    severity = Severity.WARNING
    tagged = ("parameters",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first binding of each parameter that loses its value."""
        from nbpipe.settings.definitions import is_given, is_plain, parameter_definitions

        analysis = context.analysis
        for parameter in parameter_definitions(analysis):
            value = parameter.value
            settable = value is None or is_plain(value) or is_given(value)
            found = _losing(analysis, parameter) if settable else None
            if found is None:
                continue
            definition, early = found
            assert definition.node is not None  # noqa: S101 - what a cell binds stands somewhere
            where = analysis.range(definition.home, definition.node)
            cell = parameter.home + 1
            if early:
                message = f"the parameter '{parameter.name}' of cell {cell} is overwritten before anything reads it"
            else:
                message = (
                    f"the parameter '{parameter.name}' of cell {cell} is overwritten: what follows ignores a run's"
                )
            related = (Related(analysis.range(parameter.home, parameter.target), "the parameter"),)
            yield context.diagnostic(where, message, related=related)


def _losing(analysis: Analysis, parameter: ParameterDefinition) -> tuple[Definition, bool] | None:
    """Give the first binding below a parameter's cell that loses its value, and whether nothing has read it before."""
    from nbpipe.settings.configuration import INJECTED

    flow = analysis.top_down
    definitions = flow.definitions.get(parameter.name, ())
    own = [each for each in definitions if each.home == parameter.home]
    injected = [index for index, cell in enumerate(analysis.notebook.cells) if INJECTED in cell.tags]
    later = [
        each
        for each in definitions
        if each.cell > parameter.home and each.home not in injected and each.home != parameter.home
    ]
    if not later:
        return None
    given = {*own, *(each for each in definitions if each.home in injected)}
    uses = [use for use in flow.uses.values() if use.name == parameter.name and not use.local]
    outside = [use for use in uses if use.home != parameter.home]
    read = any(not given.isdisjoint(use.definitions) for use in outside)
    for definition in later:
        if not _loses(analysis, definition):
            continue
        reached = any(definition in use.definitions for use in outside)
        if reached and (not read or _is_literal(analysis, definition)):
            return definition, not read
    return None


def _loses(analysis: Analysis, definition: Definition) -> bool:
    """Tell whether a binding surely puts something else in the place of the value."""
    from nbpipe.settings.literals import expression_of

    if definition.kind not in LOSING or not (definition.certain or definition.kind == "loop"):
        return False
    value = expression_of(analysis, definition)
    return value is None or not any(
        isinstance(node, ast.Name) and node.id == definition.name for node in ast.walk(value)
    )


def _is_literal(analysis: Analysis, definition: Definition) -> bool:
    from nbpipe.settings.definitions import is_plain
    from nbpipe.settings.literals import expression_of

    value = expression_of(analysis, definition)
    return value is not None and is_plain(value)
