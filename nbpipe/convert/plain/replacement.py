"""What takes the place of a piece of IPython syntax, and what a cell knows while its pieces are replaced."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
        is_bound: whether a name may be bound when the piece runs.
        trees: the syntax trees of the notebook's code cells, by index.
        captured: what is printed goes into a value.
        inlined: code of scripts and notebooks that stands in cells by now, by the file it is from; filled meanwhile.
        running: the scripts and notebooks that are being inlined, outermost first.
        notes: what to tell the author of; filled while pieces are replaced.
    """

    cell: int
    folder: Path
    is_bound: Callable[[str], bool]
    trees: Mapping[int, ast.Module]
    captured: bool = False
    inlined: dict[Path, Script | ast.Module] = field(default_factory=dict)
    running: tuple[Path, ...] = ()
    notes: list[str] = field(default_factory=list)

    def names(self, *, elsewhere: bool) -> list[ast.Name]:
        """Give where the notebook's code, or that of its other cells only, mentions names."""
        trees: Sequence[ast.Module] = [tree for at, tree in self.trees.items() if at != self.cell or not elsewhere]
        return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)]
