"""Reads setup.py without running it, as far as it is literal."""

from __future__ import annotations

import ast
import warnings

_LISTS = ("install_requires", "tests_require", "setup_requires")
_TABLES = ("extras_require",)


def read_setup_script(text: str) -> tuple[str, list[str] | None, bool]:
    """Give the project's name, what it requires (None where there is no `setup` call), and whether that is all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about their code: not for nbpipe's stderr
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return "", None, True
    assigned = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "setup":
            return _of_call(node, assigned)
    return "", None, True


def _of_call(call: ast.Call, assigned: dict[str, ast.expr]) -> tuple[str, list[str] | None, bool]:
    given = {keyword.arg: _resolved(keyword.value, assigned) for keyword in call.keywords if keyword.arg}
    complete = all(keyword.arg for keyword in call.keywords)
    requirements: list[str] = []
    for key in _LISTS:
        if key in given:
            complete &= _collect(given[key], assigned, requirements)
    for key in _TABLES:
        table = given.get(key)
        if isinstance(table, ast.Dict):
            for value in table.values:
                complete &= _collect(value, assigned, requirements)
        elif table is not None:
            complete = False
    name = given.get("name")
    title = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
    return title, requirements if complete or requirements else None, complete


def _resolved(node: ast.expr, assigned: dict[str, ast.expr]) -> ast.expr:
    return assigned.get(node.id, node) if isinstance(node, ast.Name) else node


def _collect(node: ast.expr, assigned: dict[str, ast.expr], found: list[str]) -> bool:
    """Add the texts of a list; tell whether there was nothing else in it."""
    node = _resolved(node, assigned)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = _collect(node.left, assigned, found)
        return _collect(node.right, assigned, found) and left
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found += node.value.splitlines()
        return True
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return False
    whole = True
    for element in node.elts:
        if isinstance(element, ast.Constant) and isinstance(element.value, str):
            found.append(element.value)
        else:
            whole = False
    return whole
