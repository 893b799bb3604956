"""A graph as text for a terminal: one node after the other, with what it takes and what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.graphs.model import Edge, Graph


def as_text(graph: Graph) -> str:
    """Give the graph as lines of text."""
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    titles = {node.key: node.title for node in graph.nodes}
    width = max((len(title) for title in titles.values()), default=0)
    for node in graph.nodes:
        yield f"{node.title:{width}}  {node.subtitle}".rstrip()
        for edge in graph.before(node.key):
            yield f"    {_taken(edge)} {titles[edge.source]}{', which comes only later' if edge.late else ''}"
        for names, targets in _given(graph.after(node.key)).items():
            yield f"    gives {', '.join(names)} to {', '.join(titles[target] for target in targets)}"
    yield from (f"note: {note}" for note in graph.notes)


def _taken(edge: Edge) -> str:
    return f"takes {', '.join(edge.names)} from" if edge.names else "comes after"


def _given(edges: tuple[Edge, ...]) -> dict[tuple[str, ...], list[str]]:
    """Give the targets by what they are given."""
    found: dict[tuple[str, ...], list[str]] = {}
    for edge in edges:
        if edge.names:
            found.setdefault(edge.names, []).append(edge.target)
    return found
