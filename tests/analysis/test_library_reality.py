"""What is said of libraries is what they do: methods are called on small objects, and types and changes compared."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from nbpipe.analysis import members
from nbpipe.analysis.functions import Arguments
from nbpipe.analysis.knowledge import Knowledge
from nbpipe.analysis.values import Const, Thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.analysis.values import Value

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 1.0], [0.5, 2.0], [2.5, 0.5]])
Y = np.array([0, 1, 0, 1, 0, 1])


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [3.0, 1.0, 2.0], "b": [1.0, 5.0, 4.0]}, index=pd.date_range("2024-01-01", periods=3))


OBJECTS: dict[str, Callable[[], Any]] = {
    "pandas.DataFrame": frame,
    "pandas.Series": lambda: frame()["a"],
    "pandas.Index": lambda: pd.Index(["x", "y"]),
    "pandas.DatetimeIndex": lambda: frame().index,
    "pandas.MultiIndex": lambda: pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]),
    "pandas.api.typing.DataFrameGroupBy": lambda: frame().groupby([0, 0, 1]),
    "pandas.api.typing.SeriesGroupBy": lambda: frame()["a"].groupby([0, 0, 1]),
    "pandas.api.typing.Rolling": lambda: frame().rolling(2),
    "pandas.core.strings.accessor.SeriesStringMethods": lambda: pd.Series(["ab", "cd e"]).str,
    "pandas.Series.dt": lambda: frame().index.to_series().dt,
    "pandas.Categorical": lambda: pd.Categorical(["a", "b"]),
    "pandas.Timestamp": lambda: pd.Timestamp("2024-01-01"),
    "pandas.Timedelta": lambda: pd.Timedelta("1D"),
    "numpy.ndarray": X.copy,
    "numpy.ma.MaskedArray": lambda: np.ma.masked_array([1.0, 2.0], mask=[False, True]),
    "numpy.random.Generator": lambda: np.random.default_rng(0),
    "numpy.random.RandomState": lambda: np.random.RandomState(0),
    "str": lambda: "a b",
    "list": lambda: [3, 1],
    "dict": lambda: {"a": 1},
    "set": lambda: {1, 2},
    "datetime.datetime": lambda: pd.Timestamp("2024-01-01").to_pydatetime(),
}
ESTIMATORS = (
    "linear_model.LogisticRegression", "linear_model.LinearRegression", "linear_model.Ridge", "linear_model.Lasso",
    "linear_model.SGDClassifier", "svm.SVC", "svm.SVR", "svm.LinearSVC", "neighbors.KNeighborsClassifier",
    "neighbors.KNeighborsRegressor", "tree.DecisionTreeClassifier", "tree.DecisionTreeRegressor",
    "ensemble.RandomForestClassifier", "ensemble.GradientBoostingRegressor", "ensemble.AdaBoostClassifier",
    "ensemble.HistGradientBoostingClassifier", "naive_bayes.GaussianNB", "naive_bayes.BernoulliNB",
    "cluster.KMeans", "cluster.DBSCAN", "cluster.AgglomerativeClustering", "mixture.GaussianMixture",
    "decomposition.PCA", "decomposition.TruncatedSVD", "decomposition.NMF", "decomposition.FastICA",
    "preprocessing.StandardScaler", "preprocessing.MinMaxScaler", "preprocessing.RobustScaler",
    "preprocessing.OneHotEncoder", "preprocessing.OrdinalEncoder", "preprocessing.LabelEncoder",
    "preprocessing.PolynomialFeatures", "impute.SimpleImputer", "feature_selection.SelectKBest",
    "discriminant_analysis.LinearDiscriminantAnalysis", "neural_network.MLPClassifier",
    "gaussian_process.GaussianProcessRegressor", "manifold.TSNE", "covariance.EmpiricalCovariance",
)  # fmt: skip
# Arguments to try; each method is judged by those that it takes.
TRIES: tuple[tuple[Any, ...], ...] = (
    (), ("a",), (1,), (["a"],), ([0],), ("b", 1), (1, 2), (lambda value: value,), ("D",), (Y[:3],),
)  # fmt: skip
ENOUGH = 3  # ways of calling a method that work
# Write files, show something, or take a flag that the arguments above would set by accident (`byteswap(inplace)`).
NOT_CALLED = frozenset(["byteswap", "dump", "info", "plot", "setflags", "show", "tofile"])
# A list of periods gives a frame of all shifts; no annotation tells, and hardly anybody writes it.
LISTED = frozenset(["diff", "pct_change", "shift"])
# Classes whose objects only keep what they compute: whether they change cannot be seen from outside.
KEEPING = ("GroupBy", "Rolling", "StringMethods", "dt", "MaskedArray")
# Numbers of Python and of NumPy: both are immutable, which is what is asked about them.
NUMBERS = {
    "int": "number", "float": "number", "bool": "number", "numpy.bool": "number", "numpy.signedinteger": "number",
    "numpy.floating": "number", "numpy.integer": "number", "numpy.float64": "number",
}  # fmt: skip


def type_of(value: Any) -> set[str]:
    """Give the names under which the knowledge may speak of a value's class."""
    known = set()
    for base in type(value).__mro__:
        name = f"{base.__module__}.{base.__qualname__}".removeprefix("builtins.")
        known |= {name, name.rpartition(".")[2]}
    return known | ({"number"} if isinstance(value, int | float | np.generic) else set())


