"""Calls of library code: which kind of operation each is, and what it does to what is known of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.functions import Arguments
from nbpipe.analysis.learning import estimators, functions, methods
from nbpipe.analysis.learning.facts import Fact, joined
from nbpipe.analysis.learning.roles import CLASSES, FUNCTIONS, SAVING, VALUES, role_of
from nbpipe.analysis.values import NOTHING, Const, Container, External, Member

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis.learning.facts import Place
    from nbpipe.analysis.learning.watcher import RowWatcher
    from nbpipe.analysis.values import Obj, Value

_READING = ("read_", "load", "fetch_", "make_", "from_csv", "scan_csv", "loadtxt", "genfromtxt")
# What these read is one picture or one recording, that is, one row; builtins read nothing.
_OF_ONE = frozenset(
    [
        "", "cv2", "pydicom", "PIL", "librosa", "skimage", "imageio", "matplotlib", "soundfile", "nibabel", "json",
        "pickle", "joblib", "load", "torchaudio", "SimpleITK", "tifffile", "rasterio", "mne", "wfdb",
    ]
)  # fmt: skip
# Modules whose functions are known not to split data or to learn from it, unless said otherwise.
_KNOWN = frozenset(
    [
        "numpy", "pandas", "scipy", "tensorflow", "keras", "torch", "sklearn", "imblearn", "xgboost", "lightgbm",
        "catboost", "math", "nltk", "re", "copy", "seaborn", "matplotlib", "statsmodels", "string", "tf_keras",
    ]
)  # fmt: skip


_POSITIONS = frozenset(["arange", "permutation", "randperm"])  # which slices take apart
# Methods and functions that tell something, even where nothing is known of what they are given.
_TELLING_METHODS = SAVING | frozenset().union(
    *(
        VALUES[kind]
        for kind in (
            "calls_function", "fitting", "fitting_and_transforming", "matrices", "predicting", "scoring", "statistics",
            "tables", "transforming",
        )
    ),
    ("isin", "sample", "split", *_POSITIONS),
)  # fmt: skip
_TELLING_FUNCTIONS = frozenset(CLASSES) | frozenset(FUNCTIONS) | _POSITIONS


def tells(callee: Obj) -> bool:
    """Tell by its name whether a call may tell something where nothing is known of what it is given."""
    if callee.__class__ is Member:
        return callee.attr in _TELLING_METHODS
    if callee.__class__ is not External:
        return False
    name = callee.name.rpartition(".")[2]
    return name in _TELLING_FUNCTIONS or name.startswith(_READING)


class Call:
    """One call of library code that was just made.

    Attributes:
        name: last part of what was called: ``fit``, ``train_test_split``.
        qualified: its full name, for a function or class of a library; empty for a method.
        owner: the object that the method was called on; None for functions.
        returned: what functions of the notebook that it called gave back to it.
    """

    __slots__ = ("arguments", "name", "node", "owner", "qualified", "result", "returned", "watcher")

    def __init__(self, watcher: RowWatcher, callee: Obj, arguments: Arguments, result: Value, node: ast.AST) -> None:
        self.watcher = watcher
        self.arguments = arguments
        self.result = result
        self.node = node
        self.returned: Fact | None = None
        self.owner = callee.base if isinstance(callee, Member) else None
        self.qualified = callee.name if isinstance(callee, External) else ""
        self.name = callee.attr if isinstance(callee, Member) else self.qualified.rpartition(".")[2]

    @property
    def number(self) -> int:
        """A number that stands for this execution of the call."""
        return self.watcher.number(self.result[0] if self.result else self)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.watcher.place(self.node)

    def argument(self, position: int, *names: str) -> Value:
        """Give an argument by its position or one of its names."""
        if position < len(self.arguments.positional):
            return self.arguments.positional[position]
        return next((self.arguments.keywords[name] for name in names if name in self.arguments.keywords), NOTHING)

    def constant(self, position: int, *names: str) -> object:
        """Give an argument that is a literal; None where it is not given, or not known."""
        value = self.argument(position, *names)
        return value[0].value if len(value) == 1 and isinstance(value[0], Const) else None

    def fact(self, position: int, *names: str) -> Fact | None:
        """Give what is known of an argument."""
        return self.watcher.fact_of(self.argument(position, *names))

    def facts(self) -> list[Fact]:
        """Give what is known of all arguments."""
        values = (*self.arguments.positional, *self.arguments.keywords.values(), self.arguments.spread)
        receiver = self.watcher.fact_of((self.owner,)) if self.owner is not None else None
        found = []
        for value in values:
            fact = self.watcher.fact_of(value)
            if fact is not None:
                several = receiver is not None and len(value) > 1
                found.append(fact.about(receiver.rows) if several and receiver is not None else fact)
        return found

    def give(self, fact: Fact | None) -> None:
        """Keep what is known of the result."""
        self.watcher.give(self.result, fact)

    def is_rowwise(self, position: int = 0) -> bool:
        """Tell whether it goes along each row by itself (``axis=1``)."""
        axis = self.argument(position, "axis")
        return bool(axis) and not (isinstance(axis[0], Const) and axis[0].value in (0, None, "index", "rows"))


def follow(call: Call) -> None:
    """Change what is known as the call does."""
    if call.owner is not None:
        _follow_method(call)
    elif call.qualified:
        _follow_function(call)
    else:
        _follow_unknown(call)


def _follow_method(call: Call) -> None:
    if estimators.follow(call) or _apply_estimator(call):
        return
    if call.owner.__class__ is Container:
        _change_container(call)
    elif not methods.follow(call):
        inherit(call, opaque=False)


def _apply_estimator(call: Call) -> bool:
    """``df.apply(encoder.fit_transform)``: column by column, the data goes through the estimator."""
    methods_given = [obj for obj in call.argument(0, "func") if isinstance(obj, Member)]
    if call.name not in VALUES["calls_function"] or not methods_given or call.owner is None:
        return False
    inner = Call(call.watcher, methods_given[0], Arguments([(call.owner,)]), call.result, call.node)
    return estimators.follow(inner)


def _change_container(call: Call) -> None:
    """A list of results that scores are put into holds scores."""
    scores = frozenset().union(*(fact.scores for fact in call.facts()))
    if scores and call.owner is not None:
        known = call.watcher.facts.get(call.owner) or Fact()
        call.watcher.facts[call.owner] = known.plus(Fact(scores=scores))


def _follow_function(call: Call) -> None:
    name = call.name
    if "." in call.qualified and name in CLASSES and name[:1].isupper():
        for obj in call.result:
            call.watcher.made[obj] = call.arguments
        if role_of(call.result[0] if call.result else None) == "search":
            call.watcher.history.searches += 1
        return
    role = FUNCTIONS.get(name) if "." in call.qualified else None
    if functions.follow(call, role):
        return
    if not call.facts() and name.startswith(_READING) and call.qualified.partition(".")[0] not in _OF_ONE:
        call.watcher.data(call.result)
        return
    inherit(call, opaque=call.qualified.partition(".")[0] not in _KNOWN and "." in call.qualified)


def _follow_unknown(call: Call) -> None:
    """Call something of which nothing is known, as a layer or a torch module."""
    inherit(call, opaque=False)


def inherit(call: Call, *, opaque: bool) -> None:
    """Let the result be made of what went in, row by row, as most functions do."""
    if call.name in VALUES["neutral_functions"]:
        return
    receiver = call.watcher.fact_of((call.owner,)) if call.owner is not None else None
    given = call.facts()
    if receiver is not None:
        if receiver.kind in ("folds", "fold"):
            return
        found: Fact | None = receiver
        for fact in given:
            found = found.plus(fact) if found is not None else fact
    else:
        found = joined(given)
    if call.returned is not None:
        found = found.plus(call.returned) if found is not None else call.returned
    if found is None:
        return
    if found.kind == "index":
        found = Fact() if call.name not in ("to_list", "tolist", "list", "array", "asarray", "sort_values") else found
    call.give(found.but(opaque=True) if opaque and found.rows else found)
