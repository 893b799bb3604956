"""NB501."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.learning.findings import Leak
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# Findings of one cell that are listed with the first; more of them say nothing new.
MOST_LISTED = 4


class PreprocessingLeakage(Rule):
    """Something is learned from rows that a model is tested on later.

    ## What it does

    Follows the rows of the data, from where they are read through splits, transformers, functions of the notebook,
    columns and tables, to the models. Reports where something is learned from all of them (a scaler, imputer,
    selector, vectorizer or PCA is fitted, a mean, median, quantile or mode is computed) and then goes into the values
    that a model is trained on, when other rows of the same data are kept apart to test that model: by
    `train_test_split`, by folds, samples, slices or masks. Data handed to `cross_val_score` counts as split where no
    other rows are kept apart.

    What counts is the flow of values, not the order of the text. Silent where what is learned stays unused
    (exploration), where it is learned from the training rows and applied to both, for what learns nothing but which
    categories or words there are (encoders, `get_dummies`, a `CountVectorizer` that keeps all words), for what works
    row by row, for rows that are only filtered, and for everything inside a `Pipeline` that is fitted on the training
    rows or handed to cross-validation. Resampling before the split is `overlap-leakage`.

    ## Why is this bad?

    The training data knows something of the test rows, so the score is better than it will be on new data, and nobody
    can say by how much.

    ## Example

    ```python
    # %%
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    df = pd.read_csv("patients.csv")
    X = StandardScaler().fit_transform(df.drop(columns="ill"))

    # %%
    X_train, X_test, y_train, y_test = train_test_split(X, df["ill"], random_state=0)
    model = LogisticRegression().fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```

    ## Use instead

    ```python
    # %%
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    df = pd.read_csv("patients.csv")

    # %%
    X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="ill"), df["ill"], random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)
    print(model.score(X_test, y_test))
    ```
    """

    code = "NB501"
    severity = Severity.ERROR
    triggers = ("sklearn", "keras", "xgboost", "lightgbm", "catboost", "imblearn", "torch")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell that learns too much."""
        cells: dict[int, list[Leak]] = {}
        for leak in context.analysis.learning.leaks:
            cells.setdefault(leak.learned.place[0], []).append(leak)
        for found in cells.values():
            yield _report(context, found)


def _report(context: Context, found: list[Leak]) -> Diagnostic:
    first, others = found[0], found[1:]
    split = context.analysis.range(*first.split)
    related = [Related(split, _told_apart(first))]
    related += [
        Related(context.analysis.range(*leak.learned.place), f"so does {leak.learned.name} here")
        for leak in others[:MOST_LISTED]
    ]
    more = f" ({len(others) + 1} times in this cell)" if others else ""
    message = f"{first.learned.name} learns from the test rows, too{more}: {_advice(first, split.cell)}"
    home, node = first.learned.place
    where = context.callee(home, node) if isinstance(node, ast.Call) else context.analysis.range(home, node)
    return context.diagnostic(where, message, related=tuple(related))


def _told_apart(leak: Leak) -> str:
    if leak.cross_validated:
        return "cross-validation holds back rows here that it has learned from"
    return "the test rows are kept apart here" if leak.separated else "the model is asked about those rows here"


def _advice(leak: Leak, cell: int) -> str:
    if leak.cross_validated:
        return "put it into a pipeline, which cross-validation fits for each fold"
    if leak.separated:
        where = "" if cell == leak.learned.place[0] else f" (cell {cell + 1})"
        return f"split{where} first, then fit on the training rows"
    return f"those asked about in cell {cell + 1} are among them; fit on the training rows only"
