"""The cell graph: which cell's definitions reach which cell's uses, top-down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.undefined import LATER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbpipe.analysis.flow import Definition, Flow, Use
    from nbpipe.analysis.undefined import UndefinedUse

# Definitions of tools, not of data.
CODE = frozenset(["import", "function", "class"])


class CellGraph:
    """Def-use edges between code cells.

    Attributes:
        edges: names that flow, by (defining cell, using cell).
    """

    __slots__ = ("edges",)

    def __init__(self, edges: dict[tuple[int, int], tuple[str, ...]]) -> None:
        self.edges = edges

    def parents(self, cell: int) -> tuple[int, ...]:
        """Give the cells whose definitions reach this one, in document order."""
        return tuple(sorted({source for source, target in self.edges if target == cell}))

    def children(self, cell: int) -> tuple[int, ...]:
        """Give the cells that this one's definitions reach, in document order."""
        return tuple(sorted({target for source, target in self.edges if source == cell}))


def cell_graph(flow: Flow) -> CellGraph:
    """Build the graph of a simulation: from the cells that bind names to those that use them."""
    edges: dict[tuple[int, int], dict[str, None]] = {}
    for use, definition in _reaching(flow):
        edges.setdefault((definition.cell, use.cell), {})[use.name] = None
    return _graph(edges)


def data_graph(flow: Flow, *, code: bool = False) -> CellGraph:
    """Build the graph of what passes from cell to cell: a value comes from the last cell that bound or changed it.

    Args:
        flow: of the top-down simulation.
        code: whether imports, functions and classes are shown as well.
    """
    edges: dict[tuple[int, int], dict[str, None]] = {}
    for use, definition in _reaching(flow):
        if code or definition.kind not in CODE:
            source = last_change(flow, use.name, definition.cell, use.cell)
            edges.setdefault((source, use.cell), {})[use.name] = None
    return _graph(edges)


def last_change(flow: Flow, name: str, after: int, before: int) -> int:
    """Give the last cell between two that surely changes what a name holds in place, else the first of the two."""
    changing = (cell for cell, change in flow.changes.items() if after < cell < before and change.mutates.get(name))
    return max(changing, default=after)


def _reaching(flow: Flow) -> Iterator[tuple[Use, Definition]]:
    for use in flow.uses.values():
        if use.uncalled or use.local or not use.name.isidentifier():
            continue
        for definition in use.definitions:
            if definition.bound and definition.cell not in (use.cell, -1):
                yield use, definition


def late_graph(undefined: Iterable[UndefinedUse]) -> CellGraph:
    """Build the graph of what, top-down, is needed before it is made: from the cell that makes it."""
    edges: dict[tuple[int, int], dict[str, None]] = {}
    for found in undefined:
        if found.kind == LATER and found.certain and not found.use.local:
            for definition in found.definitions[:1]:
                edges.setdefault((definition.cell, found.use.cell), {})[found.use.name] = None
    return _graph(edges)


def _graph(edges: dict[tuple[int, int], dict[str, None]]) -> CellGraph:
    return CellGraph({edge: tuple(names) for edge, names in sorted(edges.items())})
