"""NB504."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.learning.findings import Skew
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class TrainServeSkew(Rule):
    """The rows that a model is asked about went through other operations than those it was trained on.

    ## What it does

    Compares what the training rows of a model went through with what the rows went through that it is asked about.
    Reports where a transformer is fitted again on the latter, where a statistic is computed anew of them that had been
    computed of the training rows (`test.fillna(test.mean())`), where `get_dummies` or an encoder meets them by
    themselves, and where a scaler, PCA or the like that the training rows went through is left out.

    Silent where columns are made to agree afterwards (`reindex`, `align`), where data went through code that cannot be
    seen, and for rows of one table that are encoded before they are split.

    ## Why is this bad?

    The same value means one thing in training and another when the model is asked: a category gets another column or
    number, a mean is another one. The model answers a question that nobody asked, without an error.

    ## Example

    ```python
    # %%
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

    # %%
    scaler = StandardScaler()
    model = SVC().fit(scaler.fit_transform(X_train), y_train)
    print(model.score(scaler.fit_transform(X_test), y_test))
    ```

    ## Use instead

    ```python
    # %%
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

    # %%
    scaler = StandardScaler()
    model = SVC().fit(scaler.fit_transform(X_train), y_train)
    print(model.score(scaler.transform(X_test), y_test))
    ```
    """

    code = "NB504"
    severity = Severity.WARNING
    triggers = ("sklearn", "keras", "xgboost", "lightgbm", "catboost", "imblearn")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each operation."""
        for skew in context.analysis.learning.skews:
            yield _report(context, skew)


def _report(context: Context, skew: Skew) -> Diagnostic:
    first = context.analysis.range(*skew.first.place)
    home, node = skew.again.place if skew.again is not None else skew.evaluation.place
    where = context.callee(home, node) if isinstance(node, ast.Call) else context.analysis.range(home, node)
    name = skew.first.name
    if skew.again is None:
        training = skew.evaluation.training.name
        message = f"{training} was trained on data that went through {name} (cell {first.cell + 1}); this did not"
        return context.diagnostic(where, message, related=(Related(first, "the training rows go through this"),))
    what = "learns anew from the rows that the model is asked about"
    message = f"{name} {what}; use what it learned from the training rows in cell {first.cell + 1}"
    asked = context.analysis.range(*skew.evaluation.place)
    related = (Related(first, "the training rows went through this"), Related(asked, "the model is asked here"))
    return context.diagnostic(where, message, related=related)
