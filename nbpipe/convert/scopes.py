"""Which names of the notebook a piece of its code reads and binds, as Python's own symbol table has it."""

from __future__ import annotations

import ast
import symtable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_COMPREHENSIONS: Final = ("listcomp", "setcomp", "dictcomp", "genexpr")


@dataclass(frozen=True, slots=True)
class Names:
    """The notebook's names in a piece of code.

    Attributes:
        reads: read at the top level or, as globals, in functions and classes.
        binds: bound at the top level.
        declared: declared ``global`` in a function or class.
    """

    reads: frozenset[str]
    binds: frozenset[str]
    declared: frozenset[str]


def names_of(statements: Iterable[ast.stmt]) -> Names:
    """Give the names of statements that stand at the top level of cells."""
    module = ast.Module(list(statements), [])
    changed = (node.target for node in outer_statements(module.body) if isinstance(node, ast.AugAssign))
    table = symtable.symtable(ast.unparse(module), "<cells>", "exec")
    reads = {target.id for target in changed if isinstance(target, ast.Name)}
    binds: set[str] = set()
    declared: set[str] = set()
    for symbol in table.get_symbols():
        if symbol.is_referenced():
            reads.add(symbol.get_name())
        if symbol.is_assigned() or symbol.is_imported():
            binds.add(symbol.get_name())
    for inner in _inner(table):
        for symbol in inner.get_symbols():
            if symbol.is_declared_global():
                # In a comprehension that is how ``:=`` reaches the names around it.
                (binds if inner.get_name() in _COMPREHENSIONS else declared).add(symbol.get_name())
            if symbol.is_global() and symbol.is_referenced():
                reads.add(symbol.get_name())
    return Names(frozenset(reads), frozenset(binds), frozenset(declared))


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner(child)


def outer_statements(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Give every node that runs when the statements run, without entering functions (but entering classes)."""
    for statement in statements:
        yield from _outer(statement)


def _outer(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inner: list[ast.AST] = [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
    elif isinstance(node, ast.Lambda):
        inner = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
    else:
        inner = list(ast.iter_child_nodes(node))
    for child in inner:
        yield from _outer(child)