def agrees(value: Any, said: str) -> bool:
    """Tell whether a value is of the class said; None is what a method may give besides (`utcoffset`)."""
    name = NUMBERS.get(said, said)
    return value is None or bool(type_of(value) & {name, name.rpartition(".")[2]})


def abstract(values: tuple[Any, ...]) -> Arguments:
    """Give the arguments of a call as the analysis sees them."""
    found: list[Value] = []
    for value in values:
        if value is None or isinstance(value, int | float | str):
            found.append((Const(value),))
        else:
            kind = next((name for name in ("pandas.DataFrame", "pandas.Series", "numpy.ndarray")
                         if name.rpartition(".")[2] == type(value).__name__), None)  # fmt: skip
            found.append((Thing((-1, "", 0), kind),))
    return Arguments(found)


def fingerprint(value: Any) -> Any:
    """Give what can be seen of an object, without what it keeps to be faster."""
    if isinstance(value, pd.DataFrame):
        return (value.to_dict("list"), list(value.index), list(value.columns), value.columns.name, value.index.name)
    if isinstance(value, pd.Series | pd.Index | pd.Categorical):
        return (list(value), list(getattr(value, "index", ())), getattr(value, "name", None))
    if isinstance(value, np.ndarray):
        return (value.tobytes(), value.shape, value.dtype)
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    return repr(value.get_state()) if isinstance(value, np.random.RandomState) else repr(value)


def global_generator() -> str:
    """Give the state of NumPy's global generator."""
    name, keys, *rest = np.random.get_state()  # noqa: NPY002 - it is what is asked about
    return repr((name, np.asarray(keys).tobytes(), rest))


def called(make: Callable[[], Any], name: str) -> list[tuple[tuple[Any, ...], Any, Any, bool, bool]]:
    """Call a method with all arguments that it takes: arguments, object, result, whether it changed, drew at random."""
    found: list[tuple[tuple[Any, ...], Any, Any, bool, bool]] = []
    for values in TRIES:
        if len(found) == ENOUGH:
            break
        if name in LISTED and values and not isinstance(values[0], int):
            continue
        obj = make()
        given = copy.deepcopy(values)
        before, generator = fingerprint(obj), global_generator()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                result = getattr(obj, name)(*given)
        except Exception:  # noqa: BLE001 - not with these arguments
            continue
        drew = global_generator() != generator
        found.append((values, obj, result, fingerprint(obj) != before, drew))
    return found


def public_methods(make: Callable[[], Any]) -> list[str]:
    obj = make()
    names = []
    for name in dir(obj):
        if not name.startswith("_") and name not in NOT_CALLED and not name.startswith(("to_", "read_")):
            member = inspect.getattr_static(type(obj), name, None)
            if callable(member):
                names.append(name)
    return names


