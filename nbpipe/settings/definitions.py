"""What the cells tagged ``parameters`` define, as syntax: which names, where, and whether a run can replace the value.

`nbpipe.settings.parameters` reads types, defaults and help off such a cell; this is what rules ask about it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.settings.configuration import parameters_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis

_EMPTY: Final = frozenset(["dict", "frozenset", "list", "set", "tuple"])
# What an account of a cloud gives: texts, which a run may set to others.
_ACCOUNT: Final = frozenset([
    "account_id", "boto_region_name", "default_bucket", "default_bucket_prefix", "get_execution_role", "project",
    "project_id", "region_name", "get_caller_identity", "get_default_bucket", "get_region", "gettempdir", "getcwd",
])  # fmt: skip
# Where a run's values come from when not from a parameters cell: the environment, and Databricks' widgets.
_GIVEN: Final = ("environ", "getenv", "dbutils.widgets", "secret")


class ParameterDefinition:
    """One name that a parameters cell gives a value.

    Attributes:
        home: index of the cell.
        target: where the name stands.
        value: the expression assigned; None for a mere annotation.
    """

    __slots__ = ("home", "name", "target", "value")

    def __init__(self, name: str, home: int, target: ast.Name, value: ast.expr | None) -> None:
        self.name = name
        self.home = home
        self.target = target
        self.value = value


def parameter_definitions(analysis: Analysis) -> list[ParameterDefinition]:
    """Give the parameters of a notebook, in order of place; the last of several assignments to a name counts."""
    found: dict[str, ParameterDefinition] = {}
    for home in parameters_cells(analysis.notebook):
        code = analysis.codes.get(home)
        for statement in code.body if code is not None and code.code.is_python else ():
            for target, value in _assigned(statement):
                found[target.id] = ParameterDefinition(target.id, home, target, value)
    return list(found.values())


def _assigned(statement: ast.stmt) -> Iterator[tuple[ast.Name, ast.expr | None]]:
    """Yield the plain names that a statement assigns to, with what each gets; of unpacking the whole."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target, statement.value
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        value = statement.value  # type: ignore[attr-defined]
        if isinstance(target, ast.Name):
            yield target, value
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value] * len(target.elts)
            for each, part in zip(target.elts, parts, strict=False):
                if isinstance(each, ast.Name):
                    yield each, part


def is_plain(node: ast.expr) -> bool:
    """Tell whether an expression is a literal, or arithmetic or an empty container that is as good as one."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return is_plain(node.operand)
    if isinstance(node, ast.BinOp):
        return is_plain(node.left) and is_plain(node.right)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return all(map(is_plain, node.elts))
    if isinstance(node, ast.Dict):
        return all(key is not None and is_plain(key) for key in node.keys) and all(map(is_plain, node.values))
    if isinstance(node, ast.JoinedStr):
        return all(map(is_plain, node.values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        name = node.func.id
        return (name in _EMPTY and not node.args) or (name == "float" and all(map(is_plain, node.args)))
    return False


def is_given(node: ast.expr) -> bool:
    """Tell whether an expression asks the environment or a widget for the value: a run gives it there."""
    text = ast.unparse(node)
    return any(each in text for each in _GIVEN)


def is_referring(node: ast.expr) -> bool:
    """Tell whether an expression takes over a value that others give: a library's constant, a text of an account."""
    if isinstance(node, ast.Name | ast.Attribute) or is_plain(node):
        return True
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return (name in _ACCOUNT and not node.args) or (name == "join" and all(map(is_referring, node.args)))
    if isinstance(node, ast.Subscript):
        return is_referring(node.value)
    if isinstance(node, ast.BinOp):
        return is_referring(node.left) and is_referring(node.right)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(map(is_referring, node.elts))
    if isinstance(node, ast.Dict):
        return all(each is not None and is_referring(each) for each in (*node.keys, *node.values))
    return False


def of_account(node: ast.expr) -> bool:
    """Tell whether an expression is a text that an account gives, whatever object it is asked for."""
    if isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in _ACCOUNT
