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
    (`out_path = data_dir + "/out"`), however that one got its value, and those that are computed
    (`start = datetime.now()`, `path = Path("data.csv")`, `session = Session()`), the latter in one finding for each
    cell.

    Silent for arithmetic on literals (`60 * 60`), empty containers, `float("inf")`, and for values that come from the
    environment or from widgets, where a run can set them; for imports and functions; for constants of libraries
    (`SEED = library.SEED`, `math.pi / 2`), paths that are joined of literals, and for texts that an account of a cloud
    gives (`session.default_bucket()`, `boto3.Session().region_name`), which a run may set to others.

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
    tagged = ("parameters",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the parameters that are made from others, then those that are computed, together for each cell."""
        from nbpipe.settings.definitions import is_given, is_plain, is_referring, of_account, parameter_definitions

        parameters = parameter_definitions(context.analysis)
        settable: dict[str, ParameterDefinition] = {}
        computed: dict[int, list[ParameterDefinition]] = {}
        for parameter in parameters:
            value = parameter.value
            if value is None or is_plain(value) or is_given(value) or of_account(value):
                settable[parameter.name] = parameter
                continue
            source = next((settable[name] for name in _names(value) if name in settable), None)
            if source is not None:
                settable[parameter.name] = parameter
                yield _derived(context, parameter, source)
            elif is_referring(value):
                settable[parameter.name] = parameter
            else:
                computed.setdefault(parameter.home, []).append(parameter)
        for group in computed.values():
            yield _computed(context, group)


def _names(value: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(value) if isinstance(node, ast.Name)]


def _derived(context: Context, parameter: ParameterDefinition, source: ParameterDefinition) -> Diagnostic:
    analysis = context.analysis
    related = (Related(analysis.range(source.home, source.target), "the parameter"),)
    message = f"'{parameter.name}' is computed from the parameter '{source.name}' before a run can set '{source.name}'"
    return context.diagnostic(analysis.range(parameter.home, parameter.target), message, related=related)


def _computed(context: Context, group: list[ParameterDefinition]) -> Diagnostic:
    analysis = context.analysis
    where = analysis.range(group[0].home, group[0].target)
    names = [f"'{parameter.name}'" for parameter in group]
    if len(names) == 1:
        return context.diagnostic(
            where, f"the parameter {names[0]} is computed: neither type nor default can be read off"
        )
    message = (
        f"the parameters {', '.join(names[:-1])} and {names[-1]} are computed: neither type nor default can be read off"
    )
    return context.diagnostic(where, message)
