"""NB505."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.learning.uses import Alone
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

MOST_NAMED = 3
LESSON = 3  # so many models that are saved and loaded again in one notebook show how that is done
PATH = pattern(r"\w[./\\]")


class ModelExportedAlone(Rule):
    """A fitted model is saved, and the transformers that its input has to go through are not.

    ## What it does

    Reports `pickle.dump`, `joblib.dump`, `model.save`, `mlflow.sklearn.log_model` and the like of a model whose
    training data went through fitted scalers, encoders, imputers, vectorizers, selectors or projections, when nothing
    in the notebook saves those: not by themselves, not in the same dict or tuple, not by what they learned
    (`vectorizer.vocabulary_`, `tokenizer.word_index`), and not as steps of a pipeline.

    Silent where three models or more are saved and loaded again by the same notebook: it shows how models are saved,
    and nobody else will load them.

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
        """Yield one finding for each place where models are saved."""
        found = context.analysis.learning.exported_alone
        loaded = _loaded(context) if len(found) >= LESSON else frozenset()
        own = [alone for alone in found if loaded.isdisjoint(_paths(context, *alone.place))] if loaded else found
        # A name that may stand for several models is saved in one place.
        places = {id(alone.place[1]): alone for alone in reversed(own if len(found) - len(own) >= LESSON else found)}
        for alone in reversed(places.values()):
            yield _report(context, alone)


def _loaded(context: Context) -> frozenset[str]:
    """Give the paths that the notebook loads something from."""
    from nbpipe.analysis.origins import last_name

    calls = ((site.home, site.node) for site in context.analysis.calls if last_name(site.node.func).startswith("load"))
    return frozenset(path for home, node in calls for path in _paths(context, home, node))


def _paths(context: Context, home: int, node: ast.AST) -> set[str]:
    """Give the paths among what a call is given, directly, through names and through files that are opened."""
    from nbpipe.analysis.origins import Origins

    origins = Origins(context.analysis)
    given = [*node.args, *(keyword.value for keyword in node.keywords)] if isinstance(node, ast.Call) else []
    parts = (origin.node for each in given for origin in origins.of(each, home, home))
    texts = (part.value for part in parts if isinstance(part, ast.Constant))
    return {text for text in texts if isinstance(text, str) and PATH.search(text)}


def _report(context: Context, alone: Alone) -> Diagnostic:
    home, node = alone.place
    where = context.callee(home, node) if isinstance(node, ast.Call) else context.analysis.range(home, node)
    names = list(dict.fromkeys(learned.name for learned in alone.missing))
    named = listed(names[:MOST_NAMED], "and")
    verb = "is" if len(names) == 1 else "are"
    name = alone.training.name
    saved = f"what {name} found" if name.endswith("SearchCV") else name
    message = f"{saved} is saved, but {named}, which its input has to go through, {verb} not"
    related = tuple(
        Related(context.analysis.range(*learned.place), f"{learned.name} is fitted here")
        for learned in alone.missing[:MOST_NAMED]
    )
    return context.diagnostic(where, message, related=related)
