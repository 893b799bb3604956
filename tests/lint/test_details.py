"""Fixes as lines of the file, lines of related places, and the names that flow between cells."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import analyze
from nbpipe.lint import details
from nbpipe.lint.diagnostic import (
    Applicability,
    CellEdit,
    Diagnostic,
    Edit,
    FieldEdit,
    FileResult,
    Fix,
    Related,
    Severity,
)
from nbpipe.notebook.model import Range
from nbpipe.notebook.read import parse_notebook


def file_of(*sources: str, indent: int | None = 1) -> bytes:
    cells = [
        {"cell_type": "code", "source": source.splitlines(keepends=True), "metadata": {}, "outputs": []}
        for source in sources
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document, indent=indent).encode()


def result_of(*edits: Edit | CellEdit | FieldEdit) -> FileResult:
    fix = Fix("t", edits, Applicability.SAFE)
    found = Diagnostic("NB102", "undefined-name", "m", Severity.ERROR, path="a", range=Range(0, 0, 0, 2, 0), fix=fix)
    found.related = (Related(Range(1, 0, 0, 0, 1), "r"),)
    return FileResult("a", (found,))


def edited(data: bytes, *edits: Edit | CellEdit | FieldEdit) -> str | None:
    """Give the text of the file with the lines replaced that the edits come to."""
    notebook = parse_notebook(data, "a")
    result = result_of(*edits)
    details.add_file_edits(notebook, result)
    assert result.diagnostics[0].fix
    replaced = result.diagnostics[0].fix.file_edits
    lines = notebook.text.split("\n")
    beyond = len(lines) + 1
    for edit in replaced:
        assert 1 <= edit.start_line <= edit.end_line < beyond
        lines[edit.start_line - 1 : edit.end_line] = edit.content.split("\n")
        beyond = edit.start_line
    return None if not replaced else "\n".join(lines)


def sources(text: str | None) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(text or "")["cells"]]


def test_edits_of_text_replace_the_lines_they_change_and_no_other() -> None:
    notebook = parse_notebook(file_of("a = 1\nb = 2\nc = 3", "d"), "a")
    result = result_of(Edit(Range(0, 1, 0, 1, 1), "x"))

    details.add_file_edits(notebook, result)

    assert result.diagnostics[0].fix
    (edit,) = result.diagnostics[0].fix.file_edits
    line = notebook.json_line(0, 1)
    assert (edit.start_line, edit.end_line, edit.content) == (line, line, '    "x = 2\\n",')


def test_several_edits_and_cells() -> None:
    data = file_of("a = 1\nb = 2", "c\n", "d")

    assert sources(edited(data, Edit(Range(0, 0, 0, 0, 1), "first"), Edit(Range(0, 1, 4, 1, 5), "3"))) == [
        "first = 1\nb = 3",
        "c\n",
        "d",
    ]
    assert sources(edited(data, CellEdit("insert-cell", after=-1, content="x"))) == ["x", "a = 1\nb = 2", "c\n", "d"]
    assert sources(edited(data, CellEdit("insert-cell", after=2, content="x"))) == ["a = 1\nb = 2", "c\n", "d", "x"]
    assert sources(edited(data, CellEdit("delete-cell", cell=1))) == ["a = 1\nb = 2", "d"]
    assert sources(edited(data, CellEdit("move-cell", cell=2, after=-1))) == ["d", "a = 1\nb = 2", "c\n"]
    cleared = json.loads(edited(data, FieldEdit(0, "metadata", {"tags": ["x"]})) or "")
    assert cleared["cells"][0]["metadata"] == {"tags": ["x"]}


def test_a_fix_replaces_no_more_than_it_changes() -> None:
    sources = [f"a = {number}" for number in range(300)]
    notebook = parse_notebook(file_of(*sources), "a")
    result = result_of(
        CellEdit("insert-cell", after=-1, content="x = 1", tags=("parameters",)), Edit(Range(290, 0, 4, 0, 7), "x")
    )

    details.add_file_edits(notebook, result)

    assert result.diagnostics[0].fix
    last, first = result.diagnostics[0].fix.file_edits
    assert (last.content, last.start_line) == ('    "a = x"', notebook.json_line(290, 0))
    assert first.end_line < notebook.json_line(1, 0)  # type: ignore[operator]
    assert "x = 1" in first.content


LINES = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=12)


@given(LINES, LINES)
def test_replaced_lines_give_the_other_text(old: list[str], new: list[str]) -> None:
    lines, beyond = list(old), len(old) + 1
    for edit in details.line_edits(old, new):
        assert 1 <= edit.start_line <= edit.end_line < beyond
        lines[edit.start_line - 1 : edit.end_line] = edit.content.split("\n")
        beyond = edit.start_line
    assert lines == new


def test_what_changes_nothing_or_cannot_be_done_gives_no_lines() -> None:
    assert edited(file_of("a", "b")) is None
    assert edited(file_of("a", "b"), Edit(Range(0, 0, 0, 0, 1), "a")) is None
    assert edited(file_of("a", "b"), CellEdit("delete-cell", cell=7)) is None
    assert edited(file_of("a", "b"), CellEdit("delete-cell")) is None
    old = b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "a"}]}], "nbformat": 3, "metadata": {}}'
    assert edited(old, CellEdit("delete-cell", cell=0)) is None


SOURCE = st.lists(st.sampled_from(["a", "bb = 1", "", "# é漢"]), min_size=1, max_size=4).map("\n".join)


@given(st.lists(SOURCE, min_size=1, max_size=4), st.data(), st.sampled_from([None, 1, 2]))
def test_the_lines_give_what_the_edits_give(texts: list[str], data: st.DataObject, indent: int | None) -> None:
    cell = data.draw(st.integers(0, len(texts) - 1))
    lines = texts[cell].split("\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    start = data.draw(st.integers(0, len(lines[line])))
    end = data.draw(st.integers(start, len(lines[line])))
    content = data.draw(SOURCE)
    lines[line] = lines[line][:start] + content + lines[line][end:]
    expected = [*texts[:cell], "\n".join(lines), *texts[cell + 1 :]]

    given_text = edited(file_of(*texts, indent=indent), Edit(Range(cell, line, start, line, end), content))

    assert expected == (texts if given_text is None else sources(given_text))


def test_lines_of_the_file_for_start_end_and_related_places() -> None:
    notebook = parse_notebook(file_of("a\nb\nc", "d"), "a")
    result = result_of()

    details.add_lines(notebook, result)

    (found,) = result.diagnostics
    text = notebook.text.split("\n")
    assert '"a' in text[(found.json_line or 0) - 1]
    assert '"b' in text[(found.json_end_line or 0) - 1]  # the range ends before the first character of c
    assert '"d' in text[(found.related[0].json_line or 0) - 1]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ["import numpy as np\nfrom os import path\nx = 1", "np.sum(x)", "path.join(x)"],
            {(0, 1): ("x",), (0, 2): ("x",)},
        ),
        (["import a.b", "a.b.c"], {}),
        (["y = f(1)", "def f(z):\n    return z"], {}),
        (["x = 1", "x = 2", "x"], {(1, 2): ("x",)}),
    ],
)
def test_names_that_flow_without_imports(cells: list[str], expected: dict[tuple[int, int], tuple[str, ...]]) -> None:
    assert details.flows(analyze(parse_notebook(file_of(*cells), "a"))) == expected
