"""Literals: the value of an expression that is one, also through a name that surely holds it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.traversal import walk
from nbpipe.settings.configuration import is_configuration

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import Definition

_SIGNS = {ast.USub: -1, ast.UAdd: 1}


class NoLiteral(ValueError):  # noqa: N818 - not an error of anyone
    """The expression is no literal."""


class Literal:
    """A literal and where it stands.

    Attributes:
        node: the literal.
        home: index of the cell whose source holds it.
        via: the name that holds it, empty where the literal itself is what was looked at.
    """

    __slots__ = ("home", "node", "value", "via")

    def __init__(self, value: Any, node: ast.expr, home: int, via: str = "") -> None:
        self.value = value
        self.node = node
        self.home = home
        self.via = via


def value_of(node: ast.expr) -> Any:
    """Give the value of a number, a text, or a list or tuple of numbers; raises NoLiteral for all else."""
    kind = node.__class__
    if kind is ast.Constant:
        value = node.value  # type: ignore[attr-defined]
        if isinstance(value, int | float | str) or value is None:
            return value
    elif isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        value = value_of(node.operand)
        if isinstance(value, int | float):
            return _SIGNS[type(node.op)] * value
    elif isinstance(node, ast.Tuple | ast.List) and node.elts:
        values = [value_of(element) for element in node.elts]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            return tuple(values) if isinstance(node, ast.Tuple) else values
    raise NoLiteral


def literal(analysis: Analysis, cell: int, home: int, node: ast.expr) -> Literal | None:
    """Give the literal that an expression is, or that the name which it is surely holds.

    A name counts where one assignment of a literal, which is no configuration, reaches it on all paths. Names in
    capitals do not: who writes ``N_ESTIMATORS = 500`` has named a constant, and the rule about constants outside the
    parameters cell speaks of it.

    Args:
        analysis: the notebook's.
        cell: index of the cell that is being run when the expression is evaluated.
        home: index of the cell whose source holds it.
        node: the expression.
    """
    try:
        return Literal(value_of(node), node, home)
    except NoLiteral:
        pass
    found = assigned(analysis, cell, node)
    if found is None:
        return None
    definition, expression = found
    try:
        return Literal(value_of(expression), expression, definition.home, definition.name)
    except NoLiteral:
        return None


def assigned(analysis: Analysis, cell: int, node: ast.expr) -> tuple[Definition, ast.expr] | None:
    """Give the assignment that surely made what a name holds, and the expression assigned; see `literal`."""
    if not isinstance(node, ast.Name) or node.id.isupper():
        return None
    use = analysis.top_down.uses.get((cell, id(node)))
    if use is None or len(use.definitions) != 1:
        return None
    definition = use.definitions[0]
    if definition.kind != "assignment" or not definition.certain:
        return None
    expression = expression_of(analysis, definition)
    if expression is None or is_configuration(analysis, definition.home, expression):
        return None
    return definition, expression


def expression_of(analysis: Analysis, definition: Definition) -> ast.expr | None:
    """Give the expression that an assignment to one plain name assigns."""
    target = definition.node
    code = analysis.codes.get(definition.home)
    line = getattr(target, "lineno", 0)
    for statement in code.body if code is not None else ():
        if statement.lineno <= line <= (statement.end_lineno or line):
            for node in walk(statement):
                if isinstance(node, ast.Assign) and target in node.targets:
                    return node.value
                if isinstance(node, ast.AnnAssign) and node.target is target:
                    return node.value
    return None
