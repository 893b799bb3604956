"""A graph to be drawn: boxes, and what flows between them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """A cell or a step.

    Attributes:
        key: unique in the graph, made of letters, digits and ``_``.
        title: its name.
        subtitle: a few words more.
        details: pairs of a label and a text, for who wants to know more.
        code: its source, "" where it is not at hand.
    """

    key: str
    title: str
    subtitle: str = ""
    details: tuple[tuple[str, str], ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """What flows from one node to another.

    Attributes:
        source, target: keys of nodes.
        names: of the values; none where only the order matters.
        late: the value is made only after it is needed.
    """

    source: str
    target: str
    names: tuple[str, ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order in which they run, and at most one edge of a kind from one node to another.

    Attributes:
        title: what it is a graph of.
        kind: what a node is: ``cells`` or ``steps``.
    """

    title: str
    kind: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def before(self, key: str) -> tuple[Edge, ...]:
        """Give the edges that enter a node."""
        return tuple(edge for edge in self.edges if edge.target == key)

    def after(self, key: str) -> tuple[Edge, ...]:
        """Give the edges that leave a node."""
        return tuple(edge for edge in self.edges if edge.source == key)


MOST = 3


def label(edge: Edge) -> str:
    """Give the names that flow along an edge in a few words; "" where only the order matters."""
    if len(edge.names) <= MOST + 1:
        return ", ".join(edge.names)
    return f"{', '.join(edge.names[:MOST])} +{len(edge.names) - MOST}"
