"""Which line of a step's module came from which line of which cell."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.convert.source import Statement

Span = list[int]
_IMPORTS: Final = (ast.Import, ast.ImportFrom)


def spans(
    text: str,
    function: str,
    statements: Sequence[Statement],
    places: Mapping[int, Sequence[int]] = MappingProxyType({}),
) -> list[Span]:
    """Give ``[first line, last line, cell, first line in the cell]`` for statements of a function, inner ones first.

    Args:
        text: the module, formatted.
        function: name of the function that holds the statements.
        statements: the notebook's, in the order in which they stand there.
        places: the lines of cells that the lines of their statements come from, where these are others.
    """
    tree = ast.parse(text)
    body = next(node.body for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    own: list[ast.stmt] = []
    for node in body:
        origin = statements[len(own)].node if len(own) < len(statements) else None
        # A figure begun by us stands before a statement that draws on it; imports of ours stand at the beginning.
        if isinstance(node, _IMPORTS) and not isinstance(origin, _IMPORTS):
            continue
        if not _is_added(node) and (not _is_new_figure(node) or _is_new_figure(origin)):
            own.append(node)
    if len(own) != len(statements):
        return []
    found: list[Span] = []
    for node, statement in zip(own, statements, strict=True):
        found.extend(_pairs(node, statement.node, statement.cell))
    for span in found:
        lines = places.get(span[2])
        if lines is not None:
            span[3] = lines[span[3] - 1]
    return found


def _is_added(node: ast.stmt) -> bool:
    """Tell whether a statement is ours: the docstring, the return, the call of setup()."""
    if isinstance(node, ast.Return):
        return True
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):
        return isinstance(node.value.value, str)
    call = node.value
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and (call.func.id == "setup" or call.func.id.startswith(("setup_of_", "set_up_")))
        and not call.args
    )


def _is_new_figure(node: ast.stmt | None) -> bool:
    """Tell whether a statement is ``plt.figure()``."""
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "figure"
        and not (call.args or call.keywords)
    )


def _pairs(node: ast.stmt, origin: ast.stmt, cell: int) -> Iterator[Span]:
    children = list(zip(_statements(node), _statements(origin), strict=False))
    for inner, inner_origin in children:
        yield from _pairs(inner, inner_origin, cell)
    yield [node.lineno, node.end_lineno or node.lineno, cell, origin.lineno]


def _statements(node: ast.stmt) -> list[ast.stmt]:
    return [child for child in _children(node) if isinstance(child, ast.stmt)]


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from _children(child)
        else:
            yield child
