"""Parsing Python that a notebook may hold, without its warnings: they are the notebook's, not ours to show."""

from __future__ import annotations

import ast
import builtins
import warnings

_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def parsed(text: str) -> ast.Module | None:
    """Parse Python as a notebook runs it (``await`` at top level); None where it is not."""
    tree = _compiled(text, "exec")
    return tree if isinstance(tree, ast.Module) else None


def parsed_expression(text: str) -> ast.expr | None:
    """Parse one Python expression; None where it is not."""
    tree = _compiled(text.strip(), "eval")
    return tree.body if isinstance(tree, ast.Expression) else None


def read_names(tree: ast.expr) -> tuple[str, ...]:
    """Give the names an expression reads, in the order of the text, without builtins and its own bindings."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in nodes if not isinstance(node.ctx, ast.Load)}
    own.update(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    names = dict.fromkeys(node.id for node in nodes if node.id not in own)
    return tuple(name for name in names if not hasattr(builtins, name))


def free_names(statement: str) -> tuple[str, ...]:
    """Give the names, sorted, that a one-line statement reads from outside when it runs in a function of its own."""
    from symtable import symtable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            scopes = [symtable(f"async def run():\n {statement}\n", "<magic>", "exec").get_children()[0]]
        except SyntaxError:  # what parses but cannot stand in a function, such as a star import
            return ()
    names: set[str] = set()
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        names.update(symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global())
    return tuple(sorted(name for name in names if not hasattr(builtins, name)))


def _compiled(text: str, mode: str) -> object:
    """Parse text; None where it is not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return compile(text, "<cell>", mode, _FLAGS, dont_inherit=True)
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            return None
