"""Cells as rows, in the order of the notebook, with lines beside them for what flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.graphs.lanes import ROW, Lane, lanes, room, way
from nbpipe.graphs.model import label
from nbpipe.graphs.xml import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.graphs.model import Graph, Node

BOX = 340
CHARACTER = 7.3  # pixels, of code of 12 pixels
SMALL = 6.8
MARGIN = 10


def rows(graph: Graph) -> tuple[float, float, str]:
    """Give width and height in pixels, and the elements."""
    place = {node.key: row for row, node in enumerate(graph.nodes)}
    late = {(place[edge.source], place[edge.target]) for edge in graph.edges if edge.late}
    found = lanes({(place[edge.source], place[edge.target]): edge.names for edge in graph.edges})
    left = room(found) + MARGIN
    titles = max((len(node.title) for node in graph.nodes), default=0) * CHARACTER + 16
    taken = {node.key: _taken(graph, node) for node in graph.nodes}
    lines = (_line(graph, lane, left, late) for lane in found)
    nodes = (_row(node, row, left, titles, taken[node.key]) for row, node in enumerate(graph.nodes))
    width = left + BOX + titles + max((len(text) for text in taken.values()), default=0) * SMALL + 3 * MARGIN
    height = len(graph.nodes) * ROW
    return width, height, "".join((*("".join(parts) for parts in lines), *nodes))


def _line(graph: Graph, lane: Lane, left: int, late: set[tuple[int, int]]) -> Iterator[str]:
    for target, names in sorted(lane.targets.items()):
        path, tip, _ = way(lane, target, left)
        kind = " late" if (lane.source, target) in late else ""
        yield (
            f'<g class="edge{kind}" data-source="{graph.nodes[lane.source].key}" '
            f'data-target="{graph.nodes[target].key}"><title>{escaped(", ".join(names))}</title>'
            f'<path d="{path}"/><path class="tip" d="{tip}"/></g>'
        )


def _row(node: Node, row: int, left: int, titles: float, taken: str) -> str:
    y = row * ROW + 3
    return (
        f'<g class="box row" data-key="{node.key}"><rect x="{left}" y="{y}" width="{BOX + titles:.0f}" '
        f'height="{ROW - 6}" rx="5"/><text x="{left + 8}" y="{y + 14.5}">{escaped(node.title)}</text>'
        f'<text class="code" x="{left + titles:.0f}" y="{y + 14.5}">{escaped(node.subtitle)}</text>'
        f'<text class="sub" x="{left + BOX + titles + MARGIN:.0f}" y="{y + 14.5}">{escaped(taken)}</text></g>'
    )


def _taken(graph: Graph, node: Node) -> str:
    """Say what a node takes, and from where."""
    titles = {each.key: each.title for each in graph.nodes}
    parts = (f"{label(edge)} from {titles[edge.source]}" for edge in graph.before(node.key))
    said = "; ".join(parts)
    return f"← {said}" if said else ""
