"""Statements that only show something: a module has no use for them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.convert.prelude import state_in
from nbpipe.keeping import kept

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.convert.source import Source, Statement

# Methods that give something to look at and change nothing.
_SHOWING: Final = frozenset([
    "head", "tail", "describe", "info", "value_counts", "isnull", "isna", "notnull", "notna", "nunique",
    "unique", "corr", "cov", "mean", "median", "std", "var", "min", "max", "sum", "count", "mode", "quantile",
    "round", "sort_values", "sort_index", "to_frame", "to_string", "to_dict", "tolist", "items", "keys",
    "values", "shape", "memory_usage", "duplicated", "any", "all", "groupby", "size", "dtypes", "columns",
    "index", "style", "copy", "transpose", "nlargest", "nsmallest", "get_params", "idxmax", "idxmin", "loc",
    "iloc", "select_dtypes", "reset_index", "set_index",
])  # fmt: skip
_SHOWING_FUNCTIONS: Final = frozenset(["display", "len", "type", "dir", "help", "id", "round"])
_SHOWING_NAMES: Final = frozenset(["matplotlib.pyplot.show", "IPython.display.display"])


def is_display(source: Source, statement: Statement) -> bool:
    """Tell whether a statement does nothing but show: it binds, changes, draws and touches nothing."""
    node = statement.node
    if not isinstance(node, ast.Expr) or statement.names.binds:
        return False
    if isinstance(node.value, ast.Constant):
        return True
    calls = [inner for inner in ast.walk(node.value) if isinstance(inner, ast.Call)]
    if any(isinstance(inner, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr) for inner in ast.walk(node.value)):
        return False
    if not calls:
        return True
    if state_in(source, statement) or _mutates(source, statement):
        return False
    names, own = _names_of_calls(source.analysis), _own_functions(source.analysis)
    return all(_only_shows(call, names.get(id(call), ()), own) for call in calls)


def _only_shows(call: ast.Call, names: tuple[str, ...], own: frozenset[str]) -> bool:
    if any(keyword.arg == "inplace" for keyword in call.keywords):
        return False
    if names and set(names) <= _SHOWING_NAMES:
        return True
    if isinstance(call.func, ast.Name):
        return call.func.id in _SHOWING_FUNCTIONS - own
    return isinstance(call.func, ast.Attribute) and call.func.attr in _SHOWING - own


@kept
def _names_of_calls(analysis: Analysis) -> dict[int, tuple[str, ...]]:
    return {id(call.node): call.names for call in analysis.calls}


@kept
def _own_functions(analysis: Analysis) -> frozenset[str]:
    """Give the names of functions and methods that the notebook defines: what they do is not known by their names."""
    plain = {node.name for _, node in analysis.nodes(ast.FunctionDef)}
    return frozenset(plain.union(node.name for _, node in analysis.nodes(ast.AsyncFunctionDef)))


def _mutates(source: Source, statement: Statement) -> bool:
    return any(id(mutation.node) in statement.parts for mutation in source.analysis.top_down.mutations)