def problems(owner: str, make: Callable[[], Any], *, changes: bool = True) -> list[str]:
    """Call all methods of an object and give where the knowledge says something else."""
    knowledge = Knowledge()
    cls = knowledge.class_of(owner)
    assert cls is not None, owner
    mutating = knowledge.mutating_methods.get(cls.name, set()) | cls.mutating
    found = []
    for name in public_methods(make):
        for values, obj, result, changed, drew in called(make, name):
            label = f"{owner}.{name}{values!r:.40}"
            if name in cls.itself and result is not obj:
                found.append(f"{label} does not give itself")
            said = members.described(cls.returns.get(name), abstract(values), cls.name)
            said = knowledge.returns.get(f"{cls.name}.{name}", said)
            if said and name not in cls.itself and not agrees(result, said):
                found.append(f"{label} gives {type(result).__module__}.{type(result).__name__}, not {said}")
            if changes and changed and not mutating & {name, "*"}:
                found.append(f"{label} changes its object")
            if drew and knowledge.state_of(f"{owner}.{name}") != ["numpy.random", "draw"]:
                found.append(f"{label} draws from NumPy's generator")
    return found


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("owner", sorted(OBJECTS))
def test_methods_give_and_change_what_is_said(owner: str) -> None:
    builtin = "." not in owner  # lists and dicts of the notebook are followed by `containers`
    assert problems(owner, OBJECTS[owner], changes=not builtin and not owner.endswith(KEEPING)) == []


def settings_of(name: str) -> dict[str, int]:
    """Give settings with which an estimator is quick, and works on six rows."""
    last = name.rpartition(".")[2]
    if last in ("RandomForestClassifier", "GradientBoostingRegressor", "AdaBoostClassifier"):
        return {"n_estimators": 2}
    if last in ("PCA", "TruncatedSVD", "NMF", "FastICA"):
        return {"n_components": 1}
    return {
        "TSNE": {"perplexity": 2, "max_iter": 250},
        "MLPClassifier": {"max_iter": 3},
        "HistGradientBoostingClassifier": {"max_iter": 2},
        "SelectKBest": {"k": 1},
        "KNeighborsClassifier": {"n_neighbors": 2},
        "KNeighborsRegressor": {"n_neighbors": 2},
        "KMeans": {"n_clusters": 2, "n_init": 1},
    }.get(last, {})


def contents(obj: Any) -> dict[str, Any]:
    """Give an estimator's attributes, where they can be compared, else that they are there."""
    return {
        name: fingerprint(value) if isinstance(value, np.ndarray | int | float | str) else type(value)
        for name, value in vars(obj).items()
    }


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_give_and_change_what_is_said(name: str) -> None:
    """Every method of an estimator, on data of six rows, before and after it is fitted."""
    module, _, last = name.partition(".")
    made = getattr(import_module(f"sklearn.{module}"), last)(**settings_of(name))
    cls = Knowledge().class_of(f"sklearn.{name}")
    assert cls is not None
    fitted = copy.deepcopy(made).fit(*((Y,) if last == "LabelEncoder" else (X, Y)))
    found = []
    for method in public_methods(lambda: made):
        for given in ((), (X,), (X, Y), (Y,)):
            obj = copy.deepcopy(made if "fit" in method else fitted)
            before = contents(obj)
            try:
                result = getattr(obj, method)(*copy.deepcopy(given))
            except Exception:  # noqa: BLE001 - not with these arguments
                continue
            if (result is obj) != (method in cls.itself):
                found.append(f"{method}: whether it gives itself")
            said = members.described(cls.returns.get(method), abstract(given), cls.name)
            if said and method not in cls.itself and not agrees(result, said):
                found.append(f"{method} gives {type(result).__name__}, not {said}")
            if contents(obj) != before and method not in cls.mutating:
                found.append(f"{method} changes its object")
    assert found == []


def test_most_of_what_is_called_is_known() -> None:
    """Of the methods of the commonest classes, the type of the result is known for most."""
    for owner, least in (("pandas.DataFrame", 120), ("pandas.Series", 120), ("numpy.ndarray", 25), ("str", 40)):
        cls = members.class_of(owner)
        assert cls is not None
        assert sum(bool(known.type or known.varies) for known in cls.returns.values()) >= least
