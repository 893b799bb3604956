"""Which names of the notebook a piece of its code reads and binds, as Python's own symbol table has it."""

from __future__ import annotations

import ast
import copy
import symtable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.names_in_text import names_in_text

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
    module = with_names_in_text(ast.Module(list(statements), []))
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


def with_names_in_text(module: ast.Module) -> ast.Module:
    """Give code in which the names that stand in texts (``query("a > @limit")``) are arguments, too: they are read."""
    if not any(next(names_in_text(node), None) for node in ast.walk(module) if isinstance(node, ast.Call)):
        return module
    return _Told().visit(copy.deepcopy(module))  # type: ignore[no-any-return]


class _Told(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        return ast.copy_location(ast.Call(node.func, [*node.args, *names_in_text(node)], node.keywords), node)


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


def mentioned_in(statement: ast.stmt) -> Iterator[str]:
    """Give every name that a statement mentions, in the order of the text; some more than once."""
    names: list[ast.Name] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            names.append(node)
        elif isinstance(node, ast.Call):
            names.extend(names_in_text(node))
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    yield from (node.id for node in names)


def only_in_text(statements: Iterable[ast.stmt]) -> set[str]:
    """Give the names that statements mention in texts and nowhere else."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return {name.id for node in nodes if isinstance(node, ast.Call) for name in names_in_text(node)} - named


def hidden_in_text(statement: ast.stmt) -> Iterator[str]:
    """Give the names that only a text mentions in a function or comprehension: its frame does not hold them.

    What looks such a name up asks the frame that calls it, and after that the globals. In a cell a name of the notebook
    is a global; in a function it is held by a frame further out.
    """
    for frame in (node for node in ast.walk(statement) if isinstance(node, _FRAMES)):
        inside = list(ast.walk(frame))
        held = {node.id for node in inside if isinstance(node, ast.Name)}
        held |= {node.arg for node in inside if isinstance(node, ast.arg)}
        for node in inside:
            if isinstance(node, ast.Call):
                yield from (name.id for name in names_in_text(node) if name.id not in held)


_FRAMES: Final = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
