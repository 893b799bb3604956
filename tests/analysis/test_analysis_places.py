"""Where things stand in the source, and which cell needs which."""

from __future__ import annotations

import ast

import pytest

from nbpipe.analysis import Analysis
from nbpipe.notebook import Cell, Notebook, Range


def analysis_of(*sources: str) -> Analysis:
    return Analysis(Notebook(tuple(Cell(index, "code", source) for index, source in enumerate(sources)), {}))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x", (0, 0, 0, 1)),
        ("a = 1\nb = x", (1, 4, 1, 5)),
        ("print('äöü', x)", (0, 13, 0, 14)),
        ("print('😀', x)", (0, 11, 0, 12)),
        ("größe = 1; print(größe, x)", (0, 24, 0, 25)),
        ("%time y = x", (0, 10, 0, 11)),
        ("%time y = 'ä', x", (0, 15, 0, 16)),
        ("if True:\n    %time print(x)", (1, 16, 1, 17)),
        ("!echo {x}", (0, 7, 0, 8)),
        ("%%time\ny = x", (1, 4, 1, 5)),
        ("files = !ls {x}", (0, 13, 0, 14)),
        ("'''\n'''; x", (1, 5, 1, 6)),
        ("%matplotlib inline\nx", (1, 0, 1, 1)),
        (">>> x", (0, 4, 0, 5)),
    ],
)
def test_a_place_is_given_in_characters_of_the_cell_as_written(
    source: str, expected: tuple[int, int, int, int]
) -> None:
    analysis = analysis_of(source)
    (use,) = (found for found in analysis.top_down.uses.values() if found.name == "x")

    assert analysis.range(use.home, use.node) == Range(0, *expected)


def test_a_node_over_several_lines() -> None:
    analysis = analysis_of("y = [\n    1,\n    2]")
    tree = analysis.codes[0].tree
    assert tree is not None
    (assignment,) = tree.body
    assert isinstance(assignment, ast.Assign)

    assert analysis.range(0, assignment.value) == Range(0, 0, 4, 2, 6)


@pytest.mark.parametrize(
    ("sources", "edges"),
    [
        (("x = 1", "y = x", "print(x, y)"), {(0, 1): ("x",), (0, 2): ("x",), (1, 2): ("y",)}),
        (("x = 1", "x = 2", "x"), {(1, 2): ("x",)}),
        (("x = 1", "if c(): x = 2", "x"), {(0, 2): ("x",), (1, 2): ("x",)}),
        (("def f(): return x", "x = 1", "f()"), {(0, 2): ("f",), (1, 2): ("x",)}),
        (("x = 1", "def f(): return x"), {}),
        (("x = [1]", "x.append(2)", "x"), {(0, 1): ("x",), (0, 2): ("x",)}),
        (("x = 1\nx", "y = 2"), {}),
        (("import a", "del a", "a"), {(0, 1): ("a",)}),
        (("x", "x = 1"), {}),
        (("files = !ls", "%time len(files)"), {(0, 1): ("files",)}),
        (("class K:\n    v = 1", "K.v"), {(0, 1): ("K",)}),
        (("%%timeit\nx = 1", "x"), {}),
    ],
)
def test_the_cell_graph_has_an_edge_for_each_definition_that_reaches_a_use(
    sources: tuple[str, ...], edges: dict[tuple[int, int], tuple[str, ...]]
) -> None:
    assert analysis_of(*sources).graph.edges == edges


def test_parents_and_children() -> None:
    graph = analysis_of("x = 1", "y = 2", "x + y", "x").graph

    assert graph.parents(2) == (0, 1)
    assert graph.children(0) == (2, 3)
    assert graph.parents(0) == graph.children(3) == ()


def test_only_code_cells_of_python_have_facts() -> None:
    cells = (Cell(0, "markdown", "x"), Cell(1, "code", "x = 1"), Cell(2, "code", "x = = 1"))
    analysis = Analysis(Notebook(cells, {}))

    assert list(analysis.cells) == [1, 2]
    assert analysis.codes[2].error is not None
    assert not Analysis(Notebook(cells, {"kernelspec": {"name": "ir", "language": "R"}})).cells


def test_nodes_are_found_by_class_over_all_cells() -> None:
    analysis = analysis_of("import os\nprint(1)", "def f(x=g(2)):\n    return [h(y) for y in x]", "!ls", "broken(")

    assert sorted((home, ast.unparse(node.func)) for home, node in analysis.nodes(ast.Call)) == [
        (0, "print"),
        (1, "g"),
        (1, "h"),
    ]
    assert [home for home, _ in analysis.nodes(ast.Import)] == [0]
    assert not analysis.nodes(ast.While)
