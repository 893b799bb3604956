"""Steps as boxes in layers, with lines that say what flows along them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nbpipe.graphs.layout import lay_out
from nbpipe.graphs.model import label
from nbpipe.graphs.xml import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.graphs.layout import Layout, Spot
    from nbpipe.graphs.model import Edge, Graph, Node

CHARACTER = 7.3  # pixels, of a title's; sans-serif of 13 pixels
SMALL = 6.2  # of a subtitle's and a label's, of 11 pixels
PADDING = 14
BOX = 44  # height
LABELS = 54  # height of a layer of labels
MARGIN = 16
NARROW = 90
TIP = 7  # length of an arrow's tip


def boxes(graph: Graph) -> tuple[float, float, str]:
    """Give width and height in pixels, and the elements."""
    labels = [label(edge) for edge in graph.edges]
    widths = {node.key: _width(node) for node in graph.nodes}
    layout = lay_out(graph, widths, [len(text) * SMALL + 8 if text else 0 for text in labels])
    height = _top(layout.layers - 1) + BOX + MARGIN if graph.nodes else 2 * MARGIN
    edges = [_edge(edge, line, text) for edge, line, text in zip(graph.edges, layout.lines, labels, strict=True)]
    nodes = [_node(node, layout) for node in graph.nodes]
    return layout.width + 2 * MARGIN, height, "".join((*edges, *nodes))


def _width(node: Node) -> float:
    return max(len(node.title) * CHARACTER, len(node.subtitle) * SMALL, NARROW - 2 * PADDING) + 2 * PADDING


def _top(layer: int) -> float:
    """Give the upper edge of a layer, in pixels."""
    return MARGIN + (layer + 1) // 2 * BOX + layer // 2 * LABELS


def _height(layer: int) -> float:
    return LABELS if layer % 2 else BOX


def _node(node: Node, layout: Layout) -> str:
    spot = layout.boxes[node.key]
    x, y = spot.x + MARGIN, _top(spot.layer)
    left = x - spot.width / 2
    below = f'<text class="sub" x="{x:.1f}" y="{y + 34:.1f}" text-anchor="middle">{escaped(node.subtitle)}</text>'
    return (
        f'<g class="box" data-key="{node.key}"><rect x="{left:.1f}" y="{y:.1f}" width="{spot.width:.1f}" '
        f'height="{BOX}" rx="7"/><text x="{x:.1f}" y="{y + (18 if node.subtitle else 27):.1f}" text-anchor="middle">'
        f"{escaped(node.title)}</text>{below if node.subtitle else ''}</g>"
    )


def _edge(edge: Edge, line: Sequence[Spot], text: str) -> str:
    kind = " late" if edge.late else "" if edge.names else " order"
    down = line[0].layer < line[-1].layer
    points = _points(line, down=down)
    x, y = points[-1]
    tip = -TIP if down else TIP
    path = _curve([*points[:-1], (x, y + tip)])
    spot = line[-2] if len(line) > 2 else line[0]  # noqa: PLR2004 - a line has a bend between its ends
    where = f'x="{spot.x + MARGIN:.1f}" y="{_top(spot.layer) + LABELS / 2 + 4:.1f}"'
    names = f'<text {where} text-anchor="middle">{escaped(text)}</text>' if text else ""
    said = f"<title>{escaped(', '.join(edge.names))}</title>" if edge.names else ""
    arrow = f'<path class="tip" d="M{x - 4:.1f} {y + tip:.1f}L{x:.1f} {y:.1f}L{x + 4:.1f} {y + tip:.1f}z"/>'
    return (
        f'<g class="edge{kind}" data-source="{edge.source}" data-target="{edge.target}">{said}'
        f'<path d="{path}"/>{arrow}{names}</g>'
    )


def _points(line: Sequence[Spot], *, down: bool) -> list[tuple[float, float]]:
    """Give where a line goes: out of the one box, straight through each layer, into the other box."""
    points = [(line[0].x + MARGIN, _top(line[0].layer) + (BOX if down else 0))]
    for spot in line[1:-1]:
        ends = [(spot.x + MARGIN, _top(spot.layer)), (spot.x + MARGIN, _top(spot.layer) + _height(spot.layer))]
        inner = ends if spot.layer % 2 == 0 else [(spot.x + MARGIN, _top(spot.layer) + _height(spot.layer) / 2)]
        points += inner if down else inner[::-1]
    points.append((line[-1].x + MARGIN, _top(line[-1].layer) + (0 if down else BOX)))
    return points


def _curve(points: Sequence[tuple[float, float]]) -> str:
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) < 1:
            parts.append(f"L{x1:.1f} {y1:.1f}")
        else:
            middle = (y0 + y1) / 2
            parts.append(f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}")
    return "".join(parts)
