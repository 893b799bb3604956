"""Any file is either read as a notebook or refused with one clear line."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpipe.errors import NotebookError
from nbpipe.notebook import Cell, Notebook, parse_notebook, read_notebook

from .reference import nbformat

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile" / "notebooks"

# Part of the message, line, column.
REFUSED: dict[str, tuple[str, int | None, int | None]] = {
    "blank.ipynb": ("is empty", 1, 1),
    "cell_number.ipynb": ("cell 1 is a number, not an object (line 2)", 2, 1),
    "cells_object.ipynb": ("'cells' is an object, not a list", None, None),
    "conflict.ipynb": ("merge conflict at line 7", 7, 1),
    "empty.ipynb": ("is empty", 1, 1),
    "huge_number.ipynb": ("is not valid JSON: Exceeds the limit", 1, 1),
    "invalid_utf8.ipynb": ("is not UTF-8 text: byte 0xe9 in line 10", 10, 15),
    "list.ipynb": ("its JSON is a list, not an object", 1, 1),
    "missing_comma.ipynb": ("expecting ',' delimiter (line 6, column 4)", 6, 4),
    "no_cells.ipynb": ("it has no 'cells'", None, None),
    "nul.ipynb": ("invalid control character (line 10, column 11)", 10, 11),
    "script.ipynb": ("is not JSON", 1, 1),
    "source_number.ipynb": ("cell 2 has a number in its source instead of text", 15, 1),
    "source_object_in_list.ipynb": ("cell 1 has an object in its source instead of text", 9, 1),
    "text.ipynb": ("its JSON is text, not an object", 1, 1),
    "truncated.ipynb": ("is cut off: its JSON ends too early (line 19, column 12)", 19, 12),
    "truncated_in_string.ipynb": ("is cut off: its JSON ends too early (line 10, column 5)", 10, 5),
    "utf16.ipynb": ("is UTF-16", 1, 1),
}

# Format, and type, source and count of each cell.
READ: dict[str, tuple[tuple[int, int], list[tuple[str, str, int | None]]]] = {
    "bare.ipynb": ((4, 0), [("code", "", None), ("raw", "text", None), ("code", "", None)]),
    "bom.ipynb": ((4, 5), [("code", "price = 3\nprice", 1)]),
    "crlf.ipynb": ((4, 5), [("code", "price = 3\nprice", 1)]),
    "duplicate_ids.ipynb": ((4, 5), [("code", "a = 1", None), ("code", "b = 2", None), ("code", "c = 3", None)]),
    "duplicate_keys.ipynb": ((4, 4), [("code", "b", None)]),
    "lone_surrogate.ipynb": ((4, 5), [("code", "s = '\ud800'", None)]),
    "nan.ipynb": ((4, 5), [("code", "x", 2)]),
    "newer_major.ipynb": ((6, 0), [("code", "a = 1", None)]),
    "newer_minor.ipynb": ((4, 9), [("code", "a = 1", None)]),
    "odd_fields.ipynb": ((4, 0), [("code", "a\n", None), ("markdown", "", None), ("code", "", None)]),
    "one_line.ipynb": ((4, 5), [("code", "a = 1\nb = 2\n", None), ("markdown", "# Title", None)]),
    "version1.ipynb": ((1, 0), [("code", "z = 3", 7), ("markdown", "words", None)]),
    "version2.ipynb": ((2, 0), [("code", "y = 2", 1), ("markdown", "<b>hi</b>", None)]),
    "version3.ipynb": (
        (3, 0),
        [("markdown", "## Load the data", None), ("code", "x = 1\nx", 4), ("markdown", "*end*", None)],
    ),
}


def facts(cell: Cell) -> tuple[str, str, int | None]:
    return cell.cell_type, cell.source, cell.execution_count


def read_or_refused(data: bytes | str) -> Notebook | None:
    """Read a notebook; None where it is refused, in one line."""
    try:
        return parse_notebook(data)
    except NotebookError as error:
        message = str(error)
    assert message
    assert "\n" not in message
    return None


def test_every_hostile_file_has_an_expectation() -> None:
    assert {path.name for path in HOSTILE.iterdir()} == REFUSED.keys() | READ.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_notebook_is_refused_in_one_line_that_says_where(name: str) -> None:
    message, line, column = REFUSED[name]

    with pytest.raises(NotebookError) as caught:
        read_notebook(HOSTILE / name)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_read(name: str) -> None:
    (major, minor), cells = READ[name]

    notebook = read_notebook(HOSTILE / name)

    assert (notebook.nbformat, notebook.nbformat_minor) == (major, minor)
    assert [facts(cell) for cell in notebook.cells] == cells
    assert [cell.index for cell in notebook.cells] == list(range(len(cells)))
    assert notebook.text.encode("utf-8") == (HOSTILE / name).read_bytes()
    assert notebook.path == str(HOSTILE / name)


def test_ids_are_kept_as_they_are_even_twice() -> None:
    notebook = read_notebook(HOSTILE / "duplicate_ids.ipynb")

    assert [cell.id for cell in notebook.cells] == ["same", "same", None]


def test_fields_of_the_wrong_kind_count_as_missing() -> None:
    notebook = read_notebook(HOSTILE / "odd_fields.ipynb")

    assert [cell.tags for cell in notebook.cells] == [(), ("x", "y"), ()]
    assert [cell.outputs for cell in notebook.cells] == [(), (), ()]
    assert (notebook.cells[0].id, notebook.cells[0].metadata, notebook.metadata) == (None, {}, {})


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_nested_too_deeply_is_refused(opening: str) -> None:
    depth = sys.getrecursionlimit() * 30
    closing = "]" if opening == "[" else "}"
    text = f'{{"cells": [], "metadata": {{"deep": {opening * depth}1{closing * depth}}}}}'

    with pytest.raises(NotebookError, match="nested too deeply"):
        parse_notebook(text)


def test_a_missing_file_is_named_as_missing(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="no such file"):
        read_notebook(tmp_path / "none.ipynb")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="is a folder"):
        read_notebook(tmp_path)


def test_a_name_no_file_can_have_is_refused() -> None:
    with pytest.raises(NotebookError, match="cannot be opened"):
        read_notebook("a\0b.ipynb")


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.ipynb").touch()

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(builtins, "open", refuse)

    with pytest.raises(NotebookError, match="cannot be opened: Permission denied"):
        read_notebook(tmp_path / "secret.ipynb")


def test_text_is_parsed_as_bytes_are() -> None:
    data = (HOSTILE / "bom.ipynb").read_bytes()

    assert [facts(cell) for cell in parse_notebook(data.decode("utf-8")).cells] == [
        facts(cell) for cell in parse_notebook(data).cells
    ]


def test_a_notebook_read_agrees_with_nbformat() -> None:
    theirs = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Title\n\nwords"),
            nbformat.v4.new_code_cell("é = 1\né", execution_count=3, metadata={"tags": ["parameters"]}),
            nbformat.v4.new_raw_cell(""),
        ],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
    )

    ours = parse_notebook(nbformat.writes(theirs))

    assert [(cell.cell_type, cell.source, cell.id, cell.metadata) for cell in ours.cells] == [
        (cell.cell_type, cell.source, cell.id, cell.metadata) for cell in theirs.cells
    ]
    assert (ours.cells[1].execution_count, ours.cells[1].tags) == (3, ("parameters",))


@settings(deadline=None, max_examples=300)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["cells", "worksheets", "source", "cell_type", "outputs", "metadata", "input", "id"]),
                inner,
            )
        ),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for document in (value, {"cells": value}, {"cells": [value]}, {"worksheets": [{"cells": [value]}]}):
        notebook = read_or_refused(json.dumps(document))
        for cell in notebook.cells if notebook else ():
            assert isinstance(cell.source, str)
            assert isinstance(cell.outputs, tuple)
            assert notebook is not None
            assert notebook.json_line(cell.index) == 1


@settings(deadline=None, max_examples=300)
@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refused(data)


@pytest.mark.parametrize("cut", range(1, 285, 7))
def test_a_file_cut_anywhere_is_refused(cut: int) -> None:
    data = (HOSTILE / "bom.ipynb").read_bytes()

    with pytest.raises(NotebookError):
        parse_notebook(data[:cut])
