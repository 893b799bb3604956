"""The cell graph: which cell's definitions reach which cell's uses, top-down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.analysis.flow import Flow


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
    """Build the graph of a simulation."""
    edges: dict[tuple[int, int], dict[str, None]] = {}
    for use in flow.uses.values():
        if use.uncalled or use.local or not use.name.isidentifier():
            continue
        for definition in use.definitions:
            if definition.bound and definition.cell not in (use.cell, -1):
                edges.setdefault((definition.cell, use.cell), {})[use.name] = None
    return CellGraph({edge: tuple(names) for edge, names in sorted(edges.items())})
