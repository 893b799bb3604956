"""Parts of values: attributes, items, slices, masks, elements, and what operators make of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.learning.facts import CATEGORIES, Fact, joined
from nbpipe.analysis.learning.roles import VALUES
from nbpipe.analysis.learning.rows import NO_ROWS, Part, divided
from nbpipe.analysis.values import Const, Container, Member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis.learning.watcher import RowWatcher
    from nbpipe.analysis.values import Obj, Value

# Accessors that take rows by what stands in the brackets.
_LOCATORS = ("loc", "iloc", "ix", "at", "iat")
# What a date's difference to the first date is made of: no statistic that a model could profit from.
_DATES = ("dt", "days", "seconds", "year", "month")


def attribute(fact: Fact, attr: str) -> Fact | None:
    """Give what is known of an attribute of a value."""
    if attr in VALUES["shapes"]:
        if attr == "index" and (fact.rows or fact.division is not None):
            return fact.but(kind="index", division=_last_division(fact), predicted=frozenset())
        if attr in ("str", "cat"):
            return fact
        return Fact(learned=fact.learned) if not fact.rows and fact.kind != "matrix" else Fact(scores=fact.scores)
    if fact.confined and not attr.startswith("_"):
        fact = fact.of_columns(frozenset((attr,)), one=True) if attr in _column_names(fact) else fact
    if attr in _DATES:
        return fact.but(learned=frozenset(each for each in fact.learned if each.name not in ("min", "max")))
    return fact


def _column_names(fact: Fact) -> frozenset[str]:
    return frozenset().union(*fact.confined.values())


def _last_division(fact: Fact) -> tuple[Any, Any] | None:
    """Give the division that the labels of these rows tell: that of a sample taken of a whole."""
    if fact.division is not None:
        return fact.division
    if len(fact.rows) != 1:
        return None
    (part,) = fact.rows
    return next(iter(part.path)) if len(part.path) == 1 else None


def item(  # noqa: PLR0913 - what subscription is made of
    watcher: RowWatcher, fact: Fact, index: Value, picked: Fact | None, node: ast.expr, owner: Obj
) -> Fact | None:
    """Give what is known of ``value[index]``."""
    constant = index[0].value if len(index) == 1 and isinstance(index[0], Const) else None
    if fact.parts:
        if isinstance(constant, int) and -len(fact.parts) <= constant < len(fact.parts):
            return fact.parts[constant]
        return joined(list(fact.parts))
    if fact.kind == "fold":
        return fold_side(fact, constant)
    if fact.kind == "matrix":
        return fact.but(kind="data") if isinstance(constant, str) else fact
    fact = _narrowed(watcher, fact, index, node)
    first = node.elts[0] if isinstance(node, ast.Tuple) and node.elts else node
    if isinstance(first, ast.Slice):
        found = _sliced(watcher, fact, first)
        return found if fact.kind != "index" else Fact(kind="index", division=_last_division(found))
    if isinstance(node, ast.Tuple):
        picked = watcher.fact_of(_value_of(watcher, first)) if isinstance(first, ast.Name) else picked
    return _picked(watcher, fact, picked, node, owner)


def _narrowed(watcher: RowWatcher, fact: Fact, index: Value, node: ast.expr) -> Fact:
    """Give what is known of the columns that an index names, or that something learned has selected."""
    if len(index) == 1 and isinstance(index[0], Container) and index[0].kind == "tuple":
        selected = watcher.fact_of(index[0].items.get(1, ()))
        if selected is not None and not selected.rows:
            fact = fact.plus(Fact(learned=selected.learned))
    columns = columns_of(index)
    if columns:
        return fact.of_columns(columns, one=len(index) == 1 and isinstance(index[0], Const))
    if isinstance(node, ast.Tuple) and len(node.elts) > 1 and isinstance(node.elts[1], ast.Slice):
        labels = frozenset(each for each in fact.confined if each.kind == CATEGORIES)
        return fact.but(learned=fact.learned - labels)
    return fact


def _picked(watcher: RowWatcher, fact: Fact, picked: Fact | None, node: ast.expr, owner: Obj) -> Fact:
    """Give the rows that an index takes, or the columns that something learned has selected."""
    first = node.elts[0] if isinstance(node, ast.Tuple) and node.elts else node
    if picked is not None and (picked.division is not None or picked.kind in ("mask", "index")):
        return taken(watcher, fact, picked)
    if picked is not None and not picked.rows and picked.learned:
        return fact.plus(Fact(learned=picked.learned))
    whole_number = isinstance(node, ast.Constant) and isinstance(node.value, int)
    if whole_number and fact.kind in ("data", "aggregate"):
        return fact.but(single=True) if fact.rows else fact
    if not isinstance(first, ast.Name):
        return fact
    value = _value_of(watcher, first)
    if any(isinstance(obj, Const) and isinstance(obj.value, str) for obj in value) or columns_of(value):
        return fact
    if isinstance(owner, Member) and owner.attr in _LOCATORS:
        return fact.but(rows=divided(fact.rows, ("rows", _identity(watcher, first)), 0))
    # Columns of a table or rows of an array: nothing that is sure follows from it.
    return fact.but(uncertain=True) if picked is None or picked.rows else fact


def columns_of(index: Value) -> frozenset[str]:
    """Give the columns that an index names, none where it may mean rows or names cannot be known."""
    if len(index) != 1:
        return frozenset()
    (obj,) = index
    if isinstance(obj, Const):
        return frozenset((obj.value,)) if isinstance(obj.value, str) else frozenset()
    if not isinstance(obj, Container):
        return frozenset()
    if obj.kind == "tuple":  # of ``loc``: rows, then columns
        return columns_of(obj.items.get(1, ()))
    names = [item.value for item in obj.elements() if isinstance(item, Const)]
    known = not obj.rest and len(names) == len(obj.items) and all(isinstance(name, str) for name in names)
    return frozenset(names) if known else frozenset()


def taken(watcher: RowWatcher, fact: Fact, picked: Fact) -> Fact:
    """Give the rows of a value that a mask or an index takes."""
    if picked.division is not None:
        return fact.but(rows=divided(fact.rows, *picked.division))
    if not picked.rows:
        return fact
    rows = divided(fact.rows, ("some", watcher.number(picked)), 0)
    return fact.but(rows=rows, duplicated=fact.duplicated | picked.duplicated)


def fold_side(fact: Fact, position: object) -> Fact | None:
    """Give the positions that one side of a fold holds."""
    if position not in (0, 1, -1) or fact.division is None:
        return None
    return Fact(kind="index", division=(fact.division[0], 0 if position == 0 else 1))


def _sliced(watcher: RowWatcher, fact: Fact, node: ast.Slice) -> Fact:
    """Give the rows between two positions: what is before a bound and what is after it share none."""
    if node.step is not None or not fact.rows:
        return fact
    bounds = [
        (bound, _identity(watcher, bound), side)
        for bound, side in ((node.lower, 1), (node.upper, 0))
        if bound is not None and not (isinstance(bound, ast.Constant) and bound.value in (0, None))
    ]
    parts = set()
    for part in fact.rows:
        path = part.path
        for bound, identity, side in bounds:
            key = ("slice", identity, part.path)  # the tenth row of these is not the tenth of others
            path |= {(key, side)}
            watcher.history.splits.setdefault(key, watcher.place(bound))
        parts.add(Part(part.source, path))
    return fact.but(rows=frozenset(parts))


def _identity(watcher: RowWatcher, node: ast.expr) -> Any:
    """Give what an expression stands for, equal where two expressions surely give the same."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        value = _value_of(watcher, node)
        if len(value) == 1 and isinstance(value[0], Const):
            return value[0].value
        return tuple(watcher.number(obj) for obj in value) or node.id
    return ast.dump(node)


