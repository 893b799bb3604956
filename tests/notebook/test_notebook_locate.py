"""Each line of a cell's source is found in the text of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpipe.errors import NotebookError
from nbpipe.notebook import parse_notebook, read_notebook
from nbpipe.notebook.locate import find_places

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile" / "notebooks"


def document(*sources: Any) -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
        for source in sources
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def file_lines(text: str, cell: int, count: int) -> list[str]:
    """Give the text of the file lines that hold the lines of a source."""
    notebook = parse_notebook(text)
    numbers = [notebook.json_line(cell, line) for line in range(count)]
    return [text.split("\n")[number - 1].strip() for number in numbers if number]


def test_each_line_of_a_list_has_its_own_file_line() -> None:
    text = json.dumps(document(["a = 1\n", "b = 2\n", "c"], ["d"]), indent=1)

    assert file_lines(text, 0, 3) == [r'"a = 1\n",', r'"b = 2\n",', '"c"']
    assert file_lines(text, 1, 1) == ['"d"']


def test_all_lines_of_a_string_are_in_one_file_line() -> None:
    text = json.dumps(document("a = 1\nb = 2"), indent=1)

    assert file_lines(text, 0, 2) == [r'"source": "a = 1\nb = 2"'] * 2


def test_elements_that_are_not_lines_are_followed() -> None:
    text = json.dumps(document(["a ", "= 1\nb", " = 2\nc = 3\n", "", "d"]), indent=1)

    assert file_lines(text, 0, 4) == ['"a ",', r'"= 1\nb",', r'" = 2\nc = 3\n",', '"d"']


def test_a_line_beyond_the_last_is_the_last() -> None:
    text = json.dumps(document(["a\n", "b"]), indent=1)

    assert file_lines(text, 0, 5)[1:] == ['"b"'] * 4


def test_no_such_cell_has_no_line() -> None:
    notebook = parse_notebook(json.dumps(document("a")))

    assert notebook.json_line(1) is None
    assert notebook.json_line(-1) is None


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("version3.ipynb", ['"Load\\n",', '"x = 1\\n",', '"*end*"']),
        ("version2.ipynb", ['"input": "y = 2",', '"source": "<b>hi</b>"']),
        ("version1.ipynb", ['"code": "z = 3",', '"text": "words"']),
        ("crlf.ipynb", ['"price = 3\\n",']),
        ("bom.ipynb", ['"price = 3\\n",']),
        ("nan.ipynb", ['"source": "x"']),
        ("lone_surrogate.ipynb", ['"source": "s = \'\\ud800\'"']),
    ],
)
def test_every_format_is_located(name: str, lines: list[str]) -> None:
    notebook = read_notebook(HOSTILE / name)

    found = [notebook.text.split("\n")[(notebook.json_line(cell.index) or 0) - 1].strip() for cell in notebook.cells]

    assert found == lines


def test_a_cell_without_source_is_found_by_its_start() -> None:
    notebook = parse_notebook('{"cells": [\n{"cell_type": "code"},\n{"cell_type": "raw",\n "source": null}]}')

    assert [notebook.json_line(0), notebook.json_line(1)] == [2, 4]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": [', '{"cells": [{]}'])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(NotebookError):
        find_places(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
)


@settings(deadline=None)
@given(st.lists(st.lists(st.text()) | st.text(), max_size=5), JSON, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_spans_hold_the_cells_and_their_members(sources: list[Any], extra: Any, indent: Any, escape: bool) -> None:  # noqa: FBT001
    given_document = document(*sources)
    for cell in given_document["cells"]:
        cell["metadata"] = {"extra": extra}
    text = json.dumps(given_document, indent=indent, ensure_ascii=escape)

    places = find_places(text)

    assert len(places.cells) == len(sources)
    for place, cell in zip(places.cells, given_document["cells"], strict=True):
        assert json.loads(text[place.start : place.end]) == cell
        for name, member in place.members.items():
            assert text[member.key :].startswith(json.dumps(name))
            assert json.loads(text[member.start : member.end]) == cell[name]
