"""What a step may change although the analysis is not sure of it: rather one output more than one too few."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.dependence import root_name
from nbpipe.convert.scopes import outer_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

# Methods of Python's own containers, and of arrays, that change what they are called on.
_CHANGING: Final = frozenset([
    "add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "fill", "insert",
    "intersection_update", "partition", "pop", "popitem", "popleft", "put", "remove", "resize", "reverse", "rotate",
    "setdefault", "sort", "symmetric_difference_update", "update",
])  # fmt: skip


def may_change(statement: ast.stmt) -> Iterator[str]:
    """Give the names whose values a statement at the top level may change in place, judged by its looks."""
    for node in outer_statements([statement]):
        if not isinstance(node, ast.Call):
            continue
        for argument in _changed_by(node):
            root = root_name(argument)
            if root is not None:
                yield root.id


def _changed_by(call: ast.Call) -> Iterator[ast.expr]:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _CHANGING:
        yield call.func.value
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(argument, ast.Attribute) and argument.attr in _CHANGING:
            yield argument.value  # a method that is handed on, and may be called
    for keyword in call.keywords:
        if keyword.arg == "out":  # numpy's
            yield from keyword.value.elts if isinstance(keyword.value, ast.Tuple) else [keyword.value]


def asks_identity(code: ast.AST) -> Iterator[str]:
    """Give the names that code compares by identity with what is no constant: ``a is b``, ``id(a)``."""
    for node in ast.walk(code):
        operands: list[ast.expr] = []
        if isinstance(node, ast.Compare) and any(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "id":
            operands = list(node.args)
        if not any(isinstance(operand, ast.Constant) for operand in operands):
            yield from (root.id for operand in operands if (root := root_name(operand)) is not None)
