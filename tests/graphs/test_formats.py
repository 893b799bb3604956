"""The formats of a graph: what they say, and that no name can break them."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.graphs import FORMATS, Edge, Graph, Node, draw
from nbpipe.graphs.lanes import lanes

SVG = "{http://www.w3.org/2000/svg}"


def small(kind: str = "steps") -> Graph:
    nodes = (
        Node("load", "load", "cells 2-3", (("parameters", "path"),), "df = read(path)"),
        Node("clean", "clean data", "cell 4", code="a < b"),
        Node("train", "train"),
    )
    edges = (
        Edge("load", "clean", ("df", "y")),
        Edge("clean", "train", ("a", "b", "c", "d", "e")),
        Edge("load", "train"),
        Edge("train", "clean", ("z",), late=True),
    )
    return Graph("demo.ipynb", kind, nodes, edges, ("cell 4 is untagged",))


def test_text_says_what_each_node_takes_and_gives() -> None:
    assert draw(small(), "text") == (
        "load        cells 2-3\n"
        "    gives df, y to clean data\n"
        "clean data  cell 4\n"
        "    takes df, y from load\n"
        "    takes z from train, which comes only later\n"
        "    gives a, b, c, d, e to train\n"
        "train\n"
        "    takes a, b, c, d, e from clean data\n"
        "    comes after load\n"
        "    gives z to clean data\n"
        "note: cell 4 is untagged\n"
    )


def test_mermaid_has_a_node_a_box_and_an_arrow_an_edge() -> None:
    assert draw(small(), "mermaid") == (
        "flowchart TD\n"
        '  n_load["load<br/><small>cells 2-3</small>"]\n'
        '  n_clean["clean data<br/><small>cell 4</small>"]\n'
        '  n_train["train"]\n'
        '  n_load -->|"df, y"| n_clean\n'
        '  n_clean -->|"a, b, c +2"| n_train\n'
        "  n_load -.-> n_train\n"
        '  n_train -.->|"z"| n_clean\n'
    )


def test_json_has_all_names() -> None:
    record = json.loads(draw(small(), "json"))

    assert [node["key"] for node in record["nodes"]] == ["load", "clean", "train"]
    assert record["edges"][1] == {
        "source": "clean",
        "target": "train",
        "names": ["a", "b", "c", "d", "e"],
        "late": False,
    }


@pytest.mark.parametrize("kind", ["steps", "cells"])
def test_svg_draws_each_box_and_each_line_once(kind: str) -> None:
    root = ET.fromstring(draw(small(kind), "svg"))

    boxes = [group for group in root.iter(f"{SVG}g") if group.get("class", "").startswith("box")]
    lines = {
        (group.get("data-source"), group.get("data-target"))
        for group in root.iter(f"{SVG}g")
        if group.get("class", "").startswith("edge")
    }
    assert [box.get("data-key") for box in boxes] == ["load", "clean", "train"]
    assert lines == {("load", "clean"), ("clean", "train"), ("load", "train"), ("train", "clean")}
    assert sum("late" in group.get("class", "") for group in root.iter(f"{SVG}g")) == 1


def test_the_page_lets_nothing_in_from_elsewhere_and_shows_code_as_text() -> None:
    page = draw(small(), "html")

    assert "default-src 'none'" in page
    assert "<code>a &lt; b</code>" in page
    assert not re.search(r"(src|href)=\"(?!#)", page)


@given(st.text(max_size=30), st.text(max_size=30), st.lists(st.text(min_size=1, max_size=8), max_size=5))
def test_no_name_breaks_a_format(title: str, code: str, names: list[str]) -> None:
    nodes = (Node("a", title, title, ((title, code),), code), Node("b", code))
    graph = Graph(title, "steps", nodes, (Edge("a", "b", tuple(names)),), (code,))

    for format_name in FORMATS:
        draw(graph, format_name)
    assert ET.fromstring(draw(graph, "svg")).tag == f"{SVG}svg"
    assert len(draw(graph, "mermaid").splitlines()) == 4
    page = draw(graph, "html")
    assert page.count("<script>") == 1
    assert page.count("<section") == 2


@pytest.mark.parametrize("format_name", list(FORMATS))
def test_a_graph_without_nodes_can_be_drawn(format_name: str) -> None:
    assert draw(Graph("empty", "steps", ()), format_name) is not None


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] != pair[1]), st.just(("x",))
    )
)
def test_no_line_beside_the_rows_runs_on_another(flows: dict[tuple[int, int], tuple[str, ...]]) -> None:
    found = lanes(flows)

    assert sum(len(lane.targets) for lane in found) == len(flows)
    for at, lane in enumerate(found):
        for other in found[:at]:
            assert lane.column != other.column or lane.high < other.low or other.high < lane.low
