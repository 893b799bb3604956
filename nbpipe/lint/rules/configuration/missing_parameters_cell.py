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
LEAST = 3  # settings that are worth a cell of their own
# What a training is told, of which each call takes one or two.
TRAINING = frozenset([
    "batch_size", "epochs", "eta0", "learning_rate", "lr", "max_epochs", "max_iter", "mini_batch_size", "momentum",
    "n_epochs", "n_iter", "nb_epoch", "num_boost_round", "num_epochs", "num_train_epochs", "validation_split",
    "weight_decay",
])  # fmt: skip
# Modules of what looks at data and predicts nothing.
LOOKING = ("sklearn.cluster.", "sklearn.datasets.", "sklearn.decomposition.", "sklearn.manifold.")
LESSON = 8  # different callables that are each given hyperparameters
PICTURED = (2, 3)  # as many components as can be plotted


class MissingParametersCell(Rule):
    """Settings stand in the code, and no cell is tagged `parameters`.

    ## What it does

    Reports notebooks that have no cell tagged `parameters` and three settings or more that a run would give other
    values: paths, endpoints, constants, hyperparameters of a training (`lr`, `epochs`, `batch_size`...), those that
    have a name, and those of calls that take three or more; all of them where a path or an endpoint is among them, for
    then the notebook is about somebody's data. One finding a notebook, which counts all settings. Where a
    cell at the top holds constants and nothing else, that cell is named: it wants the tag only.

    Silent where a notebook takes its parameters in another way: Colab's form lines (`#@param`), Databricks'
    widgets. Silent in nbgrader's assignments. Silent about lessons, which show one call after the other with a number
    or two (`PCA(n_components=2)`, `test_size=0.3`) or go through many methods, about what only looks at data
    (`KMeans`), and about paths of which `hardcoded-path` says nothing.

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

        found = {setting.range: setting for setting in find_settings(context.analysis) if _counts(context, setting)}
        settings = list(found.values())
        if len(settings) >= LEAST and not _is_lesson(settings) and len(_varied(context, settings)) >= LEAST:
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


def _counts(context: Context, setting: Setting) -> bool:
    """Tell whether a setting is one that its own rule would report, if it asked for no more."""
    from nbpipe.settings.portability import is_portable
    from nbpipe.settings.setting import PATH

    if setting.kind == PATH:
        return not is_portable(context.analysis, setting)
    return not (setting.sink.startswith(LOOKING) or (setting.keyword == "n_components" and setting.value in PICTURED))


def _is_lesson(settings: list[Setting]) -> bool:
    """Tell whether the notebook goes through many methods, one after the other, and names none of their settings."""
    from nbpipe.settings.setting import HYPERPARAMETER

    sinks = {setting.sink for setting in settings if setting.kind == HYPERPARAMETER}
    return len(sinks) >= LESSON and all(setting.kind == HYPERPARAMETER for setting in settings)


def _varied(context: Context, settings: list[Setting]) -> set[tuple[str, str]]:
    """Give the settings that a run would give other values, each once: keyword, and value where it is a place."""
    from collections import Counter

    from nbpipe.settings.bindings import bindings_of
    from nbpipe.settings.setting import ENDPOINT, HYPERPARAMETER, PATH

    bindings = bindings_of(context.analysis)
    placed = any(setting.kind in (PATH, ENDPOINT) for setting in settings)
    together = Counter(id(setting.place) for setting in settings)
    return {
        (setting.keyword, repr(setting.value) if setting.kind in (PATH, ENDPOINT) else "")
        for setting in settings
        if placed
        or setting.kind != HYPERPARAMETER
        or setting.keyword in TRAINING
        or together[id(setting.place)] >= LEAST
        or bindings.assigned_name(setting.node)
    }
