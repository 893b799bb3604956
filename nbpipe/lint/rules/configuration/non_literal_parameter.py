"""NB208."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.settings.definitions import ParameterDefinition


class NonLiteralParameter(Rule):
    """A value in the parameters cell is computed, not written down.

    ## What it does

    Reports names in a cell tagged `parameters` whose value is no literal: one that is made from another parameter
    (`out_path = data_dir + "/out"`), and one that is computed (`start = datetime.now()`, `path = Path("data.csv")`).

    Silent for arithmetic on literals (`60 * 60`), empty containers, `float("inf")`, and for values that come from the
    environment or from widgets, where a run can set them; for imports and functions.

    ## Why is this bad?

    papermill and its like put the values of a run *behind* the parameters cell. What the cell has computed from the
    default of another parameter by then stays as it was: the run reads the new data and writes to the old place. And of
    a value that is computed neither type nor default can be shown, checked or recorded; the run's value is of another
    type (a text where the code wants a `Path`).

    ## Example

    ```python
    # %% tags=["parameters"]
    data_dir = "data"
    out_path = data_dir + "/predictions.csv"
    # %%
    df.to_csv(out_path)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    data_dir = "data"
    # %%
    out_path = data_dir + "/predictions.csv"
    df.to_csv(out_path)
    ```
    """

    code = "NB208"
    severity = Severity.WARNING
    triggers = ('"parameters"',)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the parameters that are computed."""
        from nbpipe.settings.definitions import is_given, is_plain, parameter_definitions

        parameters = {each.name: each for each in parameter_definitions(context.analysis)}
        for parameter in parameters.values():
            if parameter.value is not None and not is_plain(parameter.value) and not is_given(parameter.value):
                yield _report(context, parameter, parameters)


def _report(context: Context, parameter: ParameterDefinition, parameters: dict[str, ParameterDefinition]) -> Diagnostic:
    value = parameter.value
    assert value is not None  # noqa: S101 - the caller has looked
    analysis = context.analysis
    where = analysis.range(parameter.home, parameter.target)
    source = next(
        (
            parameters[node.id]
            for node in ast.walk(value)
            if isinstance(node, ast.Name) and node.id in parameters and node.id != parameter.name
        ),
        None,
    )
    if source is None:
        return context.diagnostic(
            where, f"the parameter '{parameter.name}' is computed, so that it has no known default"
        )
    related = (Related(analysis.range(source.home, source.target), "the parameter"),)
    message = f"'{parameter.name}' is computed from the parameter '{source.name}' before a run can set '{source.name}'"
    return context.diagnostic(where, message, related=related)
