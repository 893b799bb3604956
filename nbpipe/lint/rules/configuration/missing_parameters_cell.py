"""NB205."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.settings.setting import Setting

SHOWN = 5


class MissingParametersCell(Rule):
    """Settings stand in the code, and no cell is tagged `parameters`.

    ## What it does

    Reports notebooks that have two settings or more and no cell tagged `parameters`. Settings are what
    `hardcoded-path`, `hardcoded-hyperparameter`, `hardcoded-endpoint` and `constant-outside-parameters` find. One
    finding a notebook. Where a cell at the top holds constants and nothing else, that cell is named: it wants the tag
    only.

    Silent where a notebook takes its parameters in another way: Colab's form lines (`#@param`), Databricks'
    widgets. Silent in nbgrader's assignments. Silent where its only settings are paths below `/tmp`, and about a
    single setting, which its own rule reports.

    ## Why is this bad?

    A notebook with a parameters cell is a function: papermill, a scheduler or a pipeline runs it with other values, and
    its first cell tells a reader all that can be set. Without one, every variation is a copy of the notebook.

    ## Example

    ```python
    # %%
    DATA = "churn.csv"
    MAX_ROWS = 1000
    # %%
    import pandas as pd

    df = pd.read_csv(DATA, nrows=MAX_ROWS)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    DATA = "churn.csv"
    MAX_ROWS = 1000
    # %%
    import pandas as pd

    df = pd.read_csv(DATA, nrows=MAX_ROWS)
    ```

    ## Fix safety

    The fix tags the cell that is the parameters cell in all but the tag. Where there is none, it makes a cell in the
    place of the first code cell and moves to it all settings that can be moved, as the fixes of the other rules do. The
    notebook computes the same. It is unsafe because it changes how the notebook reads.
    """

    code = "NB205"
    severity = Severity.INFO

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield at most one finding."""
        from nbpipe.settings.configuration import (
            TAGS,
            has_form,
            is_assignment,
            parameters_cells,
            untagged_parameters_cell,
        )

        notebook = context.notebook
        if parameters_cells(notebook, TAGS) or has_form(notebook) or is_assignment(notebook):
            return
        cell = untagged_parameters_cell(context.analysis)
        if cell is not None:
            yield _untagged(context, cell)
            return
        from nbpipe.settings.finding import find_settings

        settings = list({setting.range: setting for setting in find_settings(context.analysis)}.values())
        if len(settings) > 1 and not all(map(_is_temporary, settings)):
            yield _missing(context, settings)


def _untagged(context: Context, cell: int) -> Diagnostic:
    from nbpipe.lint.extraction import TAGGING

    analysis = context.analysis
    found = context.notebook.cells[cell]
    metadata = {**found.metadata, "tags": [*found.tags, "parameters"]}
    fix = Fix(TAGGING, (FieldEdit(cell, "metadata", metadata),), Applicability.UNSAFE)
    message = "the cell holds nothing but settings and is not tagged 'parameters': no run can give them other values"
    return context.diagnostic(analysis.range(cell, analysis.codes[cell].body[0]), message, fix=fix)


def _missing(context: Context, settings: list[Setting]) -> Diagnostic:
    from nbpipe.lint.extraction import extraction_of

    extraction = extraction_of(context.analysis)
    related = tuple(Related(setting.range, "another setting") for setting in settings[1 : SHOWN + 1])
    message = (
        f"{len(settings)} settings stand in the code, the first of them here, and no cell is tagged 'parameters': "
        "no run can give them other values"
    )
    fix = extraction.fix(extraction.movable(settings))
    return context.diagnostic(settings[0].range, message, related=related, fix=fix)


def _is_temporary(setting: Setting) -> bool:
    from nbpipe.settings.path_shape import Shape, shape_of
    from nbpipe.settings.setting import PATH

    return setting.kind == PATH and shape_of(setting.value) is Shape.TEMPORARY
