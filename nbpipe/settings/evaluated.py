"""The texts of a cell that are evaluated for what they say: not shown, compared, taken apart or tried out."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Methods that look at a text or take it apart; calls that only show it; ways of asking for configuration.
SILENT = frozenset([
    "startswith", "endswith", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace", "split", "rsplit",
    "find", "index", "count", "partition", "rpartition", "match", "search", "fullmatch", "sub", "findall", "finditer",
    "compile", "route", "get", "post", "put", "delete", "patch", "head", "getenv", "setdefault", "add_argument",
    "DEFINE_string", "add_typer", "text", "dropdown", "combobox", "multiselect", "print", "display", "Markdown", "HTML",
    "info", "debug", "warning", "error", "exception", "input", "exists", "isfile", "isdir", "is_file", "is_dir", "pop",
    "xpath", "select", "find_element", "find_elements", "find_element_by_xpath", "find_elements_by_xpath", "request",
    "RuntimeError", "ValueError", "FileNotFoundError", "assertEqual", "Gauge", "mount", "title", "set_title",
])  # fmt: skip
# A test for where the notebook runs: what is under it was written for several machines.
_ELSEWHERE = (
    r"(?i:colab|kaggle|databricks|platform|os\.name|hostname|environ|getenv|testing"
    r"|(?:exists|isdir|isfile)\(['\"]|Path\(['\"][^'\"]*['\"]\)\.(?:exists|is_dir|is_file))"
)


def evaluated_texts(tree: ast.AST) -> Iterator[tuple[ast.Constant, str]]:
    """Yield the texts that are evaluated and may be used as a place, outermost and leftmost first."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node, node.value
        else:
            pending += reversed(_parts(node))


def _parts(node: ast.AST) -> list[ast.AST]:
    """Give the parts of a node in which a place may stand."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return []  # a docstring, or text that is shown
    if isinstance(node, ast.Call):
        return _parts_of_call(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div):
        # What is appended to something is no absolute path, whatever it begins with.
        return [node.left] if isinstance(node.right, ast.Constant | ast.JoinedStr) else [node.left, node.right]
    if isinstance(node, ast.JoinedStr):
        return list(node.values[:1])
    if isinstance(node, ast.Compare):
        return []
    if isinstance(node, ast.Dict):
        return list(node.values)
    if isinstance(node, ast.Subscript):
        return [node.value]
    if isinstance(node, ast.If | ast.IfExp) and (asks_where(node.test) or _asks_which(node.test)):
        return []
    if isinstance(node, ast.Raise | ast.Assert):
        return []
    return list(ast.iter_child_nodes(node))


def _parts_of_call(node: ast.Call) -> list[ast.AST]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in SILENT:
        return [node.func]
    if name == "join":
        return [node.func, *node.args[:1]]
    return [node.func, *node.args, *(keyword.value for keyword in node.keywords)]


def asks_where(test: ast.expr) -> bool:
    """Tell whether a condition asks on which machine or service the notebook runs."""
    return re.search(_ELSEWHERE, ast.unparse(test)) is not None


def _asks_which(test: ast.expr) -> bool:
    """Tell whether a condition compares with an address: what is under it goes with the one that was chosen."""
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and "://" in part.value
        for node in ast.walk(test)
        if isinstance(node, ast.Compare)
        for part in (node.left, *node.comparators)
    )


def leftmost(node: ast.expr) -> ast.expr:
    """Give the part with which a composed text or path begins."""
    while True:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Div | ast.Mod):
            node = node.left
        elif isinstance(node, ast.JoinedStr) and node.values:
            first = node.values[0]
            node = first.value if isinstance(first, ast.FormattedValue) else first
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            node = node.func.value
        else:
            return node