def _value_of(watcher: RowWatcher, node: ast.expr) -> Value:
    if not isinstance(node, ast.Name):
        return ()
    interp = watcher.interp
    definitions = interp.state.names.get(interp.frame.key(node.id), ())
    return tuple(dict.fromkeys(obj for definition in definitions for obj in definition.value))


def element(fact: Fact) -> Fact | None:
    """Give what is known of one element of a value."""
    if fact.kind == "folds":
        return fact.but(kind="fold")
    if fact.kind == "index":
        return Fact()
    if fact.parts:
        return joined(list(fact.parts))
    return fact.but(single=True) if fact.rows else fact


def unpacked(watcher: RowWatcher, fact: Fact, owner: Obj, position: int, targets: Sequence[ast.expr]) -> Fact | None:
    """Give what is known of what one target of an unpacking gets."""
    count = len(targets)
    if fact.parts:
        return fact.parts[position] if position < len(fact.parts) else joined(list(fact.parts))
    if fact.kind == "folds":
        return fact.but(kind="fold")
    if fact.kind == "fold":
        return fold_side(fact, position) if count <= 3 else None  # noqa: PLR2004 - some splitters give groups, too
    if fact.opaque:
        return fact.but(rows=divided(fact.rows, ("unknown", watcher.number(owner), position), 0), uncertain=True)
    if count > 1 and all(isinstance(target, ast.Tuple | ast.List) for target in targets):
        # Of (x_train, y_train), (x_test, y_test), as data sets are handed out: each has rows of its own.
        return fact.but(rows=divided(fact.rows, ("sets", watcher.number(owner)), position))
    return fact


