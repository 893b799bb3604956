"""NB202."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic, Fix
    from nbpipe.notebook.model import Range
    from nbpipe.settings.setting import Setting

SHOWN = 30
# Modules of what looks at data and predicts nothing: it is tried out with numbers, often the library's own.
LOOKING = ("sklearn.cluster.", "sklearn.datasets.", "sklearn.decomposition.", "sklearn.feature_extraction.",
           "sklearn.manifold.", "sklearn.preprocessing.")  # fmt: skip
PICTURED = (2, 3)  # as many components as can be plotted


class HardcodedHyperparameter(Rule):
    """A hyperparameter is given as a literal where it is used.

    ## What it does

    Reports literals that reach a known setting of an estimator, a split, an optimizer or a training loop:
    `n_estimators`, `test_size`, `lr`, `epochs`, `batch_size`, `C`, `n_clusters`... One finding a call, which names all
    of its settings. A literal reaches a setting directly, through a name that surely holds it, or in a dict
    (`params = {...}`, `XGBClassifier(**params)`). The bound of a loop over epochs and the threshold that
    `predict_proba` is compared with are settings, too.

    In a notebook with a cell tagged `parameters`, every such call is reported: there its author keeps settings apart.
    In any other one, only calls that are given three of them or more, which `hyperparameters-per-call` changes: a
    test's share or a number of neighbours alone is often what a lesson is about, and `missing-parameters-cell` counts
    them all. A number that a statement has given a name, and the two or three components of a picture, do not count
    towards these, nor do those of what only looks at data (`KMeans`, `TSNE`, vectorizers, makers of data).

    The settings of scikit-learn, imbalanced-learn, xgboost, lightgbm, catboost, torch, Keras, Lightning, transformers
    and fastai are known; a few names, such as `learning_rate`, mean the same in any call.

    Silent for cells tagged `parameters` and Colab form lines; for 0, 1, -1, 0.5 as a threshold, None and booleans,
    which choose rather than tune; for `random_state`, `n_jobs`, `verbose`, `axis`, `figsize`, column names, and texts
    that say what to do (`strategy="mean"`), other than those that are tuned (`kernel`, `criterion`, `penalty`,
    `metric`, `loss`...); for names in capitals, which are constants that their author has named, for objects of the
    notebook's own that gather settings (`Config(lr=0.1)`), for default values of its own functions, for search spaces
    and for layers of networks.

    ## Why is this bad?

    What one wants to vary is buried in what one wants to keep. A run with other values needs another copy of the
    notebook; which values gave which result is written down nowhere; neither papermill nor a pipeline can set them.

    ## Example

    ```python
    # %%
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=500, max_depth=8, min_samples_leaf=5, random_state=0)
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    n_estimators = 500
    max_depth = 8
    min_samples_leaf = 5
    # %%
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        n_estimators=n_estimators, max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=0
    )
    ```

    ## Fix safety

    The fix moves the literal to the parameters cell, which it makes where there is none, and puts the parameter's name
    where the literal stood; an assignment that gives the literal to a name already is moved as it is. The notebook
    computes the same. It is unsafe because it changes how the notebook reads, and because literals with the same value
    for the same purpose become one parameter. There is no fix where a name bound at the top might be bound again by
    something that cannot be seen (`from x import *`, `%run`, `exec`), or where a name cannot take the literal's place.
    """

    code = "NB202"
    severity = Severity.WARNING
    triggers = (
        "sklearn", "xgboost", "lightgbm", "catboost", "imblearn", "torch", "keras", "lightning", "transformers",
        "fastai", "sagemaker", "tensorflow", "epoch", "batch_size", "learning_rate", "lr=", "n_estimators", "test_size",
        "num_boost_round", "validation_split", "weight_decay", "dropout_rate", ".sample(", "datasets",
    )  # fmt: skip

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each call, loop or comparison."""
        from nbpipe.lint.extraction import extraction_of
        from nbpipe.settings.configuration import TAGS, parameters_cells
        from nbpipe.settings.hyperparameters import find_hyperparameters

        least = 1 if parameters_cells(context.notebook, TAGS) else context.settings.hyperparameters_per_call
        places: dict[int, list[Setting]] = {}
        for setting in find_hyperparameters(context.analysis):
            places.setdefault(id(setting.place), []).append(setting)
        for settings in places.values():
            if least > 1 and sum(_weighs(context, setting) for setting in settings) < least:
                continue
            yield _report(context, settings, extraction_of(context.analysis).fix(settings))


def _weighs(context: Context, setting: Setting) -> bool:
    """Tell whether a setting is hidden in its call, and more than what a picture needs."""
    from nbpipe.settings.bindings import bindings_of

    if setting.sink.startswith(LOOKING) or (setting.keyword == "n_components" and setting.value in PICTURED):
        return False
    return not bindings_of(context.analysis).assigned_name(setting.node)


def _report(context: Context, settings: list[Setting], fix: Fix | None) -> Diagnostic:
    first = settings[0]
    listed = ", ".join(f"{setting.keyword}={_shown(setting.value)}" for setting in settings)
    word = "setting" if len(settings) == 1 else "settings"
    sink = first.sink.rpartition(".")[2] or "the call"
    what = {"range": "the training loop", "predict_proba": "the decision"}.get(sink, f"'{sink}'")
    related = {
        (setting.via, setting.range): Related(setting.range, f"it is the value of '{setting.via}'")
        for setting in settings
        if setting.via
    }
    message = f"{what} has the hard-coded {word} {listed}"
    return context.diagnostic(_where(context, first), message, related=tuple(related.values()), fix=fix)


def _where(context: Context, setting: Setting) -> Range:
    """Give the last name of what is called: that of a chain of calls need not be on the chain's first line."""
    place = setting.place
    if not isinstance(place, ast.Call):
        return context.analysis.range(setting.home, place)
    return context.callee(setting.home, place)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}\u2026"
