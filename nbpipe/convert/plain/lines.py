"""Lines of a cell that is being replaced, with the lines that they come from."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text of a cell.

    Attributes:
        lines: its lines.
        places: for each, the line of the cell that it comes from, from 0.
        imports: modules that it uses and does not import (see `Replacement`).
    """

    lines: tuple[str, ...]
    places: tuple[int, ...]
    imports: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def importing(self) -> PlainText:
        """Give it with its imports, in front of the first line that is no magic."""
        if not self.imports:
            return self
        first = next((at for at, line in enumerate(self.lines) if line.strip() and not line.startswith("%%")), 0)
        added = [import_of(name) for name in sorted(set(self.imports))]
        lines = (*self.lines[:first], *added, *self.lines[first:])
        places = (*self.places[:first], *[self.places[first]] * len(added), *self.places[first:])
        return PlainText(lines, places)


def import_of(name: str) -> str:
    """Give the statement that imports what a replacement uses."""
    module, _, attribute = name.partition(".")
    return f"from {module} import {attribute}" if attribute else f"import {module}"


def inside_literals(tree: ast.AST) -> set[int]:
    """Give the lines (from 1) that begin within a literal that runs over several."""
    return {
        line + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno
        for line in range(node.lineno, node.end_lineno)
    }


def indented(text: str, head: str) -> str:
    """Indent statements; the lines of literals that run over several stay what they are."""
    if not head or not text.strip():
        return text
    inside = inside_literals(ast.parse(text))
    lines = enumerate(text.split("\n"), 1)
    return "\n".join(line if at in inside or not line.strip() else head + line for at, line in lines)
