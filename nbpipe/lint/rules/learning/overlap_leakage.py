"""NB502."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.learning.findings import Overlap
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class OverlapLeakage(Rule):
    """The same rows, or rows made from them, are on both sides of a split.

    ## What it does

    Follows the rows of the data to the models, as `preprocessing-leakage` does, and reports two things. Rows are
    repeated, or made out of several others, before the split: `SMOTE` and its kin, `resample` and `sample` with
    replacement, a table put below itself. And a model is scored on rows that it was surely fitted on, although rows
    were kept apart: fitted on all of them and scored on the test part, or fitted on the training part and scored on
    all.

    Silent where only the training rows are resampled, for undersampling and sampling without replacement, inside
    imbalanced-learn's pipelines, for the score on the training rows themselves, and where nothing was split.

    ## Why is this bad?

    The model has seen the answers: the score says how well it remembers, not how well it predicts.

    ## Example

    ```python
    # %%
    import pandas as pd
    from imblearn.over_sampling import SMOTE
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    df = pd.read_csv("payments.csv")
    X, y = SMOTE(random_state=0).fit_resample(df.drop(columns="fraud"), df["fraud"])

    # %%
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = RandomForestClassifier(random_state=0).fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead

    ```python
    # %%
    import pandas as pd
    from imblearn.over_sampling import SMOTE
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    df = pd.read_csv("payments.csv")

    # %%
    X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="fraud"), df["fraud"], random_state=0)
    X_more, y_more = SMOTE(random_state=0).fit_resample(X_train, y_train)
    model = RandomForestClassifier(random_state=0).fit(X_more, y_more)
    print(model.score(X_test, y_test))
    ```
    """

    code = "NB502"
    severity = Severity.ERROR
    triggers = ("sklearn", "keras", "xgboost", "lightgbm", "catboost", "imblearn")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each operation."""
        for overlap in context.analysis.learning.overlaps:
            yield _report(context, overlap)


def _report(context: Context, overlap: Overlap) -> Diagnostic:
    home, node = overlap.place
    where = context.callee(home, node) if isinstance(node, ast.Call) else context.analysis.range(home, node)
    other = context.analysis.range(*overlap.other)
    if overlap.duplication is None:
        name = overlap.evaluation.training.name
        message = f"{name} is scored here on rows that it was fitted on in cell {other.cell + 1}"
        related = Related(other, "fitted on rows among which are those it is scored on")
    else:
        name = overlap.duplication.name
        message = f"{name} repeats rows before the split in cell {other.cell + 1}: copies of test rows are trained on"
        related = Related(other, "here the copies come to stand on both sides")
    return context.diagnostic(where, message, related=(related,))
