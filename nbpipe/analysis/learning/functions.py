"""Functions of libraries: splits, statistics, concatenations, metrics, cross-validation, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.learning.facts import CATEGORIES, STATISTICS, Duplication, Fact, Learned, joined
from nbpipe.analysis.learning.models import Choice, Export, Training
from nbpipe.analysis.learning.roles import TENSORS, VALUES
from nbpipe.analysis.learning.rows import covers, divided, separate
from nbpipe.analysis.learning.selecting import statistic
from nbpipe.analysis.values import Container, External, Member, Obj, Thing, union

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.analysis.learning.calls import Call
    from nbpipe.analysis.values import Value

# How many parameters stand before `axis` beyond the usual.
_AXIS_LATER = dict.fromkeys(("quantile", "percentile", "nanquantile", "nanpercentile", "agg", "aggregate"), 1)


def follow(call: Call, role: str | None) -> bool:
    """Follow a function whose role is known; false where it does nothing particular."""
    handler = _BY_ROLE.get(role or "")
    if handler is not None:
        return handler(call)
    module = call.qualified.partition(".")[0]
    if "." not in call.qualified:
        return _builtin(call)
    if call.name in VALUES["statistics"] and module in ("numpy", "scipy", "tensorflow", "torch"):
        fact = call.fact(0, "a", "x")
        return fact is None or learn_statistic(call, fact, axis=1)
    if call.name == "train" and module in ("xgboost", "lightgbm", "catboost"):
        return _train(call)
    if module == "torch" and call.name in TENSORS:
        fact = call.fact(0)
        if fact is not None and fact.rows:
            call.watcher.history.tensors.append((fact, call.place))
        return False
    if call.name == "choice" and module == "numpy":
        return _choice(call)
    return call.name in ("shuffle", "permutation") and module in ("numpy", "random")


def split(call: Call) -> bool:
    """``train_test_split``: two parts of each array, which share no row."""
    key = ("split", call.number)
    call.watcher.history.splits[key] = call.place
    parts = []
    for value in call.arguments.positional:
        fact = call.watcher.data(value)
        if fact.rows:
            parts += [fact.but(rows=divided(fact.rows, key, side), predicted=frozenset()) for side in (0, 1)]
        else:
            parts += [fact, fact]
    call.give(Fact(parts=tuple(parts)))
    return True


def _random_split(call: Call) -> bool:
    key = ("split", call.number)
    call.watcher.history.splits[key] = call.place
    fact = call.watcher.data(call.argument(0, "dataset"))
    parts = [fact.but(rows=divided(fact.rows, key, side)) for side in range(3)]
    call.give(Fact(parts=tuple(parts)))
    return True


def _split(call: Call) -> bool:
    return _random_split(call) if call.name == "random_split" else split(call)


def _resample(call: Call) -> bool:
    """``sklearn.utils.resample``: draws with replacement unless told otherwise."""
    if call.constant(9, "replace") is False:
        key = ("drawn", call.watcher.number(call.node))
        facts = [fact.but(rows=divided(fact.rows, key, 0)) for fact in _given(call)]
    else:
        mark = Duplication(call.name, call.place)
        facts = [fact.but(duplicated=fact.duplicated | {mark}) for fact in _given(call)]
    return _give_each(call, facts)


def _shuffle(call: Call) -> bool:
    return _give_each(call, _given(call))


def _given(call: Call) -> list[Fact]:
    return [call.watcher.data(value) for value in call.arguments.positional]


def _give_each(call: Call, facts: list[Fact]) -> bool:
    if facts:
        call.give(facts[0] if len(facts) == 1 else Fact(parts=tuple(facts)))
    return True


def learn_statistic(call: Call, fact: Fact, *, axis: int) -> bool:
    """A mean, a quantile...: a value that holds no rows and knows all of them."""
    axis += _AXIS_LATER.get(call.name, 0)
    if call.is_rowwise(axis) or fact.single:
        call.give(fact)
    elif fact.rows:
        learned = Learned(call.name, STATISTICS, fact.rows, call.place)
        call.give(statistic(fact.but(learned=fact.learned | {learned})))
    else:
        call.give(fact)
    return True


def _statistics(call: Call) -> bool:
    """Fit and transform in one call: ``scale(X)``, ``pd.qcut(x, 4)``."""
    fact = call.watcher.data(call.argument(0, "X", "x", "a"))
    if not fact.rows:
        return False
    learned = Learned(call.name, STATISTICS, fact.rows, call.place)
    call.give(fact.but(learned=fact.learned | {learned}))
    return True


def _categories(call: Call) -> bool:
    fact = call.watcher.data(call.argument(0, "data", "values"))
    if not fact.rows:
        return False
    call.give(fact.but(learned=fact.learned | {Learned(call.name, CATEGORIES, fact.rows, call.place)}))
    return True


def _concatenation(call: Call) -> bool:
    """Rows below rows; columns beside columns; the same rows twice are duplicates."""
    value = call.argument(0, "objs", "arrays", "tup", "arr")
    held = [obj for obj in value if isinstance(obj, Container)]
    pieces = [fact for obj in held for item in obj.elements() if (fact := call.watcher.fact_of((item,))) is not None]
    if call.name == "append":
        pieces = call.facts()
    found = joined(pieces) if pieces else call.watcher.fact_of(value)
    if found is None:
        return True
    beside = call.name != "vstack" and call.is_rowwise(1)
    if not beside and _repeats(held, pieces):
        found = found.but(duplicated=found.duplicated | {Duplication(call.name, call.place)})
    call.give(found.but(uncertain=any(piece.uncertain for piece in pieces), division=None))
    return True


def _repeats(held: list[Container], pieces: list[Fact]) -> bool:
    """Tell whether some pieces that are put below each other surely hold the same rows."""
    if len(held) != 1 or held[0].rest or len(pieces) != len(held[0].items):
        return False
    for position, one in enumerate(pieces):
        for other in pieces[:position]:
            if one.rows and other.rows and not (one.single or other.single or one.opaque or other.opaque):
                plain = one.kind == other.kind == "data" and not separate(one.rows, other.rows)
                if plain and (covers(one.rows, other.rows) or covers(other.rows, one.rows)):
                    return True
    return False


def _merge(call: Call) -> bool:
    left = call.fact(0, "left")
    right = call.fact(1, "right")
    if left is not None:
        call.give(left.plus(right))
        return True
    return False


def _metric(call: Call) -> bool:
    """A metric measures the evaluations whose predictions it is given."""
    measured = frozenset().union(*(fact.predicted for fact in call.facts()))
    for evaluation in measured:
        evaluation.measured = True
    call.give(Fact(scores=measured))
    return True


def _cross_validation(call: Call) -> bool:
    data = call.fact(1, "X")
    if data is not None:
        call.watcher.history.cross_validated.append((data, call.place))
    call.watcher.history.searches += 1
    return True


def _export(call: Call) -> bool:
    written = union(*call.arguments.positional, *call.arguments.keywords.values())
    call.watcher.history.exports.append(Export(reachable(written), call.place))
    return True


def reachable(value: Value, depth: int = 0) -> tuple[Obj, ...]:
    """Give an object with what it holds, and what its attributes belong to."""
    found: dict[Obj, None] = {}
    for obj in value:
        found[obj] = None
        if isinstance(obj, Container) and depth < 4:  # noqa: PLR2004 - deeper nests are not found
            found.update(dict.fromkeys(reachable(obj.elements(), depth + 1)))
        base = obj.base if isinstance(obj, Member | Thing) else None
        while base is not None and not isinstance(base, External):
            found[base] = None
            base = base.base if isinstance(base, Member | Thing) else None
    return tuple(found)


def _choice(call: Call) -> bool:
    """``np.random.choice(labels, n)``: some rows, drawn with replacement unless told otherwise."""
    fact = call.fact(0, "a")
    if fact is not None and fact.kind == "index":
        mark = Duplication(call.name, call.place)
        repeated = frozenset() if call.constant(2, "replace") is False else frozenset((mark,))
        call.give(Fact(fact.rows, kind="index", duplicated=repeated))
    return True


def _train(call: Call) -> bool:
    """``xgb.train(params, data)``: gives a fitted model."""
    fact = call.fact(1, "dtrain", "train_set")
    if fact is not None and call.result:
        call.watcher.history.trainings[call.result[0]] = Training(call.result[0], "model", fact, call.place)
    return True


def _builtin(call: Call) -> bool:
    if call.name == "next":
        fact = call.fact(0)
        call.give(fact.but(kind="fold") if fact is not None and fact.kind == "folds" else fact)
        return True
    if call.name in ("max", "min", "sorted"):
        note_choice(call, call.facts())
    return False


def note_choice(call: Call, facts: list[Fact]) -> None:
    """See whether the best of several scores is picked."""
    scores = frozenset().union(*(fact.scores for fact in facts))
    if scores:
        call.watcher.history.choices.append(Choice(scores, call.place))


_BY_ROLE: dict[str, Callable[[Call], bool]] = {
    "split": _split,
    "resample": _resample,
    "shuffle": _shuffle,
    "statistics": _statistics,
    "categories": _categories,
    "concatenation": _concatenation,
    "merge": _merge,
    "metric": _metric,
    "cross-validation": _cross_validation,
    "export": _export,
}
