"""Expressions: in the order in which Python evaluates them."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.attributes import item_of
from nbpipe.analysis.calls import call
from nbpipe.analysis.comprehensions import comprehend, generate
from nbpipe.analysis.functions import define, operate, resume
from nbpipe.analysis.traversal import children
from nbpipe.analysis.values import NOTHING, Const, Container, External, Thing, Value, union

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.analysis.interpreter import Interpreter


def _subscript(interp: Interpreter, node: ast.Subscript) -> Value:
    value = interp.evaluate(node.value)
    index = interp.evaluate(node.slice)
    operate(interp, value, index)
    return item_of(interp, value, index, node)


def _operation(interp: Interpreter, node: ast.BinOp) -> Value:
    left = interp.evaluate(node.left)
    right = interp.evaluate(node.right)
    if len(left) == len(right) == 1 and left[0].inert and right[0].inert:
        first, second = left[0], right[0]
        name = first.type_name if isinstance(first, Thing) else None
        other = second.type_name if isinstance(second, Thing) else None
        result = interp.thing(name if other is None or name == other else other if name is None else None)
        if interp.watcher is not None:
            interp.watcher.operated((left, right), result, node)
        return result
    operate(interp, left, right)
    if isinstance(node.op, ast.Add) and all(isinstance(obj, Container) for obj in (*left, *right)) and left and right:
        parts = union(*(obj.elements() for obj in (*left, *right) if isinstance(obj, Container)))
        kind = left[0].kind if isinstance(left[0], Container) else "list"
        return (Container(interp.site(), kind, {}, parts, nonempty=False),)
    types = {obj.type_name for obj in (*left, *right) if isinstance(obj, Thing)} - {None}
    result = interp.thing(types.pop() if len(types) == 1 else None)
    if interp.watcher is not None:
        interp.watcher.operated((left, right), result, node)
    return result


def _unary(interp: Interpreter, node: ast.UnaryOp) -> Value:
    value = interp.evaluate(node.operand)
    operate(interp, value)
    if isinstance(node.op, ast.USub) and len(value) == 1 and isinstance(value[0], Const):
        number = value[0].value
        return (Const(-number),) if isinstance(number, int | float) else NOTHING
    if isinstance(node.op, ast.Not):
        return NOTHING
    result = interp.thing()
    if interp.watcher is not None:
        interp.watcher.operated((value,), result, node)
    return result


def _boolean(interp: Interpreter, node: ast.BoolOp) -> Value:
    values = [interp.evaluate(node.values[0])]
    _further(interp, node, 0, values)
    return union(*values)


def _further(interp: Interpreter, node: ast.BoolOp, start: int, values: list[Value]) -> None:
    """Evaluate the operands behind one of them, where that lets them be."""
    ways: list[Callable[[], object]] = [partial(_operand, interp, node, start + 1, values), lambda: None]
    interp.decide(node.values[start], *(ways if isinstance(node.op, ast.And) else reversed(ways)))


def _operand(interp: Interpreter, node: ast.BoolOp, number: int, values: list[Value]) -> None:
    values.append(interp.evaluate(node.values[number]))
    if number + 1 < len(node.values):
        _further(interp, node, number, values)


def _compare(interp: Interpreter, node: ast.Compare) -> Value:
    left = interp.evaluate(node.left)
    right = interp.evaluate(node.comparators[0])
    operate(interp, left, right)

    def rest() -> None:
        for comparator in node.comparators[1:]:
            interp.evaluate(comparator)

    if len(node.comparators) > 1:
        interp.possibly(rest)
    result = interp.thing()
    if interp.watcher is not None:
        interp.watcher.operated((left, right), result, node)
    return result


def _conditional(interp: Interpreter, node: ast.IfExp) -> Value:
    interp.evaluate(node.test)
    values: list[Value] = []
    interp.decide(
        node.test,
        lambda: values.append(interp.evaluate(node.body)),
        lambda: values.append(interp.evaluate(node.orelse)),
    )
    return union(*values)


_KINDS: dict[type[ast.AST], str] = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}


def _display(interp: Interpreter, node: ast.List | ast.Tuple | ast.Set) -> Value:
    items: dict[Any, Value] = {}
    rest: Value = NOTHING
    exact = True
    for index, element in enumerate(node.elts):
        if isinstance(element, ast.Starred):
            exact = False
            rest = union(rest, elements_of(interp, interp.evaluate(element.value)))
        else:
            value = interp.evaluate(element)
            if exact and not isinstance(node, ast.Set):
                items[index] = value
            else:
                rest = union(rest, value)
    nonempty = bool(node.elts) and (exact or any(not isinstance(element, ast.Starred) for element in node.elts))
    return (Container(interp.site(), _KINDS[node.__class__], items, rest, nonempty=nonempty),)


def _dict(interp: Interpreter, node: ast.Dict) -> Value:
    items: dict[Any, Value] = {}
    rest: Value = NOTHING
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        key = interp.evaluate(key_node) if key_node is not None else NOTHING
        value = interp.evaluate(value_node)
        if key_node is None:
            rest = union(rest, elements_of(interp, value))
        elif len(key) == 1 and isinstance(key[0], Const):
            items[key[0].value] = value
        else:
            rest = union(rest, value)
    nonempty = any(key is not None for key in node.keys)
    return (Container(interp.site(), "dict", items, rest, nonempty=nonempty),)


def _text(interp: Interpreter, node: ast.JoinedStr) -> Value:
    for part in node.values:
        if part.__class__ is not ast.Constant:
            interp.evaluate(part)
    return NOTHING


def _formatted(interp: Interpreter, node: ast.FormattedValue) -> Value:
    operate(interp, interp.evaluate(node.value))
    if node.format_spec is not None:
        interp.evaluate(node.format_spec)
    return NOTHING


def _walrus(interp: Interpreter, node: ast.NamedExpr) -> Value:
    value = interp.evaluate(node.value)
    interp.bind(node.target.id, node.target, "walrus", value)
    return value


def _lambda(interp: Interpreter, node: ast.Lambda) -> Value:
    return (define(interp, node),)


def _await(interp: Interpreter, node: ast.Await) -> Value:
    return resume(interp, interp.evaluate(node.value))


def _children(interp: Interpreter, node: ast.expr) -> Value:
    """Evaluate the parts in their order; the result is new (or a part, which is as good)."""
    for child in children(node):
        if isinstance(child, ast.expr):
            interp.evaluate(child)
    return interp.thing()


def _starred(interp: Interpreter, node: ast.Starred) -> Value:
    return elements_of(interp, interp.evaluate(node.value))


def elements_of(interp: Interpreter, value: Value) -> Value:
    """Give what iterating over a value may give."""
    operate(interp, value)
    found: list[Value] = []
    for obj in value:
        if isinstance(obj, Container):
            found.append(obj.elements())
        elif not isinstance(obj, Const):
            element = interp.thing(None, None if isinstance(obj, External) else obj)
            if interp.watcher is not None:
                interp.watcher.iterated(obj, element)
            found.append(element)
    return union(*found)


def is_nonempty(interp: Interpreter, value: Value, node: ast.expr) -> bool:
    """Tell whether iterating over this value surely gives something."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        if "range" in interp.state.names or node.keywords or not node.args:
            return False
        bounds = [_whole_number(interp, argument) for argument in node.args]
        numbers = [bound for bound in bounds if bound is not None]
        return len(numbers) == len(bounds) and _counts(numbers)
    return surely_filled(interp, value)


