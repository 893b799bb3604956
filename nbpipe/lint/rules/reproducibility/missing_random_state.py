"""NB302."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import CallSite
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic, Fix

TREES = ("DecisionTreeClassifier", "DecisionTreeRegressor")
# What makes or picks a table of one column.
ONE_COLUMN = pattern(r"\[\[(?:'[^']*'|\d+)\]\]|\[:, \[\d+\]\]|reshape\(\(?-1, 1\)|newaxis\]|\[:, None\]")
# Ensembles that give a random_state of their own to the estimators they are made of.
PASSING_ON = ("Ada", "Bagging", "RUSBoost", "EasyEnsemble", "BalancedBagging")


class MissingRandomState(Rule):
    """A call that draws at random takes a seed and is given none.

    ## What it does

    Reports `train_test_split`, splitters that shuffle, estimators, samplers and makers of data sets of scikit-learn
    and imbalanced-learn, `sample` of pandas, distributions of scipy.stats and `shuffle` and `train_test_split` of
    Hugging Face datasets, when they draw at random as they are called, and `random_state` (or `seed`) is missing or
    None.

    As they are called: `KFold` only with `shuffle=True`, `SVC` only with `probability=True`, `LogisticRegression` and
    `Ridge` only with the solvers `sag` and `saga`, `PCA` only with a randomized or arpack solver, `Lasso` only with
    `selection="random"`, `TSNE` not with `init="pca"`; never `TimeSeriesSplit` or `GridSearchCV`.
    `RandomForestClassifier`, `KMeans`, `MLPClassifier`, `RandomizedSearchCV`, and trees (which permute the features to
    break ties) always.

    Silent after NumPy's global generator is seeded, or may be, top-down: `random_state=None` then draws from that,
    and running the notebook from the top gives the same again. (Cells run in another order give something else; pass
    `random_state` where that matters.) Silent for a peek at some rows (`df.sample(5)` as a cell's statement), for what
    is only shown or plotted, for an estimator that nothing is done with, for trees of a single column, for an estimator
    inside AdaBoost or bagging that has a `random_state`, which passes it on, and for arguments that cannot
    be seen (`**options`).

    ## Why is this bad?

    Each run splits, samples or fits otherwise, so scores change from run to run: whether a change of the model made
    it better cannot be told from luck, and the stored results cannot be got again.

    ## Example

    ```python
    # %%
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split

    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y)
    model.fit(X_train, y_train)
    ```

    ## Use instead

    ```python
    # %%
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split

    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X_train, y_train)
    ```

    ## Fix safety

    The fix passes the seed that the notebook has a name for, bound once to a whole number before the call (`SEED`,
    `RANDOM_STATE`, `seed`), else 0. It is unsafe because the results change: from each time another one to always the
    same one, which may be a better or worse one than the stored, and in a loop it makes all repetitions equal.
    """

    code = "NB302"
    severity = Severity.WARNING
    triggers = ("sklearn", "imblearn", ".sample(", "scipy", "datasets")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each call."""
        from nbpipe.analysis.arguments import entry, known_names
        from nbpipe.analysis.randomness import NUMPY, Randomness, draws_at_random

        analysis = context.analysis
        if analysis.called.isdisjoint(known_names(("random", "random_when"), analysis.imported)):
            return
        randomness: Randomness | None = None
        for site in context.analysis.calls:
            name = next(
                (each for each in site.names if draws_at_random(site, each) and entry("draws", each) is None), None
            )
            if name is None:
                continue
            randomness = randomness or Randomness(context.analysis)
            if randomness.seeded_before(NUMPY, randomness.order(site)) or _is_harmless(context.analysis, site, name):
                continue
            seed = (entry("seed_argument", name) or "random_state").partition(" ")[0]
            short = name.rpartition(".")[2]
            message = f"'{short}' draws at random and is given no {seed}: each run gives another result"
            yield context.diagnostic(
                context.callee(site.home, site.node), message, fix=_fix(context.analysis, site, name)
            )


def _fix(analysis: Analysis, site: CallSite, name: str) -> Fix | None:
    from nbpipe.analysis.arguments import entry, passed
    from nbpipe.lint.seeding import seeded_call

    parameters = tuple((entry("seed_argument", name) or "random_state").split())
    by_name = {keyword.arg for keyword in site.node.keywords}
    if any(parameter in passed(site, name) and parameter not in by_name for parameter in parameters):
        return None  # it is passed by position, or by a dict
    return seeded_call(analysis, site, parameters[0], parameters)


def _is_harmless(analysis: Analysis, site: CallSite, name: str) -> bool:
    return (
        (name.endswith(".sample") and _is_shown(analysis, site))
        or _is_unused(analysis, site)
        or (name.rpartition(".")[2] in TREES and _is_of_one_column(analysis, site))
        or _is_seeded_from_outside(analysis, site)
    )


def _is_unused(analysis: Analysis, site: CallSite) -> bool:
    """Tell whether nothing is done with the result but showing it: an estimator that is never fitted."""
    from nbpipe.analysis.reach import Reach

    reach = Reach(analysis).follow(site.home, site.node)
    return not reach.learned and not reach.read


def _is_of_one_column(analysis: Analysis, site: CallSite) -> bool:
    """Tell whether a tree is fitted to a single column, so that there is no order of columns to draw."""
    from nbpipe.analysis.origins import Origins
    from nbpipe.analysis.reach import Reach

    fits = [
        (home, call)
        for home, call in Reach(analysis).follow(site.home, site.node).learned
        if isinstance(call, ast.Call) and call.args
    ]
    origins = Origins(analysis)
    return bool(fits) and all(
        any(ONE_COLUMN.search(ast.unparse(origin.node)) for origin in origins.of(call.args[0], home, home))
        for home, call in fits
    )


def _is_shown(analysis: Analysis, site: CallSite) -> bool:
    """Tell whether the result is only displayed or plotted: a statement that is a chain of calls on it."""
    for statement in analysis.codes[site.home].body:
        if isinstance(statement, ast.Expr):
            node = statement.value
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("display", "print") and node.args:
                node = node.args[0]
            while node is not site.node and isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
                node = node.func if isinstance(node, ast.Call) else node.value
            if node is site.node:
                return True
    return False


def _is_seeded_from_outside(analysis: Analysis, site: CallSite) -> bool:
    """Tell whether the call makes an estimator for an ensemble that seeds it."""
    for other in analysis.calls:
        if any(name.rpartition(".")[2].startswith(PASSING_ON) for name in other.names):
            given = {keyword.arg: keyword.value for keyword in other.node.keywords}
            inner = (*other.node.args[:1], given.get("estimator"), given.get("base_estimator"))
            if "random_state" in given and any(_makes(analysis, other, node, site.node) for node in inner):
                return True
    return False


def _makes(analysis: Analysis, other: CallSite, node: ast.expr | None, wanted: ast.Call) -> bool:
    """Tell whether an argument is the wanted call, or a name that holds its result."""
    if node is wanted:
        return True
    from nbpipe.settings.literals import expression_of

    use = analysis.top_down.uses.get((other.cell, id(node))) if isinstance(node, ast.Name) else None
    return use is not None and any(
        definition.kind == "assignment" and expression_of(analysis, definition) is wanted
        for definition in use.definitions
    )
