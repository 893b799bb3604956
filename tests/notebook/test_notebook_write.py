"""Changes are written back and every byte that does not have to change stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpipe.errors import NotebookError
from nbpipe.notebook import Notebook, parse_notebook, read_notebook
from nbpipe.notebook.write import DeleteCell, InsertCell, MoveCell, SetField, apply_changes

from .reference import nbformat, written

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile" / "notebooks"
READABLE = ["bare", "bom", "crlf", "duplicate_ids", "lone_surrogate", "nan", "newer_minor", "odd_fields", "one_line"]
OLD = ["version1", "version2", "version3"]

A = nbformat.v4.new_code_cell("a = 1\na", id="a", execution_count=1)
B = nbformat.v4.new_markdown_cell("# B", id="b")
C = nbformat.v4.new_code_cell("c", id="c")

# Keys out of order, mixed escapes, an odd indent and a list in one line: nothing a program would write.
ODD = r"""{
    "nbformat": 4, "nbformat_minor" : 5,
    "metadata": {"b": 1,   "a": "é"},
  "cells": [
    {"id": "one", "source": ["caf\u00e9 = 1\n", "x = 'é'\n", "y"], "cell_type": "code",
       "metadata": {}, "outputs": [ ], "execution_count": 1},
    {"id": "two", "cell_type": "markdown", "metadata": {"tags": ["t"], "z": {"k": 1}}, "source": "# \u00e9\ntext\/"}
  ]
}
"""


def changed(text: str, *changes: Any) -> str:
    return apply_changes(parse_notebook(text), changes)


@pytest.mark.parametrize("name", READABLE + OLD)
def test_no_change_changes_no_byte(name: str) -> None:
    notebook = read_notebook(HOSTILE / f"{name}.ipynb")

    assert apply_changes(notebook, []).encode("utf-8") == (HOSTILE / f"{name}.ipynb").read_bytes()


@pytest.mark.parametrize("name", READABLE + OLD)
def test_setting_what_is_there_changes_no_byte(name: str) -> None:
    notebook = read_notebook(HOSTILE / f"{name}.ipynb")
    same = [SetField(cell.index, "source", cell.source) for cell in notebook.cells if cell.source]

    # A heading of nbformat 3 has its line end read as a blank.
    assert apply_changes(notebook, [change for change in same if "Load" not in change.value]) == notebook.text


def test_a_changed_line_changes_only_itself() -> None:
    after = changed(ODD, SetField(0, "source", "café = 1\nx = 'à'\ny"))

    assert after == ODD.replace("x = 'é'", "x = 'à'")


def test_a_source_in_one_string_stays_one() -> None:
    after = changed(ODD, SetField(1, "source", "# é\nmore\ntext/"))

    assert after == ODD.replace(r'"# \u00e9\ntext\/"', r'"# \u00e9\nmore\ntext\/"')


def test_lines_can_be_added_and_taken_away() -> None:
    text = json.dumps(json.loads(ODD), indent=1) + "\n"
    before, after = '"x = \'\\u00e9\'\\n",\n    "y"', '"y\\n",\n    "z"'
    assert before in text

    assert changed(text, SetField(0, "source", "café = 1\ny\nz")) == text.replace(before, after)


def test_an_empty_source_can_be_filled_in_the_style_of_the_file() -> None:
    empty = written(nbformat.v4.new_code_cell("", id="a"))
    filled = written(nbformat.v4.new_code_cell("a\nb", id="a"))

    assert changed(empty, SetField(0, "source", "a\nb")) == filled
    assert changed(filled, SetField(0, "source", "")) == empty


def test_metadata_changes_only_in_the_members_that_differ() -> None:
    after = changed(ODD, SetField(1, "metadata", {"tags": ["t"], "z": {"k": 2}}), SetField(None, "metadata", {"b": 1}))

    assert after == ODD.replace('{"k": 1}', '{"k": 2}').replace('{"b": 1,   "a": "é"}', '{"b": 1}')


def test_a_tag_is_added_as_nbformat_would_write_it() -> None:
    def tagged(metadata: dict[str, Any]) -> str:
        return written(nbformat.v4.new_code_cell("a", id="a", metadata=metadata), B)

    for old in ({}, {"a": 1}, {"z": 1}, {"a": {"b": []}, "z": 2}):
        new = {**old, "tags": ["step:load", "é"]}
        assert changed(tagged(old), SetField(0, "metadata", new)) == tagged(new)
        assert changed(tagged(new), SetField(0, "metadata", old)) == tagged(old)


def test_outputs_and_counts_are_cleared_and_set() -> None:
    def run(count: int | None, outputs: list[Any]) -> str:
        return written(nbformat.v4.new_code_cell("a", id="a", execution_count=count, outputs=outputs))

    output = {"name": "stdout", "output_type": "stream", "text": ["a\n", "b"]}
    full, empty = run(3, [output]), run(None, [])

    assert changed(full, SetField(0, "outputs", []), SetField(0, "execution_count", None)) == empty
    assert changed(empty, SetField(0, "outputs", [output]), SetField(0, "execution_count", 3)) == full


def test_missing_fields_are_added() -> None:
    text = '{\n "cells": [\n  {\n   "cell_type": "code"\n  }\n ]\n}'

    after = changed(text, SetField(0, "source", "a"), SetField(0, "id", "x"), SetField(None, "metadata", {"m": 1}))

    assert json.loads(after) == {"cells": [{"cell_type": "code", "source": ["a"], "id": "x"}], "metadata": {"m": 1}}
    assert after == json.dumps(json.loads(after), indent=1)


def test_a_number_that_equals_another_value_is_still_a_change() -> None:
    assert '"k": true' in changed(ODD, SetField(1, "metadata", {"tags": ["t"], "z": {"k": True}}))


def test_fields_of_nbformat_3_are_written_under_their_old_names() -> None:
    notebook = read_notebook(HOSTILE / "version3.ipynb")

    after = parse_notebook(
        apply_changes(
            notebook,
            [
                SetField(1, "source", "x = 2"),
                SetField(1, "execution_count", None),
                SetField(1, "outputs", []),
                SetField(0, "source", "## Other"),
            ],
        )
    )

    assert [cell.source for cell in after.cells] == ["## Other", "x = 2", "*end*"]
    assert (after.cells[1].execution_count, after.cells[1].outputs) == (None, ())
    assert json.loads(after.text)["worksheets"][0]["cells"][1]["input"] == ["x = 2"]


@pytest.mark.parametrize("change", [InsertCell(0, "code", ""), DeleteCell(0), MoveCell(0, 1)])
def test_cells_of_old_formats_are_not_rearranged(change: Any) -> None:
    with pytest.raises(NotebookError, match="nbformat 4"):
        apply_changes(read_notebook(HOSTILE / "version3.ipynb"), [change])


@pytest.mark.parametrize(
    "change",
    [
        DeleteCell(2),
        DeleteCell(-1),
        MoveCell(0, 2),
        InsertCell(2, "raw", ""),
        InsertCell(-2, "raw", ""),
        SetField(2, "id", "x"),
    ],
)
def test_a_cell_that_is_not_there_is_an_error(change: Any) -> None:
    with pytest.raises(IndexError):
        changed(ODD, change)


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ([DeleteCell(0)], [B, C]),
        ([DeleteCell(1)], [A, C]),
        ([DeleteCell(2)], [A, B]),
        ([DeleteCell(0), DeleteCell(1), DeleteCell(2)], []),
        ([MoveCell(2, -1)], [C, A, B]),
        ([MoveCell(0, 2)], [B, C, A]),
        ([MoveCell(1, 1)], [A, B, C]),
        ([MoveCell(0, 2), MoveCell(1, 2)], [C, A, B]),
        ([MoveCell(2, 0), DeleteCell(2)], [A, B]),
        ([MoveCell(2, 0), DeleteCell(0)], [C, B]),
    ],
)
def test_cells_are_deleted_and_moved_as_nbformat_would_write_them(changes: list[Any], after: list[Any]) -> None:
    assert changed(written(A, B, C), *changes) == written(*after)


@pytest.mark.parametrize("start", [[], [A], [A, B, C]])
@pytest.mark.parametrize("minor", [4, 5])
def test_a_new_cell_is_written_as_nbformat_would_and_is_valid(start: list[Any], minor: int) -> None:
    text = written(*start, minor=minor)
    tags = {"tags": ["parameters"]}

    after = changed(text, InsertCell(-1, "code", "n = 1\nm = 2", tags), InsertCell(-1, "markdown", "é"))

    read = nbformat.reads(after, as_version=4)
    nbformat.validate(read)
    assert after == nbformat.writes(read)
    assert [(cell.cell_type, cell.source) for cell in read.cells[:2]] == [("code", "n = 1\nm = 2"), ("markdown", "é")]
    assert read.cells[0].metadata == tags
    assert len(read.cells) == len(start) + 2
    assert ("id" in read.cells[0]) == (minor == 5)


def test_new_ids_differ_and_are_the_same_every_time() -> None:
    changes = [InsertCell(0, "code", "same"), InsertCell(0, "code", "same")]

    first, second = changed(written(A), *changes), changed(written(A), *changes)
    again = changed(first, *changes)

    assert first == second
    ids = [cell.id for cell in parse_notebook(again).cells]
    assert len(set(ids)) == len(ids) == 5


def test_a_cell_that_moves_takes_its_changes_with_it() -> None:
    after = changed(written(A, B, C), SetField(0, "source", "a = 2"), MoveCell(0, 2), SetField(1, "source", "# D"))

    assert [cell.source for cell in parse_notebook(after).cells] == ["# D", "c", "a = 2"]


def test_a_file_in_one_line_stays_one() -> None:
    notebook = read_notebook(HOSTILE / "one_line.ipynb")
    changes: list[Any] = [
        InsertCell(0, "code", "n"),
        SetField(0, "source", "a"),
        SetField(1, "metadata", {"tags": ["x"]}),
    ]

    after = apply_changes(notebook, changes)

    assert "\n" not in after
    assert after == json.dumps(json.loads(after))
    assert [cell.source for cell in parse_notebook(after).cells] == ["a", "n", "# Title"]


def test_line_ends_and_byte_order_mark_stay() -> None:
    def lines(name: str) -> Notebook:
        return read_notebook(HOSTILE / f"{name}.ipynb")

    crlf = apply_changes(lines("crlf"), [InsertCell(0, "code", "n\nm"), SetField(0, "source", "a\nb\nc")])
    bom = apply_changes(lines("bom"), [SetField(0, "source", "a")])

    assert crlf.count("\n") == crlf.count("\r\n")
    assert bom.startswith("\ufeff")
    assert [cell.source for cell in parse_notebook(crlf).cells] == ["a\nb\nc", "n\nm"]


def test_of_several_members_with_one_name_the_last_is_written() -> None:
    notebook = read_notebook(HOSTILE / "duplicate_keys.ipynb")

    after = apply_changes(notebook, [SetField(0, "source", "c"), SetField(None, "nbformat_minor", 5)])

    assert after == notebook.text.replace('"b"', '"c"').replace('minor": 4', 'minor": 5')


def test_members_with_one_name_may_stand_apart() -> None:
    text = '{"metadata": {}, "nbformat": 4, "cells": [], "metadata": {"a": 1}}'

    after = changed(text, SetField(None, "metadata", {"a": 2}), SetField(None, "nbformat", 5))

    assert after == '{"metadata": {}, "nbformat": 5, "cells": [], "metadata": {"a": 2}}'


def test_what_utf8_cannot_write_is_escaped() -> None:
    after = changed(ODD, SetField(0, "source", "'\ud800é'"), SetField(1, "metadata", {"x": ["\udfff"]}))

    assert parse_notebook(after.encode("utf-8")).cells[0].source == "'\ud800é'"


def test_escapes_are_written_where_the_file_escapes() -> None:
    text = json.dumps(json.loads(ODD))

    assert changed(text, SetField(1, "source", "ü")).isascii()


TEXT = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["a\nb", "a\n", "\n\n", "a\r\nb\x0c", "\\n\\"]
)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(TEXT, st.booleans()), min_size=1, max_size=4),
    st.integers(0, 3),
    TEXT,
    st.sampled_from([None, 1, 4]),
    st.booleans(),
)
def test_a_new_source_is_read_back_and_other_cells_keep_their_text(
    sources: list[tuple[str, bool]],
    which: int,
    new: str,
    indent: int | None,
    escape: bool,  # noqa: FBT001
) -> None:
    which %= len(sources)
    cells: list[Any] = [
        {"cell_type": "raw", "metadata": {}, "source": source.splitlines(keepends=True) if split else source}
        for source, split in sources
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    notebook = parse_notebook(json.dumps(document, indent=indent, ensure_ascii=escape))

    after = parse_notebook(apply_changes(notebook, [SetField(which, "source", new)]))

    assert [cell.source for cell in after.cells] == [
        new if number == which else source for number, (source, _) in enumerate(sources)
    ]
    old_places, new_places = notebook.places, after.places
    for number in set(range(len(sources))) - {which}:
        old, place = old_places.cells[number], new_places.cells[number]
        assert after.text[place.start : place.end] == notebook.text[old.start : old.end]
