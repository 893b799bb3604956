"""Imports of a notebook by the name they bind, so that each module gets those that it uses."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbpipe.convert.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.analysis import Analysis
    from nbpipe.convert.source import Statement

# Imported for what importing them does, not for the name.
_FOR_EFFECT: Final = ("sklearn.experimental", "hvplot", "mpl_toolkits.mplot3d", "pandas_profiling", "swifter")


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One imported name: ``import module as alias``, or ``from module import name as alias`` where `name` is given."""

    module: str
    name: str = ""
    alias: str = ""

    @property
    def binds(self) -> str:
        """The name it binds."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def qualified_name(self) -> str:
        """What the name stands for: ``package.module.name``."""
        if self.name:
            return f"{self.module}.{self.name}"
        return self.module if self.alias else self.binds

    @property
    def line(self) -> str:
        """The statement."""
        alias = f" as {self.alias}" if self.alias else ""
        return f"from {self.module} import {self.name}{alias}" if self.name else f"import {self.module}{alias}"

    @property
    def is_for_effect(self) -> bool:
        """Whether it is needed even where nothing reads its name."""
        return self.module.startswith(_FOR_EFFECT)


def imports_of(node: ast.stmt, cell: int) -> tuple[Import, ...]:
    """Give what an import statement imports; () for other statements.

    Raises:
        ConversionError: it imports everything, or from a package around the notebook.
    """
    if isinstance(node, ast.Import):
        return tuple(Import(alias.name, alias=alias.asname or "") for alias in node.names)
    if not isinstance(node, ast.ImportFrom):
        return ()
    if node.level:
        raise refuse(cell, f"'{ast.unparse(node)}' is relative to a package, which a notebook is not in")
    if any(alias.name == "*" for alias in node.names):
        raise refuse(cell, f"'{ast.unparse(node)}' hides which names it binds: import those that are used, by name")
    return tuple(Import(node.module or "", alias.name, alias.asname or "") for alias in node.names)


def table_of(statements: Iterable[Statement]) -> dict[str, tuple[Import, ...]]:
    """Give what the notebook's imports bind, by name.

    Raises:
        ConversionError: one name is imported with two meanings.
    """
    found: dict[str, dict[Import, int]] = {}
    for statement in statements:
        for item in imports_of(statement.node, statement.cell):
            if item.module == "__future__":
                continue
            known = found.setdefault(item.binds, {})
            known.setdefault(item, statement.cell)
            if len(known) > 1 and not all(_is_plain(other) for other in known):
                first = next(iter(known)).line
                raise refuse(
                    statement.cell,
                    f"imports '{item.binds}' with two meanings ('{first}' and '{item.line}'): rename one",
                )
    return {name: tuple(items) for name, items in found.items()}


def _is_plain(item: Import) -> bool:
    """Tell whether it is ``import a.b``: several of these make one name together."""
    return not item.name and not item.alias


def imported_modules(analysis: Analysis) -> tuple[str, ...]:
    """Give the top-level modules that a notebook's cells import anywhere, sorted."""
    found: set[str] = set()
    for code in analysis.codes.values():
        for node in ast.walk(code.tree) if code.tree is not None else ():
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return tuple(sorted(found - {"__future__"}))
