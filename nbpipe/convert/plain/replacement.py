"""What takes the place of a piece of IPython syntax, and what a cell knows while its pieces are replaced."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbpipe.analysis.syntax import bound_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from nbpipe.convert.plain.scripts import Script


@dataclass(frozen=True, slots=True)
class Replacement:
    """Python that does what a piece of IPython syntax does.

    Attributes:
        text: one or several lines; "" for nothing.
        imports: modules that it uses, and ``module.Name`` for what is imported from one.
        is_block: it is statements, which have to begin a line; else an expression or one simple statement.
    """

    text: str
    imports: tuple[str, ...] = ()
    is_block: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a piece of IPython syntax.

    Attributes:
        cell: index of the cell.
        folder: the notebook's, where it runs.
        trees: the syntax trees of the notebook's code cells, by index.
        captured: what is printed goes into a value.
        inlined: code of scripts and notebooks that stands in cells by now, by the file it is from; filled meanwhile.
        written: what cells have written into files by then (``%%writefile``); filled meanwhile.
        inner: code of the notebook that is being inlined, up to the cell that holds the piece.
        running: the scripts and notebooks that are being inlined, outermost first.
        notes: what to tell the author of; filled while pieces are replaced.
    """

    cell: int
    folder: Path
    trees: Mapping[int, ast.Module]
    captured: bool = False
    inlined: dict[Path, Script | ast.Module] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    inner: tuple[ast.Module, ...] = ()
    running: tuple[Path, ...] = ()
    notes: list[str] = field(default_factory=list)

    def is_bound(self, name: str) -> bool:
        """Tell whether a name may be bound when the piece runs."""
        trees = [tree for at, tree in self.trees.items() if at <= self.cell]
        trees += (code if isinstance(code, ast.Module) else code.tree for code in self.inlined.values())
        return any(name in _bound_names(tree) for tree in (*trees, *self.inner))

    def names(self, *, elsewhere: bool) -> list[ast.Name]:
        """Give where the notebook's code, or that of its other cells only, mentions names."""
        trees: Sequence[ast.Module] = [tree for at, tree in self.trees.items() if at != self.cell or not elsewhere]
        return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _bound_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that code binds, whatever their scope, arguments among them."""
    yield from bound_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
