"""Places for the boxes and lines of a graph: layers from top to bottom, few crossings, straight lines.

The method is Sugiyama's: layers by the longest way from the top; lines through several layers get a bend in each, and
their labels a place of their own above the box that they enter; the order in a layer by the mean place of the
neighbours (Sugiyama, Tagawa, Toda: Methods for visual understanding of hierarchical system structures, 1981). The
places within a layer are those nearest to the neighbours' that keep the order and the distances: an isotonic
regression, by pooling adjacent violators (Barlow et al., 1972).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.graphs.model import Graph

SWEEPS = 12
GAP = 24.0
LINE = 14.0  # between lines that pass by


@dataclass(slots=True)
class Spot:
    """A box, a label or a bend of a line.

    Attributes:
        layer: from the top; boxes are in the even ones.
        width: in pixels.
        x: of its middle, in pixels.
    """

    layer: int
    width: float
    is_box: bool = False
    x: float = 0.0
    above: list[Spot] = field(default_factory=list)
    below: list[Spot] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is.

    Attributes:
        boxes: by key of the node.
        lines: by edge (its place in the graph), its spots from the source to the target; the last but one is the
            label's.
        layers: their number.
        width: of all, in pixels; the leftmost spot begins at 0.
    """

    boxes: dict[str, Spot]
    lines: tuple[tuple[Spot, ...], ...]
    layers: int
    width: float


def lay_out(graph: Graph, boxes: Mapping[str, float], labels: Sequence[float]) -> Layout:
    """Give places for a graph.

    Args:
        graph: what to draw.
        boxes: by key, the width of a node's box in pixels.
        labels: for each edge, the width of its label in pixels, 0 for none.
    """
    ranks = _ranks(graph)
    spots = {node.key: Spot(2 * ranks[node.key], boxes[node.key], is_box=True) for node in graph.nodes}
    layers: list[list[Spot]] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    for spot in spots.values():
        layers[spot.layer].append(spot)
    lines = [
        _line(layers, spots[edge.source], spots[edge.target], width)
        for edge, width in zip(graph.edges, labels, strict=True)
    ]
    _order(layers)
    _place(layers)
    left = min((spot.x - spot.width / 2 for layer in layers for spot in layer), default=0.0)
    for layer in layers:
        for spot in layer:
            spot.x -= left
    width = max((spot.x + spot.width / 2 for layer in layers for spot in layer), default=0.0)
    return Layout(spots, tuple(lines), len(layers), width)


def _ranks(graph: Graph) -> dict[str, int]:
    """Give the length of the longest way from the top to each node; an edge from a later node counts backward."""
    place = {node.key: number for number, node in enumerate(graph.nodes)}
    ranks = dict.fromkeys(place, 0)
    edges = sorted((sorted((edge.source, edge.target), key=place.__getitem__) for edge in graph.edges), key=str)
    for node in graph.nodes:
        for upper, lower in edges:
            if upper == node.key:
                ranks[lower] = max(ranks[lower], ranks[upper] + 1)
    return ranks


def _line(layers: list[list[Spot]], source: Spot, target: Spot, width: float) -> tuple[Spot, ...]:
    """Make the bends of a line, and the place of its label."""
    down = source.layer < target.layer
    upper, lower = (source, target) if down else (target, source)
    bends = [Spot(layer, LINE) for layer in range(upper.layer + 1, lower.layer)]
    bends[-1 if down else 0].width = max(width, LINE)
    for bend in bends:
        layers[bend.layer].append(bend)
    whole = [upper, *bends, lower]
    for one, other in itertools.pairwise(whole):
        one.below.append(other)
        other.above.append(one)
    return tuple(whole if down else whole[::-1])


def _order(layers: list[list[Spot]]) -> None:
    """Order each layer by the mean place of its neighbours, keeping the order with the fewest crossings."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for number in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            place = {id(spot): at for at, spot in enumerate(layers[number - 1 if down else number + 1])}
            now = {id(spot): at for at, spot in enumerate(layers[number])}

            def mean(spot: Spot, place: dict[int, int] = place, now: dict[int, int] = now, down: bool = down) -> float:  # noqa: FBT001
                near = spot.above if down else spot.below
                return sum(place[id(other)] for other in near) / len(near) if near else float(now[id(spot)])

            layers[number].sort(key=mean)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _crossings(layers: list[list[Spot]]) -> int:
    """Count the crossings between neighbouring layers."""
    count = 0
    for upper, lower in itertools.pairwise(layers):
        place = {id(spot): at for at, spot in enumerate(lower)}
        ends = [end for spot in upper for end in sorted(place[id(other)] for other in spot.below)]
        count += sum(ends[i] > ends[j] for i in range(len(ends)) for j in range(i + 1, len(ends)))
    return count


def _place(layers: list[list[Spot]]) -> None:
    """Give each spot its x: first side by side, then near its neighbours above and below in turn."""
    for layer in layers:
        wanted = [0.0] * len(layer)
        _settle(layer, wanted)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            wanted = [_wanted(spot, down=down) for spot in layer]
            _settle(layer, wanted)


def _wanted(spot: Spot, *, down: bool) -> float:
    near = (spot.above if down else spot.below) or spot.above or spot.below
    return sum(other.x for other in near) / len(near) if near else spot.x


def _settle(layer: list[Spot], wanted: list[float]) -> None:
    """Place a layer as near to what is wanted as its order and distances allow, by least squares."""
    offsets = [0.0]
    for left, right in itertools.pairwise(layer):
        gap = GAP if left.is_box or right.is_box else LINE
        offsets.append(offsets[-1] + (left.width + right.width) / 2 + gap)
    blocks: list[tuple[float, int]] = []  # mean of what is wanted, and how many spots
    for target, offset in zip(wanted, offsets, strict=False):
        mean, size = target - offset, 1
        while blocks and blocks[-1][0] >= mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    means = [mean for mean, size in blocks for _ in range(size)]
    for spot, mean, offset in zip(layer, means, offsets, strict=False):
        spot.x = mean + offset
