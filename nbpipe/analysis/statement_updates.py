"""What one statement does to what was there before it, if it is run once more."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from nbpipe.analysis.dependence import root_name
from nbpipe.analysis.operation_again import operator_again
from nbpipe.analysis.repetition_table import ABSORBS, CHANGES, GONE, SAME, TOGGLES, Again
from nbpipe.analysis.self_update import SelfUpdate, place_of, reads_place
from nbpipe.analysis.traversal import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.analysis.dependence import Dependence
    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.repetition_table import RepetitionTable
    from nbpipe.analysis.self_update import Place

_DELETED = Again(GONE, "what `del` takes away is gone by then")
_SWAPPED = Again(TOGGLES, "the values change places each time")
_ROW = Again(CHANGES, "one more row is added each time")
_PAIR = 2


class StatementUpdates:
    """Judges the statements of one cell in order.

    Attributes:
        carried: for the names by which the cell only gave an object on, by id, the name it had read.

    Args:
        earlier: names that earlier cells bind.
        dependence: what the cell's values were made of, up to the statement judged.
    """

    def __init__(
        self, table: RepetitionTable, calls: Mapping[int, CallSite], earlier: set[str], dependence: Dependence
    ) -> None:
        self._table = table
        self._calls = calls
        self._earlier = earlier
        self._dependence = dependence
        self.carried: dict[int, ast.Name] = {}

    def of(self, statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.Name, Again]]:
        """Yield what a statement does to what was there before: the place changed, the name read, what happens."""
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from self._assigned(target, statement.value)
            yield from self._called(statement.value, stated=False)
        elif isinstance(statement, ast.AugAssign):
            yield from self._augmented(statement)
        elif isinstance(statement, ast.Delete):
            for target in statement.targets:
                root = root_name(target)
                if root is not None:
                    yield target, root, _deletion(target)
        elif isinstance(statement, ast.Expr):
            yield from self._called(statement.value, stated=True)

    def _assigned(self, target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.Name, Again]]:
        if isinstance(target, ast.Tuple | ast.List):
            yield from self._unpacked(target, value)
            return
        place = place_of(target)
        if place is None or place[0] not in self._earlier:
            return
        if isinstance(target, ast.Subscript) and _is_length_of(target.slice, place[0]):
            root = root_name(target)
            if root is not None:
                yield target, root, _ROW
            return
        root = _name_in(value, place[0])
        if root is None or place in self._dependence.written:
            return
        if reads_place(value, place):
            again = self._update(place).again(value)
            yield target, root, again
            if again.outcome in (SAME, ABSORBS) and isinstance(target, ast.Name):
                self.carried[id(target)] = root

    def _unpacked(self, target: ast.Tuple | ast.List, value: ast.expr) -> Iterator[tuple[ast.expr, ast.Name, Again]]:
        if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            left, right = list(map(place_of, target.elts)), list(map(place_of, value.elts))
            root = root_name(value.elts[-1])
            if len(left) == _PAIR and None not in left and left != right and left == right[::-1]:
                if root is not None and root.id in self._earlier:
                    yield target.elts[0], root, _SWAPPED
                return
            for element, part in zip(target.elts, value.elts, strict=True):
                yield from self._assigned(element, part)
        elif isinstance(value, ast.Call):
            for element in target.elts:
                root = _name_in(value, element.id) if isinstance(element, ast.Name) else None
                if root is not None and root.id in self._earlier:
                    again = self._update((root.id,)).again(value)
                    if again.told:
                        yield element, root, again

    def _augmented(self, statement: ast.AugAssign) -> Iterator[tuple[ast.expr, ast.Name, Again]]:
        place, root = place_of(statement.target), root_name(statement.target)
        if place is None or root is None or root.id not in self._earlier or place in self._dependence.written:
            return
        if not self._dependence.on(place, statement.value):
            yield statement.target, root, operator_again(statement.op, statement.value)

    def _called(self, node: ast.expr, *, stated: bool) -> Iterator[tuple[ast.expr, ast.Name, Again]]:
        if not isinstance(node, ast.Call):
            return
        site = self._calls.get(id(node)) if _may_change(node, self._earlier) else None
        if site is None:
            return
        if isinstance(node.func, ast.Attribute):
            root, place = root_name(node.func), place_of(node.func.value)
            known = root is not None and place is not None and root.id in self._earlier
            if known and root is not None and place is not None and place not in self._dependence.written:
                again = self._method(node, node.func, place, site.names, stated=stated)
                if again.told:
                    yield node.func.value, root, again
        argument = node.args[0] if node.args else None
        root = root_name(argument)
        if root is not None and argument is not None and root.id in self._earlier:
            again = self._table.in_place_function(site.names, node)
            if again.told:
                yield argument, root, again

    def _method(
        self, node: ast.Call, function: ast.Attribute, place: Place, names: tuple[str, ...], *, stated: bool
    ) -> Again:
        if any(keyword.arg == "inplace" and _is_true(keyword.value) for keyword in node.keywords):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            fixed = not any(self._dependence.on(place, argument) for argument in arguments)
            return self._table.method(names, node) if fixed else Again(SAME)
        if not stated and function.attr not in ("pop", "popleft", "popitem"):
            return Again(SAME)
        frame = any(name.startswith("pandas.") for name in names)
        if function.attr == "pop" and len(node.args) > 1:
            return Again(SAME)
        keyed = bool(node.args) and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
        if function.attr == "pop" and (keyed or frame):
            return Again(GONE, "what `pop` takes out is gone by then", "pop")
        if function.attr == "insert" and (frame or len(node.args) > _PAIR):
            return Again(GONE, "the column that `insert` puts in is there by then")
        return self._table.in_place(names, node)

    def _update(self, place: Place) -> SelfUpdate:
        return SelfUpdate(self._table, self._calls, place, partial(self._dependence.on, place))


def _may_change(node: ast.Call, names: set[str]) -> bool:
    """Tell by the looks whether a call can change something that one of the names holds."""
    root = root_name(node.func) if isinstance(node.func, ast.Attribute) else None
    first = root_name(node.args[0]) if node.args else None
    return any(each is not None and each.id in names for each in (root, first))


def _deletion(target: ast.expr) -> Again:
    index = target.slice if isinstance(target, ast.Subscript) else None
    if isinstance(index, ast.Slice) or (isinstance(index, ast.Constant) and isinstance(index.value, int)):
        return Again(CHANGES, "more is deleted each time")
    return _DELETED


def _name_in(node: ast.AST, name: str) -> ast.Name | None:
    return next((part for part in walk(node) if isinstance(part, ast.Name) and part.id == name), None)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_length_of(index: ast.expr, name: str) -> bool:
    """Tell whether an index is ``len(name)``, ``len(name.index)`` and the like."""
    if isinstance(index, ast.BinOp):
        return _is_length_of(index.left, name)
    if not (isinstance(index, ast.Call) and isinstance(index.func, ast.Name) and index.func.id == "len"):
        return False
    root = root_name(index.args[0]) if index.args else None
    return root is not None and root.id == name
