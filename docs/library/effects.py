"""What methods do to their object, from their code: whether they change it, and whether they give it back."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any

# Attributes that hold what is computed once and kept: filling them changes nothing that can be seen.
_HIDDEN = ("_cache", "_cached", "_memo", "_lock", "_stale", "_hash")
_DEPTH = 4


@cache
def _tree(function: Any) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError):
        return None
    found = tree.body[0] if tree.body else None
    return found if isinstance(found, ast.FunctionDef) else None


def gives_itself(owner: type, function: Any, depth: int = _DEPTH) -> bool:
    """Tell whether every way through a method gives the object it was called on."""
    tree = _tree(function)
    if tree is None or not tree.args.args or depth == 0:
        return False
    own = tree.args.args[0].arg
    found = [node.value for node in _own_nodes(tree) if isinstance(node, ast.Return)]
    return bool(found) and all(_gives(owner, value, own, depth) for value in found)


def _gives(owner: type, value: ast.expr | None, own: str, depth: int) -> bool:
    if isinstance(value, ast.Name):
        return value.id == own
    called = _called_on(value.func, own) if isinstance(value, ast.Call) else None
    inner = getattr(owner, called, None) if called else None
    return inspect.isfunction(inner) and gives_itself(owner, inner, depth - 1)


def changes(owner: type, function: Any, depth: int = _DEPTH) -> bool:
    """Tell whether a method stores into the object it is called on, itself or in methods that it calls on it."""
    tree = _tree(function)
    if tree is None or not tree.args.args or depth == 0:
        return False
    own = tree.args.args[0].arg
    for node in _own_nodes(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
            targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
            if any(_is_own(target, own) for target in targets):
                return True
        elif isinstance(node, ast.Call):
            if getattr(node.func, "id", "") == "setattr" and node.args and getattr(node.args[0], "id", "") == own:
                return True
            if any(changes(owner, inner, depth - 1) for inner in _reached(owner, function, node.func, own)):
                return True
    return False


def _own_nodes(tree: ast.FunctionDef) -> list[ast.AST]:
    """Give the nodes of a function without those of functions inside it."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
    return found


def _is_own(target: ast.AST, own: str) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return any(_is_own(each, own) for each in target.elts)
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return target.value.id == own and not target.attr.startswith(_HIDDEN)
    return isinstance(target, ast.Subscript) and (
        (isinstance(target.value, ast.Name) and target.value.id == own) or _is_own(target.value, own)
    )


def _reached(owner: type, function: Any, called: ast.expr, own: str) -> list[Any]:
    """Give the methods that ``self.name(...)`` or ``super().name(...)`` may call."""
    name = _called_on(called, own)
    if name is not None:
        found = [getattr(owner, name, None)]
    elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Call):
        if getattr(called.value.func, "id", "") != "super":
            return []
        found = [vars(base).get(called.attr) for base in owner.__mro__]
    else:
        return []
    return [each for each in found if inspect.isfunction(each) and each is not function]


def _called_on(function: ast.expr, own: str) -> str | None:
    """Give the name of the method that ``self.name(...)`` calls."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == own:
        return function.attr
    return None