def surely_filled(interp: Interpreter, value: Value) -> bool:
    """Tell whether every object that this may be is known to hold something."""
    return bool(value) and all(
        (isinstance(obj, Container) and obj.nonempty and not interp.state.mutations.get(obj))
        or (isinstance(obj, Const) and isinstance(obj.value, str | bytes) and bool(obj.value))
        for obj in value
    )


def _counts(bounds: list[int]) -> bool:
    try:
        return len(range(*bounds)) > 0
    except (ValueError, OverflowError, TypeError):
        return False


def _whole_number(interp: Interpreter, node: ast.expr) -> int | None:
    """Give the number that a literal, or a name bound to one, surely holds."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _whole_number(interp, node.operand)
        return None if number is None else -number
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int) else None
    if isinstance(node, ast.Name):
        definitions = interp.state.names.get(interp.frame.key(node.id), ())
        if len(definitions) == 1 and len(definitions[0].value) == 1:
            held = definitions[0].value[0]
            if isinstance(held, Const) and isinstance(held.value, int):
                return held.value
    return None


EVALUATE: dict[type[ast.expr], Callable[[Interpreter, Any], Value]] = {
    ast.Await: _await,
    ast.BinOp: _operation,
    ast.BoolOp: _boolean,
    ast.Call: call,
    ast.Compare: _compare,
    ast.Dict: _dict,
    ast.DictComp: comprehend,
    ast.FormattedValue: _formatted,
    ast.GeneratorExp: generate,
    ast.IfExp: _conditional,
    ast.JoinedStr: _text,
    ast.Lambda: _lambda,
    ast.List: _display,
    ast.ListComp: comprehend,
    ast.NamedExpr: _walrus,
    ast.Set: _display,
    ast.SetComp: comprehend,
    ast.Slice: _children,
    ast.Starred: _starred,
    ast.Subscript: _subscript,
    ast.Tuple: _display,
    ast.UnaryOp: _unary,
    ast.Yield: _children,
    ast.YieldFrom: _children,
}
for _extra in ("TemplateStr", "Interpolation"):  # Python 3.14
    if hasattr(ast, _extra):
        EVALUATE[getattr(ast, _extra)] = _children