def combined(watcher: RowWatcher, facts: list[Fact], result: Value, node: ast.AST) -> Fact:
    """Give what is known of what an operator gives."""
    found = joined(facts) or Fact()
    if isinstance(node, ast.Compare):
        return found.but(kind="mask", predicted=frozenset(), division=_compared(watcher, node, result), single=False)
    if found.kind == "mask" and isinstance(node, ast.UnaryOp):
        return found.but(division=_other_side(found.division))
    if found.kind == "mask":
        return found.but(division=(("mask", watcher.number(result[0])), True) if result else None)
    if found.kind in ("folds", "fold", "index"):
        return Fact(scores=found.scores)
    if len(facts) > 1:
        for evaluation in found.predicted:
            evaluation.measured = True
        return found.but(predicted=frozenset(), scores=found.scores | found.predicted)
    return found


_OPPOSITE: dict[type[ast.cmpop], tuple[str, bool]] = {
    ast.Lt: ("<", True), ast.GtE: ("<", False), ast.Gt: (">", True), ast.LtE: (">", False), ast.NotEq: ("==", False),
    ast.In: ("in", True), ast.NotIn: ("in", False),
}  # fmt: skip


def _compared(watcher: RowWatcher, node: ast.Compare, result: Value) -> tuple[Any, Any] | None:
    """Give the division that a comparison makes; comparisons of the same things make the same one."""
    if len(node.ops) != 1 or not result:
        return (("mask", watcher.number(result[0])), True) if result else None
    left, right = ast.dump(node.left), ast.dump(node.comparators[0])
    operator = node.ops[0]
    if isinstance(operator, ast.Eq) and isinstance(node.comparators[0], ast.Constant):
        return (("equal", left), node.comparators[0].value)
    name, side = _OPPOSITE.get(type(operator), (type(operator).__name__, True))
    return ((name, left, right), side)


def _other_side(division: tuple[Any, Any] | None) -> tuple[Any, Any] | None:
    if division is None:
        return None
    key, side = division
    if isinstance(side, bool):
        return (key, not side)
    if side in (0, 1) and isinstance(key, tuple) and key[0] in ("sample", "split"):
        return (key, 1 - side)
    return (("not", key, side), True)


def complement(watcher: RowWatcher, fact: Fact, labels: Fact) -> Fact:
    """Give what is left of a value when rows with these labels are taken out."""
    side = _other_side(labels.division)
    if side is None:
        return fact.but(rows=divided(fact.rows, ("without", watcher.number(labels)), 0)) if labels.rows else fact
    return fact.but(rows=divided(fact.rows, *side))


def statistic(fact: Fact) -> Fact:
    """Give what is known of a plain statistic of data: nothing of its rows."""
    return fact.but(rows=NO_ROWS, kind="data", division=None, duplicated=frozenset(), predicted=frozenset())


def categories_only(fact: Fact) -> Fact:
    """Give the same without what was learned of categories, after columns were made to agree."""
    return fact.but(learned=frozenset(each for each in fact.learned if each.kind != CATEGORIES))
