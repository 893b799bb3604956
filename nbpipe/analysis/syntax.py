"""The syntax of all code cells: one walk serves every class of node and every rule, before any data flow is asked."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from nbpipe.analysis.scopes import import_name
from nbpipe.analysis.traversal import PARTS, parents, parts_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.analysis.code import CellCode

NodeT = TypeVar("NodeT", bound=ast.AST)


class Syntax:
    """The parsed code cells of one notebook.

    Attributes:
        codes: the code of each code cell, by cell index.
    """

    def __init__(self) -> None:
        self.codes: dict[int, CellCode] = {}
        self._parents: dict[int, dict[int, ast.AST]] = {}

    def nodes(self, kind: type[NodeT]) -> Sequence[tuple[int, NodeT]]:
        """Give all syntax nodes of exactly this class, with the index of their cell, in no particular order.

        Operators and contexts are left out. One walk over all cells serves every class and every rule.
        """
        return self._nodes.get(kind, ())

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[tuple[int, Any]]]:
        found: dict[type[ast.AST], list[tuple[int, Any]]] = {}
        for index, code in self.codes.items():
            pending: list[Any] = list(code.body)
            while pending:
                node = pending.pop()
                if node is None:
                    continue  # a key, or a default, that is not there
                kind = node.__class__
                known = found.get(kind)
                if known is None:
                    found[kind] = [(index, node)]
                else:
                    known.append((index, node))
                fields = PARTS.get(kind)
                for name in parts_of(kind) if fields is None else fields:
                    value = getattr(node, name, None)
                    if value.__class__ is list:
                        pending += value
                    elif value is not None:
                        pending.append(value)
        return found

    def parents(self, home: int) -> dict[int, ast.AST]:
        """Give the node that each node of a cell's code stands in, by `id`; its statements stand in none."""
        found = self._parents.get(home)
        if found is None:
            found = self._parents[home] = parents(self.codes[home].body)
        return found

    @cached_property
    def loads(self) -> dict[str, list[tuple[int, ast.Name]]]:
        """The places where each name is read, as `nodes` gives them."""
        found: dict[str, list[tuple[int, ast.Name]]] = {}
        for place in self.nodes(ast.Name):
            if place[1].ctx.__class__ is ast.Load:
                found.setdefault(place[1].id, []).append(place)
        return found

    @cached_property
    def calls_by_name(self) -> dict[str, list[tuple[int, ast.Call]]]:
        """The calls of each last name, as it is written, as `nodes` gives them."""
        found: dict[str, list[tuple[int, ast.Call]]] = {}
        for place in self.nodes(ast.Call):
            function = place[1].func
            name: str = getattr(function, "attr", "") or getattr(function, "id", "")
            found.setdefault(name, []).append(place)
        return found

    @cached_property
    def functions(self) -> dict[str, tuple[int, ast.FunctionDef]]:
        """The first function of each name, as `nodes` gives them, with its cell."""
        found: dict[str, tuple[int, ast.FunctionDef]] = {}
        for place in self.nodes(ast.FunctionDef):
            found.setdefault(place[1].name, place)
        return found

    @cached_property
    def called(self) -> frozenset[str]:
        """The last names of all that is called, those of imports as their modules have them."""
        renamed: dict[str, str] = {alias.asname: alias.name for _, alias in self.nodes(ast.alias) if alias.asname}
        found: set[str] = set()
        for _, call in self.nodes(ast.Call):
            function = call.func
            name: str = getattr(function, "attr", "") or getattr(function, "id", "")
            found.add(renamed.get(name, name).rpartition(".")[2])
        return frozenset(found)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Every name that the code reads, binds or imports, and every attribute: what is called is among them."""
        found: set[str] = {name.id for _, name in self.nodes(ast.Name)}
        found.update([attribute.attr for _, attribute in self.nodes(ast.Attribute)])
        found.update([alias.name.rpartition(".")[2] for _, alias in self.nodes(ast.alias)])
        return frozenset(found)

    @cached_property
    def keywords(self) -> frozenset[str]:
        """The names of all keyword arguments of calls."""
        return frozenset(keyword.arg for _, keyword in self.nodes(ast.keyword) if keyword.arg)

    @cached_property
    def imported(self) -> frozenset[str]:
        """The top-level modules that are imported anywhere."""
        modules = [alias.name for _, node in self.nodes(ast.Import) for alias in node.names]
        modules += [node.module or "" for _, node in self.nodes(ast.ImportFrom)]
        return frozenset(module.partition(".")[0] for module in modules)

    def _binds(self, name: str) -> bool:
        """Tell whether a cell parsed so far binds this name: IPython then takes it as the variable."""
        trees = (code.tree for code in self.codes.values() if name in code.code.text and code.tree is not None)
        return any(name in bound_names(tree) for tree in trees)


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Give the names that code binds by statements, in any scope."""
    for node in walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from map(import_name, node.names)
