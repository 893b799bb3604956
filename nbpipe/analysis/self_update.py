"""What assigning an expression to the place that it reads does the second time: ``df = df.drop(...)``, ``x = x / 2``.

A place is a name, or an item or attribute under it: ``df["a"]`` and ``df.a`` are one place. The expression is looked at
from the place outwards: each operation on the way is one that changes nothing when it is applied once more, one that
changes something or fails, or one that is not known, and then nothing is said.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.operation_again import FLIPPED, GROWS, index_again, is_mask, is_set, mapping_again, operator_again
from nbpipe.analysis.repetition_table import (
    ABSORBING,
    ABSORBS,
    CHANGES,
    GONE,
    NO_CHANGE,
    NOT_KNOWN,
    SAME,
    TOGGLES,
    TYPE,
    Again,
)
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Container, External

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.repetition_table import RepetitionTable

Place = tuple[str, ...]

_LOCATORS = frozenset(["loc", "at", "iat", "iloc"])
_ACCESSORS = frozenset(["str", "dt", "cat"])


_PLACES = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)


def place_of(node: ast.AST) -> Place | None:
    """Give the place that an expression stands for; None where it is no name with items and attributes."""
    steps: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            steps.append(node.attr)
        elif isinstance(node, ast.Subscript):
            steps.append(_step(node.slice))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_lookup(node.func, node.args):
            steps.append(_step(node.args[0]))  # ``counts.get(word, 0)``
            node = node.func
        else:
            return None
        node = node.value
    return (node.id, *reversed(steps))


def _step(index: ast.expr) -> str:
    known = isinstance(index, ast.Constant) and isinstance(index.value, str)
    return str(index.value) if known and isinstance(index, ast.Constant) else f"[{ast.dump(index)}]"


def _is_lookup(method: ast.Attribute, arguments: list[ast.expr]) -> bool:
    return method.attr == "get" and bool(arguments)


def reads_place(node: ast.AST, place: Place) -> bool:
    """Tell whether an expression reads a place."""
    return any(
        place_of(part) == place
        for part in walk(node)
        if isinstance(part, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    )


class SelfUpdate:
    """Judges expressions that are assigned to a place they read.

    Args:
        depends: tells whether an expression that is not the place itself may depend on what the place holds.
    """

    def __init__(
        self,
        table: RepetitionTable,
        calls: Mapping[int, CallSite],
        place: Place,
        depends: Callable[[ast.AST], bool],
    ) -> None:
        self._table = table
        self._calls = calls
        self._place = place
        self._depends = depends

    def again(self, node: ast.expr) -> Again:
        """Give what assigning the expression to the place does the second time."""
        if place_of(node) == self._place:
            return NO_CHANGE
        judge = _JUDGES.get(type(node))
        return judge(self, node) if judge is not None else NOT_KNOWN

    def reads(self, node: ast.AST) -> bool:
        """Tell whether an expression reads the place."""
        return reads_place(node, self._place)

    def _operation(self, node: ast.BinOp) -> Again:
        left, right = self.reads(node.left), self.reads(node.right)
        if left and not self._depends(node.right):
            if isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Call) and is_set(node.left):
                return NO_CHANGE
            return _after(self.again(node.left), operator_again(node.op, node.right))
        if right and not self._depends(node.left):
            own = operator_again(node.op, node.left)
            if isinstance(node.op, ast.Sub | ast.Div):
                own = FLIPPED
            elif isinstance(node.op, ast.Mod | ast.BitAnd | ast.BitOr):
                own = NOT_KNOWN
            return _after(self.again(node.right), own)
        return NOT_KNOWN

    def _unary(self, node: ast.UnaryOp) -> Again:
        return _after(self.again(node.operand), NO_CHANGE if isinstance(node.op, ast.UAdd) else FLIPPED)

    def _subscript(self, node: ast.Subscript) -> Again:
        if self.reads(node.value) and is_mask(node.slice):
            unique = any(isinstance(part, ast.Attribute) and part.attr == "duplicated" for part in walk(node.slice))
            return _after(self.again(node.value), ABSORBING if unique else NO_CHANGE)
        if not self.reads(node.value) or self._depends(node.slice) or self.reads(node.slice):
            return NOT_KNOWN
        value, locator = node.value, ""
        if isinstance(node.value, ast.Attribute) and node.value.attr in _LOCATORS:
            value, locator = node.value.value, node.value.attr
        if locator in ("loc", "at"):  # by labels: what is there is found again
            return self.again(value) if isinstance(node.slice, ast.Slice) else NOT_KNOWN
        return _after(self.again(value), index_again(node.slice))

    def _attribute(self, node: ast.Attribute) -> Again:
        inner = self.again(node.value)
        if node.attr in _ACCESSORS:
            return inner
        return _after(inner, self._table.attribute(node.attr))

    def _call(self, node: ast.Call) -> Again:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        site = self._calls.get(id(node))
        names = site.names if site is not None else ()
        if isinstance(node.func, ast.Attribute) and self.reads(node.func.value):
            if any(self.reads(argument) or self._depends(argument) for argument in arguments):
                return NOT_KNOWN
            own = self._applied(node, site) or self._table.method(names, node)
            return _after(self.again(node.func.value), own)
        holders = [argument for argument in arguments if self.reads(argument)]
        if len(holders) != 1 or self._depends(node.func):
            return NOT_KNOWN
        if any(self._depends(argument) for argument in arguments if argument is not holders[0]):
            return NOT_KNOWN
        own = self._table.function(names, node)
        holder = holders[0]
        if isinstance(holder, ast.List | ast.Tuple):  # ``concat([df, more])``
            parts = [part for part in holder.elts if self.reads(part)]
            if len(parts) != 1 or any(self._depends(part) for part in holder.elts if part is not parts[0]):
                return NOT_KNOWN
            if len(holder.elts) == 1 and own.outcome == CHANGES:
                return NOT_KNOWN
            holder = parts[0]
        inner = self.again(holder)
        if own.outcome in (SAME, ABSORBS) and inner.outcome == TYPE:
            return NOT_KNOWN  # it may have been put back into what it was
        return _after(inner, own)

    def _applied(self, node: ast.Call, site: CallSite | None) -> Again | None:
        """Judge ``x.apply(f)`` and ``x.map(f)`` by what f does; None for other methods."""
        assert isinstance(node.func, ast.Attribute)  # noqa: S101 - the caller's promise
        if node.func.attr not in ("apply", "map", "applymap", "transform") or not node.args:
            return None
        given = node.args[0]
        if isinstance(given, ast.Lambda) and len(given.args.args) == 1 and len(node.args) == 1:
            inner = SelfUpdate(self._table, self._calls, (given.args.args[0].arg,), self._depends)
            return inner.again(given.body) if inner.reads(given.body) else NOT_KNOWN
        value = site.arguments[0] if site is not None and site.arguments else ()
        if len(value) != 1:
            return NOT_KNOWN
        if isinstance(value[0], External):
            return self._table.named_function(value[0].name)
        mapped = node.func.attr == "map" and isinstance(value[0], Container) and value[0].kind == "dict"
        return mapping_again(value[0]) if mapped and isinstance(value[0], Container) else NOT_KNOWN

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Again:
        clause = node.generators[0]
        if len(node.generators) != 1 or not isinstance(clause.target, ast.Name) or not self.reads(clause.iter):
            return NOT_KNOWN
        inner = SelfUpdate(self._table, self._calls, (clause.target.id,), self._depends)
        if not inner.reads(node.elt) or self._depends(node.elt):
            return NOT_KNOWN
        own = inner.again(node.elt)
        return _after(self.again(clause.iter), own if own.outcome != TYPE else Again(TYPE, own.text))

    def _text(self, node: ast.JoinedStr) -> Again:
        filled = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        holders = [part for part in filled if self.reads(part)]
        if len(holders) == 1 and len(node.values) > 1:
            return _after(self.again(holders[0]), GROWS)
        return NOT_KNOWN

    def _display(self, node: ast.List | ast.Tuple) -> Again:
        spread = [part.value for part in node.elts if isinstance(part, ast.Starred) and self.reads(part)]
        if len(spread) == 1 and len(node.elts) > 1:
            return _after(self.again(spread[0]), GROWS)
        return NOT_KNOWN


_JUDGES: dict[type[ast.expr], Callable[[SelfUpdate, ast.expr], Again]] = {
    ast.BinOp: SelfUpdate._operation,  # type: ignore[dict-item]  # noqa: SLF001 - a table of its own methods
    ast.UnaryOp: SelfUpdate._unary,  # type: ignore[dict-item]  # noqa: SLF001
    ast.Subscript: SelfUpdate._subscript,  # type: ignore[dict-item]  # noqa: SLF001
    ast.Attribute: SelfUpdate._attribute,  # type: ignore[dict-item]  # noqa: SLF001
    ast.Call: SelfUpdate._call,  # type: ignore[dict-item]  # noqa: SLF001
    ast.ListComp: SelfUpdate._comprehension,  # type: ignore[dict-item]  # noqa: SLF001
    ast.SetComp: SelfUpdate._comprehension,  # type: ignore[dict-item]  # noqa: SLF001
    ast.GeneratorExp: SelfUpdate._comprehension,  # type: ignore[dict-item]  # noqa: SLF001
    ast.JoinedStr: SelfUpdate._text,  # type: ignore[dict-item]  # noqa: SLF001
    ast.List: SelfUpdate._display,  # type: ignore[dict-item]  # noqa: SLF001
    ast.Tuple: SelfUpdate._display,  # type: ignore[dict-item]  # noqa: SLF001
}


def _after(inner: Again, own: Again) -> Again:
    """Give what two operations do together, the inner one being applied first."""
    if TOGGLES in (inner.outcome, own.outcome) and inner is not NO_CHANGE and own is not NO_CHANGE:
        return NOT_KNOWN  # ``sorted(x)[::-1]``
    if inner.outcome == SAME:
        return own
    if own.outcome == SAME:
        return inner
    if ABSORBS in (inner.outcome, own.outcome):
        other = own if inner.outcome == ABSORBS else inner
        return NOT_KNOWN if other.outcome == CHANGES else other
    if inner.outcome == own.outcome and inner.outcome in (CHANGES, GONE):
        return inner
    if own.outcome == CHANGES and inner.outcome == GONE and own.method != "reset_index":
        return inner
    return NOT_KNOWN
