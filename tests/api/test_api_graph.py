"""The graphs of notebooks and pipelines: what flows, and from where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbpipe.api.graph import graph, telling_line
from nbpipe.api.structure import structure
from nbpipe.cli import main
from nbpipe.config import Settings
from nbpipe.errors import ConfigError, ConversionError, NotebookError
from nbpipe.graphs import draw
from tests.pipeline.projects import written

PIPELINES = Path(__file__).resolve().parents[2] / "fixtures" / "pipelines"


def notebook(folder: Path, *sources: str, tags: dict[int, str] | None = None, language: str = "python") -> Path:
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "source": source,
            "metadata": {"tags": [tags[at]]} if tags and at in tags else {},
            "outputs": [],
            "execution_count": None,
        }
        for at, source in enumerate(sources)
    ]
    path = folder / "n.ipynb"
    metadata = {"language_info": {"name": language}}
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}))
    return path


def flows(path: Path, **options: bool | str) -> list[tuple[str, str, tuple[str, ...]]]:
    found = graph(path, **options)  # type: ignore[arg-type]
    return [(edge.source, edge.target, edge.names) for edge in found.edges]


def test_names_flow_between_cells_but_for_tools(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import math\ndef f(x): return math.sqrt(x)", "a = f(2)", "b = f(a)", "print(a, b)")

    assert flows(path) == [("c2", "c3", ("a",)), ("c2", "c4", ("a",)), ("c3", "c4", ("b",))]
    assert ("c1", "c2", ("f", "math")) in [(s, t, tuple(sorted(n))) for s, t, n in flows(path, imports=True)]


def test_a_value_comes_from_the_last_cell_that_changed_it(tmp_path: Path) -> None:
    path = notebook(tmp_path, "rows = []", "rows.append(1)", "rows.append(2)", "print(rows)")

    assert flows(path) == [("c1", "c2", ("rows",)), ("c2", "c3", ("rows",)), ("c3", "c4", ("rows",))]


def test_what_is_needed_before_it_is_made_is_late(tmp_path: Path) -> None:
    found = graph(notebook(tmp_path, "print(total)", "total = 1"))

    assert [(edge.source, edge.target, edge.late) for edge in found.edges] == [("c2", "c1", True)]


def test_steps_pass_on_what_the_last_one_changed(tmp_path: Path) -> None:
    tags = {0: "step:load", 1: "step:clean", 2: "step:report"}
    path = notebook(tmp_path, "rows = [3]", "rows.append(1)", "print(rows)", tags=tags)

    assert flows(path) == [("load", "clean", ("rows",)), ("clean", "report", ("rows",))]
    assert [edge[:2] for edge in flows(path, kind="cells")] == [("c1", "c2"), ("c2", "c3")]


def test_parameters_and_numbers_of_cells_stand_at_the_step(tmp_path: Path) -> None:
    path = notebook(tmp_path, "n = 3", "rows = [n]", "rows += [n]", tags={0: "parameters", 1: "step:load"})

    (node,) = graph(path).nodes
    assert (node.subtitle, node.details) == ("cells 2-3", (("parameters", "n"),))
    assert "# cell 2\nrows = [n]" in node.code


def test_a_pipeline_has_its_own_graph(tmp_path: Path) -> None:
    steps = """
        Step('load', 'shop.steps:load', outputs=('df',), parameters=('path',)),
        Step('report', 'shop.steps:report', inputs=('df',), after=('load',)),
    """
    folder = written(tmp_path, steps, "def load(*, path): ...")

    found = graph(folder)
    assert [(node.key, node.subtitle, node.code) for node in found.nodes] == [
        ("load", "(path)", "def load(*, path): ..."),
        ("report", "", "def load(*, path): ..."),
    ]
    assert [(edge.source, edge.target, edge.names) for edge in found.edges] == [("load", "report", ("df",))]
    with pytest.raises(ConfigError, match="a pipeline has steps, not cells"):
        graph(folder, kind="cells")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("# a comment\nimport os\nx = 1", "x = 1"),
        ("import os", "import os"),
        ("%matplotlib inline", "%matplotlib inline"),
        ("value = '" + "a" * 60 + "'", "value = '" + "a" * 30 + "…"),
    ],
)
def test_a_cell_is_named_by_its_telling_line(source: str, line: str) -> None:
    assert telling_line(source) == line


def test_what_has_no_graph_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="only the code of Python notebooks can be followed, not julia"):
        graph(notebook(tmp_path, "x = 1", language="julia"))
    with pytest.raises(ConversionError, match="no cell is tagged as a step"):
        graph(notebook(tmp_path, "x = 1"), kind="steps")
    with pytest.raises(ConfigError):
        graph(tmp_path)


def test_the_command_writes_the_format_that_the_file_is_named_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(PIPELINES / "wine_classifier" / "notebook.ipynb")
    for name, begin in {"g.svg": "<svg", "g.html": "<!DOCTYPE", "g.mmd": "flowchart", "g.json": "{"}.items():
        assert main(["graph", source, "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begin)
    assert main(["graph", source, "-o", str(tmp_path / "g.png")]) == 2
    assert main(["graph", source, "-o", str(tmp_path / "no" / "g.svg")]) == 2
    capsys.readouterr()

    assert main(["graph", source]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "load      cell 5",
        "    gives df to split",
        "split     cells 7-8",
    ]


def test_jupyterlab_gets_the_same_graph_also_of_what_cannot_be_a_pipeline(tmp_path: Path) -> None:
    tags = {0: "step:load", 1: "step:clean", 2: "step:report"}
    path = notebook(tmp_path, "rows = [3]", "rows.append(1)", "print(rows)", tags=tags)
    assert structure(path.read_bytes(), str(path), Settings()).graph == graph(path)

    path = notebook(tmp_path, "a = 1", "b = c", "c = a", tags={0: "step:one", 1: "step:two", 2: "step:one"})
    with pytest.raises(ConversionError):
        graph(path)
    found = structure(path.read_bytes(), str(path), Settings())
    assert len(found.problems) == 1
    assert [(edge.source, edge.target, edge.late) for edge in found.graph.edges] == [("one", "two", True)]
    assert draw(found.graph, "svg").count('class="box"') == 2
