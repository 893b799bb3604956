"""Methods of data: statistics, samples, what is filled, dropped and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.learning.facts import STATISTICS, Duplication, Fact, Learned
from nbpipe.analysis.learning.functions import learn_statistic, note_choice, reachable
from nbpipe.analysis.learning.models import Export
from nbpipe.analysis.learning.roles import VALUES
from nbpipe.analysis.learning.rows import divided
from nbpipe.analysis.learning.selecting import categories_only, columns_of, complement
from nbpipe.analysis.values import Const, type_name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.analysis.learning.calls import Call
    from nbpipe.analysis.values import Value


def follow(call: Call) -> bool:
    """Follow a method of a value; false where it works row by row on what it is given."""
    assert call.owner is not None  # noqa: S101 - the caller's question
    owner: Value = (call.owner,)
    fact = call.watcher.fact_of(owner)
    name = call.name
    if name in VALUES["choosing"] and fact is not None and fact.scores:
        note_choice(call, [fact])
    if name in VALUES["harmless"]:
        call.give(Fact(scores=fact.scores) if fact is not None and fact.scores else None)
        return True
    if name in VALUES["statistics"]:
        if fact is None and not _looks_like_data(call):
            return True
        return _statistic(call, fact if fact is not None else call.watcher.data(owner))
    if name in VALUES["matrices"] or name in VALUES["tables"]:
        return _matrix(call, fact if fact is not None else call.watcher.data(owner))
    handler = _HANDLERS.get(name)
    if handler is not None and (fact is not None or name in ("sample", "isin")):
        return handler(call, fact if fact is not None else call.watcher.data(owner))
    if fact is None:
        return False
    if name in VALUES["subsets"]:
        return _subset(call, fact)
    if _is_inplace(call):
        return _inplace(call, fact)
    return False


def _looks_like_data(call: Call) -> bool:
    """Tell whether an object without known origin holds rows: a column, or a table."""
    return (type_name_of(call.owner) or "").startswith("pandas.") if call.owner is not None else False


def _statistic(call: Call, fact: Fact) -> bool:
    if call.name in ("agg", "aggregate") and call.returned is not None:
        fact = fact.plus(call.returned)
    if fact.kind in ("mask", "index", "folds", "fold", "matrix"):
        call.give(Fact(scores=fact.scores))
        return True
    if fact.kind == "window":
        call.give(fact.but(kind="data"))
        return True
    if fact.kind == "grouped":
        if call.name in ("min", "max"):  # of one patient, one machine: when it began, how long it took
            call.give(Fact())
            return True
        return _aggregate(call, fact)
    return learn_statistic(call, fact, axis=0)


def _aggregate(call: Call, fact: Fact) -> bool:
    """``df.groupby("city").mean()``: a table of its own, that knows the rows it was made of."""
    learned = frozenset((Learned(call.name, STATISTICS, fact.rows, call.place),)) if fact.rows else frozenset()
    rows = call.watcher.new_rows(call.result)
    call.give(Fact(rows, kind="aggregate", learned=fact.learned | learned))
    return True


def _transform(call: Call, fact: Fact) -> bool:
    """``df.groupby("city")["x"].transform("mean")``: each row gets what its group taught."""
    if fact.kind != "grouped" or call.constant(0, "func") not in VALUES["statistics"] - {"min", "max"}:
        return False
    learned = Learned(str(call.constant(0, "func")), STATISTICS, fact.rows, call.place)
    call.give(fact.but(kind="data", learned=fact.learned | {learned}))
    return True


def _matrix(call: Call, fact: Fact) -> bool:
    """Correlations, counts: no statistic until a column of it is picked to select by."""
    if fact.rows and call.name in VALUES["matrices"]:
        learned = Learned(call.name, STATISTICS, fact.rows, call.place)
        call.give(Fact(learned=fact.learned | {learned}, kind="matrix"))
    return True


def _subset(call: Call, fact: Fact) -> bool:
    if _is_inplace(call):
        return True
    if call.name in ("head", "tail", "nlargest", "nsmallest") and fact.rows:
        call.give(fact.but(rows=divided(fact.rows, (call.name, call.watcher.number(call.node)), 0)))
    else:
        call.give(fact)
    return True


def _is_inplace(call: Call) -> bool:
    value = call.arguments.keywords.get("inplace", ())
    return len(value) == 1 and isinstance(value[0], Const) and bool(value[0].value)


def _inplace(call: Call, fact: Fact) -> bool:
    """``df.fillna(value, inplace=True)``: what it is given goes into the data."""
    assert call.owner is not None  # noqa: S101
    changed = fact
    for given in call.facts():
        changed = changed.plus(given)
    if call.returned is not None:
        changed = changed.plus(call.returned)
    if changed is not fact:
        call.watcher.change(call.owner, changed)
    return True


def _sample(call: Call, fact: Fact) -> bool:
    """``df.sample(frac=0.8)``: some rows; the whole, shuffled, where the fraction is one."""
    if call.constant(2, "replace") is True:
        call.give(fact.but(duplicated=fact.duplicated | {Duplication("sample", call.place)}))
    elif call.constant(1, "frac") in (1, 1.0):
        call.give(fact)
    else:
        key = ("sample", call.number)
        call.watcher.history.splits[key] = call.place
        division = (key, 0)
        call.give(fact.but(rows=divided(fact.rows, *division), division=division))
    return True


def _drop(call: Call, fact: Fact) -> bool:
    """``df.drop(train.index)``: the other rows; anything else that is dropped is a column."""
    labels = call.fact(0, "labels", "index")
    if labels is not None and labels.kind == "index" and not call.is_rowwise(1):
        if labels.division is not None:
            call.watcher.history.complemented.add(labels.division[0])
        call.give(complement(call.watcher, fact, labels))
        return True
    columns = columns_of(call.argument(0, "labels", "columns")) or columns_of(
        call.arguments.keywords.get("columns", ())
    )
    fact = fact.without_columns(columns)
    if labels is not None and labels.learned and not labels.rows:
        fact = fact.plus(Fact(learned=labels.learned))
    if _is_inplace(call):
        if call.owner is not None:
            call.watcher.change(call.owner, fact)
    else:
        call.give(fact.but(division=None) if fact.division is not None and fact.kind == "data" else fact)
    return True


def _isin(call: Call, fact: Fact) -> bool:
    """``df.index.isin(train.index)``: a mask of the same rows."""
    labels = call.fact(0, "values")
    if fact.kind == "index" and labels is not None and labels.division is not None:
        call.watcher.history.complemented.add(labels.division[0])
        call.give(Fact(kind="mask", division=labels.division))
    else:
        call.give(Fact(kind="mask", rows=fact.rows, learned=fact.learned, division=(("mask", call.number), True)))
    return True


def _realign(call: Call, fact: Fact) -> bool:
    """Columns are made to agree with others: what categories each knew no longer matters."""
    facts = [fact, *call.facts()]
    cleared = [categories_only(each) for each in facts]
    call.give(Fact(parts=tuple(cleared)) if call.name == "align" else cleared[0])
    return True


def _grouped(call: Call, fact: Fact) -> bool:
    call.give(fact.but(kind="grouped"))
    return True


def _windowed(call: Call, fact: Fact) -> bool:
    """``df.rolling(7)``: what is computed of a window of neighbours is no statistic of all rows."""
    call.give(fact.but(kind="window"))
    return True


def _append(call: Call, fact: Fact) -> bool:
    other = call.fact(0, "other")
    call.give(fact if other is None else fact.but(rows=fact.rows | other.rows).plus(other))
    return True


def _join(call: Call, fact: Fact) -> bool:
    other = call.fact(0, "right", "other")
    call.give(fact.plus(other))
    return True


def export_model(call: Call) -> None:
    """``model.save("model.keras")``: the model goes to a file by itself."""
    if call.owner is not None:
        call.watcher.history.exports.append(Export(reachable((call.owner,)), call.place))


_HANDLERS: dict[str, Callable[[Call, Fact], bool]] = {
    "sample": _sample,
    "drop": _drop,
    "isin": _isin,
    "reindex": _realign,
    "reindex_like": _realign,
    "align": _realign,
    "groupby": _grouped,
    "resample": _grouped,
    "rolling": _windowed,
    "expanding": _windowed,
    "ewm": _windowed,
    "transform": _transform,
    "append": _append,
    "merge": _join,
    "join": _join,
}
