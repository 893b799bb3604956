"""Places of boxes and lines: nothing lies upon another, lines go down, few cross."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nbpipe.graphs import Edge, Graph, Node
from nbpipe.graphs.layout import lay_out

WIDTHS = st.floats(20, 300)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 12))
    keys = [f"k{number}" for number in range(count)]
    pairs = [(one, other) for one in keys for other in keys if one != other]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=25)) if pairs else []
    nodes = tuple(Node(key, key) for key in keys)
    return Graph("any", "steps", nodes, tuple(Edge(source, target, ("x",)) for source, target in chosen))


@given(graphs(), st.data())
def test_nothing_in_a_layer_lies_upon_another_and_all_lines_lead_from_box_to_box(
    graph: Graph, data: st.DataObject
) -> None:
    widths = {node.key: data.draw(WIDTHS) for node in graph.nodes}
    labels = [data.draw(st.sampled_from([0.0, 30.0, 200.0])) for _ in graph.edges]

    layout = lay_out(graph, widths, labels)

    layers: dict[int, list[tuple[float, float]]] = {}
    spots = {id(spot): spot for spot in (*layout.boxes.values(), *(spot for line in layout.lines for spot in line))}
    for spot in spots.values():
        layers.setdefault(spot.layer, []).append((spot.x - spot.width / 2, spot.x + spot.width / 2))
    for extents in layers.values():
        extents.sort()
        assert all(left[1] < right[0] for left, right in pairwise(extents))
        assert extents[0][0] >= -0.001
        assert extents[-1][1] <= layout.width + 0.001
    for edge, line in zip(graph.edges, layout.lines, strict=True):
        assert (line[0], line[-1]) == (layout.boxes[edge.source], layout.boxes[edge.target])
        assert [abs(one.layer - other.layer) for one, other in pairwise(line)] == [1] * (len(line) - 1)


@given(graphs())
def test_an_edge_leads_down_where_the_nodes_stand_in_that_order(graph: Graph) -> None:
    layout = lay_out(graph, {node.key: 50.0 for node in graph.nodes}, [0.0] * len(graph.edges))

    place = {node.key: number for number, node in enumerate(graph.nodes)}
    for edge in graph.edges:
        goes_down = layout.boxes[edge.source].layer < layout.boxes[edge.target].layer
        assert goes_down == (place[edge.source] < place[edge.target])


def test_a_label_has_room_above_the_box_that_its_line_enters() -> None:
    nodes = tuple(Node(key, key) for key in "abc")
    graph = Graph("g", "steps", nodes, (Edge("a", "b", ("x",)), Edge("b", "c", ("y",)), Edge("a", "c", ("z",))))

    layout = lay_out(graph, dict.fromkeys("abc", 50.0), [40.0, 60.0, 80.0])

    assert [line[-2].width for line in layout.lines] == [40.0, 60.0, 80.0]
    assert layout.lines[2][-2].layer == layout.boxes["c"].layer - 1


def test_lines_that_need_not_cross_do_not() -> None:
    nodes = tuple(Node(key, key) for key in ("a", "b", "c", "d"))
    graph = Graph("g", "steps", nodes, (Edge("a", "d", ("x",)), Edge("b", "c", ("y",))))

    layout = lay_out(graph, dict.fromkeys("abcd", 50.0), [0.0, 0.0])

    boxes = layout.boxes
    assert (boxes["a"].x < boxes["b"].x) == (boxes["d"].x < boxes["c"].x)


def test_a_chain_is_straight() -> None:
    nodes = tuple(Node(key, key) for key in "abc")
    graph = Graph("g", "steps", nodes, (Edge("a", "b", ("x",)), Edge("b", "c", ("y",))))

    layout = lay_out(graph, {"a": 50.0, "b": 120.0, "c": 80.0}, [30.0, 0.0])

    assert len({round(spot.x, 3) for line in layout.lines for spot in line}) == 1
