"""A project's own modules as text: which statement binds which name, and which local module a name stands for."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(slots=True)
class Uses:
    """What a statement mentions.

    Attributes:
        names: to the chains of attributes that follow them: ``a.b.c`` gives ``a`` and ``("b", "c")``.
        imports: the import statements anywhere in it.
        calls: dotted names that it calls, with the line.
    """

    names: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    calls: list[tuple[str, ast.Call]] = field(default_factory=list)


@dataclass(frozen=True)
class LocalModule:
    """A module of the project.

    Attributes:
        name: dotted.
        path: of its file.
        source: its text.
    """

    name: str
    path: Path
    source: str

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree, without docstrings; None where this Python cannot read it."""
        try:
            tree = ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError):
            return None
        if "__doc__" not in self.source:
            _drop_docstrings(tree)
        return tree

    @cached_property
    def file(self) -> str:
        """The real path of its file."""
        return str(self.path.resolve())

    @property
    def is_package(self) -> bool:
        """Whether it is a package's ``__init__``."""
        return self.path.name == "__init__.py"

    @cached_property
    def bindings(self) -> dict[str, list[ast.stmt]]:
        """Name to the top-level statements that bind it."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in self.tree.body if self.tree else ():
            for name in bound_names(statement):
                found.setdefault(name, []).append(statement)
        return found

    @cached_property
    def effects(self) -> list[ast.stmt]:
        """The top-level statements that do more than bind names: they run whenever the module is imported."""
        return [statement for statement in (self.tree.body if self.tree else ()) if _has_effect(statement)]

    def absolute(self, node: ast.ImportFrom) -> str:
        """Give the full name of the module that an import names."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, *_DEFINITIONS)) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]


def digest_of(node: ast.AST) -> str:
    """Give a digest of what code says: neither comments nor layout count."""
    return hashlib.sha256(ast.dump(node).encode("utf-8", "surrogatepass")).hexdigest()


def bound_names(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a top-level statement binds."""
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (*_DEFINITIONS, ast.ExceptHandler)) and node.name:
            yield node.name


def _has_effect(statement: ast.stmt) -> bool:
    if isinstance(statement, (*_DEFINITIONS, ast.Import, ast.ImportFrom, ast.Pass)):
        return False
    if isinstance(statement, ast.Assign):
        return not all(isinstance(node, (ast.Name, ast.Tuple, ast.List)) for node in statement.targets)
    if isinstance(statement, ast.AnnAssign):
        return not isinstance(statement.target, ast.Name)
    return not isinstance(statement, ast.If) or not _is_main(statement)


def _is_main(statement: ast.If) -> bool:
    return any(isinstance(node, ast.Constant) and node.value == "__main__" for node in ast.walk(statement.test))


def uses_of(statement: ast.AST) -> Uses:
    """Give what a statement mentions."""
    found = Uses()
    inner: set[int] = set()
    for node in ast.walk(statement):  # outer nodes come first
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            chain: list[str] = []
            at: ast.expr = node
            while isinstance(at, ast.Attribute):
                inner.add(id(at))
                chain.append(at.attr)
                at = at.value
            if isinstance(at, ast.Name):
                inner.add(id(at))
                found.names.setdefault(at.id, set()).add(tuple(reversed(chain)))
        elif isinstance(node, ast.Name) and id(node) not in inner:
            found.names.setdefault(node.id, set()).add(())
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.imports.append(node)
        if isinstance(node, ast.Call):
            found.calls.append((dotted(node.func), node))
    return found


def dotted(node: ast.expr) -> str:
    """Give ``a.b.c`` for such an expression, "" for any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
