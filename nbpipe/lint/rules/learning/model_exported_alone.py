"""NB505."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.learning.uses import Alone
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

MOST_NAMED = 3


class ModelExportedAlone(Rule):
    """A fitted model is saved, and the transformers that its input has to go through are not.

    ## What it does

    Reports `pickle.dump`, `joblib.dump`, `model.save`, `mlflow.sklearn.log_model` and the like of a model whose
    training data went through fitted scalers, encoders, imputers, vectorizers, selectors or projections, when nothing
    in the notebook saves those: not by themselves, not in the same dict or tuple, not by what they learned
    (`vectorizer.vocabulary_`, `tokenizer.word_index`), and not as steps of a pipeline.

    ## Why is this bad?

    Whoever loads the model cannot ask it anything: new data has to be transformed by exactly what the training data
    was, and that is gone with the session.

    ## Example

    ```python
    # %%
    import joblib
    from sklearn.datasets import load_iris
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = load_iris(return_X_y=True)
    scaler = StandardScaler()
    model = SVC().fit(scaler.fit_transform(X), y)

    # %%
    joblib.dump(model, "model.joblib")
    ```

    ## Use instead

    ```python
    # %%
    import joblib
    from sklearn.datasets import load_iris
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), SVC()).fit(X, y)

    # %%
    joblib.dump(model, "model.joblib")
    ```
    """

    code = "NB505"
    severity = Severity.WARNING
    triggers = ("dump(", ".save(", "save_model(", "log_model(")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each model."""
        for alone in context.analysis.learning.exported_alone:
            yield _report(context, alone)


def _report(context: Context, alone: Alone) -> Diagnostic:
    home, node = alone.place
    where = context.callee(home, node) if isinstance(node, ast.Call) else context.analysis.range(home, node)
    names = list(dict.fromkeys(learned.name for learned in alone.missing))
    named = listed(names[:MOST_NAMED], "and")
    verb = "is" if len(names) == 1 else "are"
    message = f"{alone.training.name} is saved, but {named}, which its input has to go through, {verb} not"
    related = tuple(
        Related(context.analysis.range(*learned.place), f"{learned.name} is fitted here")
        for learned in alone.missing[:MOST_NAMED]
    )
    return context.diagnostic(where, message, related=related)
