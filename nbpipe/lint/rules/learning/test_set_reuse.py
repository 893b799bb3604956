"""NB503."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.traversal import walk
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.learning.uses import Reuse
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


# What sends a score to a tracker of experiments: MLflow, Azure ML, Weights & Biases, Neptune, TensorBoard.
LOGGING = frozenset(
    ["add_scalar", "log", "log_artifact", "log_metric", "log_metrics", "log_param", "log_params", "log_row", "track"]
)
LOGARITHMS = ("np.log", "numpy.log", "math.log", "torch.log")
KEEPING = frozenset(["add", "append", "extend", "insert", "setdefault", "update"])


class TestSetReuse(Rule):
    """Models, or settings of one, are chosen by their score on the test rows.

    ## What it does

    Reports a loop that makes a model with a changing setting, fits it and scores it on the test rows, and a choice
    among the test scores of several models (`max`, `idxmax`, `sort_values`, `if score > best`), when nothing in the
    notebook could serve to choose by: no search with cross-validation, no validation data, no second split. One
    finding for each cell.

    Silent for several models that are merely scored one after the other, for rows that are called validation rows, and
    for a loop that only hands its scores to a tracker of experiments (`mlflow.log_metric`, `run.log`).

    ## Why is this bad?

    The best of many scores on the same rows is best partly by luck. What was chosen by the test rows cannot be judged
    by them any more: there is no estimate left of how good the chosen model is.

    ## Example

    ```python
    # %%
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

    # %%
    scores = {}
    for k in range(1, 20):
        model = KNeighborsClassifier(n_neighbors=k).fit(X_train, y_train)
        scores[k] = model.score(X_test, y_test)
    best = max(scores, key=scores.get)
    ```

    ## Use instead

    ```python
    # %%
    from sklearn.datasets import load_iris
    from sklearn.model_selection import GridSearchCV, train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

    # %%
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": range(1, 20)}).fit(X_train, y_train)
    print(search.best_params_, search.score(X_test, y_test))
    ```
    """

    code = "NB503"
    severity = Severity.WARNING
    triggers = ("sklearn", "keras", "xgboost", "lightgbm", "catboost")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell, at its first loop or choice."""
        told: set[int] = set()
        for reuse in context.analysis.learning.reuses:
            home = reuse.place[0]
            if home not in told and not (reuse.tuned and _only_logged(context, *reuse.place)):
                told.add(home)
                yield _report(context, reuse)


def _only_logged(context: Context, home: int, node: ast.AST) -> bool:
    """Tell whether the scores of a loop go to a tracker of experiments, and are neither kept nor compared."""
    line = getattr(node, "lineno", 0)
    loops = [
        loop
        for at, loop in context.analysis.nodes(ast.For)
        if at == home and loop.lineno <= line <= (loop.end_lineno or 0)
    ]
    inside = [part for loop in loops for part in walk(loop)]
    called = {
        part.func.attr
        for part in inside
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and ast.unparse(part.func) not in LOGARITHMS
    }
    kept = any(isinstance(part, ast.Compare) for part in inside) or any(
        isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Subscript) for part in inside
    )
    return not LOGGING.isdisjoint(called) and KEEPING.isdisjoint(called) and not kept


def _report(context: Context, reuse: Reuse) -> Diagnostic:
    home, node = reuse.place
    where = context.callee(home, node) if isinstance(node, ast.Call) else context.analysis.range(home, node)
    split = context.analysis.range(*reuse.split)
    what = f"settings of {reuse.evaluation.training.name} are compared" if reuse.tuned else "a model is chosen"
    message = f"{what} by the score on the test rows (split in cell {split.cell + 1}): choose by cross-validation"
    return context.diagnostic(where, message, related=(Related(split, "the test rows are set apart here"),))
