"""Fixes are combined, made pass by pass, come to an end, and change nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbpipe.lint.diagnostic import Applicability, CellEdit, Diagnostic, Edit, FieldEdit, Fix, Severity
from nbpipe.lint.fixing import Fixed, apply_fixes, fix_notebook
from nbpipe.notebook import parse_notebook
from nbpipe.notebook.model import Range
from tests.lint import fix_rules
from tests.notebook.reference import nbformat

if TYPE_CHECKING:
    from nbpipe.notebook import Notebook

Edits = Edit | CellEdit | FieldEdit


def notebook(*sources: str, minor: int = 5) -> Notebook:
    cells = [nbformat.v4.new_code_cell(source, id=f"c{number}") for number, source in enumerate(sources)]
    document = nbformat.v4.new_notebook(cells=cells, nbformat_minor=minor)
    return parse_notebook(json.dumps(document, indent=1) + "\n", "a.ipynb")


def finding(*edits: Edits, applicability: Applicability = Applicability.SAFE) -> Diagnostic:
    fix = Fix("Mend", edits, applicability)
    return Diagnostic("NB999", "mend", "broken", Severity.WARNING, path="a.ipynb", range=None, fix=fix)


def text(cell: int, start: int, end: int, content: str, line: int = 0) -> Edit:
    return Edit(Range(cell, line, start, line, end), content)


def insert(after: int, content: str, *, tags: tuple[str, ...] = (), cell_type: str = "code") -> CellEdit:
    return CellEdit("insert-cell", after=after, cell_type=cell_type, tags=tags, content=content)


def move(cell: int, after: int) -> CellEdit:
    return CellEdit("move-cell", cell=cell, after=after)


def delete(cell: int) -> CellEdit:
    return CellEdit("delete-cell", cell=cell)


def sources(before: Notebook, *findings: Diagnostic, applied: int | None = None) -> list[str]:
    done = apply_fixes(before, findings, unsafe=False)
    assert not done.failures
    assert len(done.applied) == (len(findings) if applied is None else applied)
    return [cell.source for cell in done.notebook.cells]


def test_edits_of_several_fixes_are_made_at_once() -> None:
    before = notebook("a = 1\nb = 2", "c")

    assert sources(
        before, finding(text(0, 4, 5, "10")), finding(text(0, 4, 5, "20", 1)), finding(text(1, 0, 1, ""))
    ) == [
        "a = 10\nb = 20",
        "",
    ]


def test_an_edit_that_two_fixes_share_is_made_once() -> None:
    before = notebook("f(1, 2)")
    shared = text(0, 0, 0, "import x\n")

    assert sources(before, finding(text(0, 2, 3, "A"), shared), finding(text(0, 5, 6, "B"), shared)) == [
        "import x\nf(A, B)"
    ]


def test_new_cells_for_one_place_become_one() -> None:
    before = notebook("f(1, 2, 1)")
    one = finding(text(0, 2, 3, "A"), insert(-1, "A = 1\nC = 3", tags=("parameters",)))
    two = finding(text(0, 5, 6, "B"), insert(-1, "# why\nB = 2\nC = 3\n", tags=("parameters",)))
    three = finding(text(0, 8, 9, "A"), insert(-1, "A = 1", tags=("parameters",)))
    other = finding(insert(-1, "# a title", cell_type="markdown"))

    done = apply_fixes(before, [one, two, three, other], unsafe=False)

    assert [(cell.source, cell.tags) for cell in done.notebook.cells] == [
        ("A = 1\nC = 3\n# why\nB = 2", ("parameters",)),
        ("# a title", ()),
        ("f(A, B, A)", ()),
    ]
    assert done.origins == (None, None, 0)


def test_statements_of_several_lines_stay_whole() -> None:
    one, two = "A = {\n    'x': 1,\n}", "B = {\n    'x': 1,\n}"

    assert sources(notebook("0"), finding(insert(0, one)), finding(insert(0, two))) == ["0", f"{one}\n{two}"]


def test_what_is_inserted_at_one_place_is_joined_in_order() -> None:
    before = notebook("f(a)")

    assert sources(before, finding(text(0, 3, 3, ", b=1")), finding(text(0, 3, 3, ", c=2"))) == ["f(a, b=1, c=2)"]
    assert sources(before, finding(text(0, 2, 3, "x")), finding(text(0, 3, 3, ", c=2"))) == ["f(x, c=2)"]
    assert sources(before, finding(text(0, 2, 3, "x")), finding(text(0, 2, 2, "c, "))) == ["f(c, x)"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([text(0, 0, 3, "x")], [text(0, 2, 4, "y")]),
        ([text(0, 0, 3, "x")], [text(0, 1, 1, "y")]),
        ([text(0, 1, 1, "y")], [text(0, 0, 3, "x")]),
        ([text(0, 0, 3, "x")], [text(0, 0, 3, "y")]),
        ([delete(0)], [text(0, 0, 1, "x")]),
        ([text(0, 0, 1, "x")], [delete(0)]),
        ([move(0, 1)], [text(0, 0, 1, "x")]),
        ([text(0, 0, 1, "x")], [move(0, 1)]),
        ([move(0, 1)], [move(1, -1)]),
        ([move(0, 1)], [delete(0)]),
        ([move(0, 1)], [delete(1)]),
        ([move(0, 1)], [insert(0, "x")]),
        ([move(0, 1)], [insert(1, "x")]),
        ([insert(1, "x")], [delete(1)]),
        ([delete(1)], [insert(1, "x")]),
        ([FieldEdit(0, "metadata", {"a": 1})], [FieldEdit(0, "metadata", {"b": 1})]),
        ([FieldEdit(0, "outputs", [])], [delete(0)]),
        ([FieldEdit(0, "source", "x")], [text(0, 0, 1, "y")]),
        ([text(0, 0, 1, "y")], [FieldEdit(0, "source", "x")]),
        # Both cells become one, in which a name would be bound twice.
        ([insert(0, "A = 1")], [insert(0, "A = 2")]),
        ([insert(0, "import a")], [insert(0, "import b as a")]),
        ([text(0, 0, 0, "A = 1\n")], [text(0, 0, 0, "A = 2\n")]),
    ],
)  # fmt: skip
def test_of_fixes_that_do_not_go_together_the_first_is_made(one: list[Edits], two: list[Edits]) -> None:
    before = notebook("abcdef", "ghi")

    done = apply_fixes(before, [finding(*one), finding(*two)], unsafe=False)

    assert [list(item.fix.edits) for item in done.applied if item.fix is not None] == [one]


def test_the_same_moves_of_two_findings_are_made_once() -> None:
    before = notebook("a", "b", "c")

    assert sources(before, finding(move(2, -1)), finding(move(2, -1))) == ["c", "a", "b"]


def test_a_fix_is_made_whole_or_not_at_all() -> None:
    before = notebook("abc", "def")
    one, two = finding(text(0, 0, 3, "x")), finding(text(1, 0, 3, "y"), text(0, 1, 2, "z"))

    assert sources(before, one, two, applied=1) == ["x", "def"]


@pytest.mark.parametrize(
    "edits",
    [
        [text(0, 0, 2, "x"), text(0, 1, 3, "y")],
        [text(0, 0, 9, "x")],
        [text(0, 2, 1, "x")],
        [text(0, 0, 0, "x", line=1)],
        [text(7, 0, 0, "x")],
        [CellEdit("move-cell", cell=0)],
    ],
)
def test_a_fix_that_is_wrong_in_itself_is_an_error_of_its_rule(edits: list[Edits]) -> None:
    done = apply_fixes(notebook("abc"), [finding(*edits), finding(text(0, 0, 1, "y"))], unsafe=False)

    assert [str(failure)[:40] for failure in done.failures] == ["internal error: rule NB999 (mend) failed"]
    assert [cell.source for cell in done.notebook.cells] == ["ybc"]


def test_unsafe_fixes_only_when_asked_for_and_suggestions_never() -> None:
    unsafe = finding(text(0, 0, 1, "u"), applicability=Applicability.UNSAFE)
    shown = finding(text(0, 1, 2, "d"), applicability=Applicability.DISPLAY_ONLY)

    assert not apply_fixes(notebook("abc"), [unsafe, shown], unsafe=False).applied
    assert apply_fixes(notebook("abc"), [unsafe, shown], unsafe=True).applied == (unsafe,)


def test_what_nbformat_3_cannot_hold_is_left_and_the_rest_is_fixed() -> None:
    document = {
        "metadata": {},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": [{"cell_type": "code", "input": "a", "outputs": [], "language": "python"}]}],
    }
    before = parse_notebook(json.dumps(document))

    done = apply_fixes(before, [finding(insert(0, "x")), finding(text(0, 0, 1, "b"))], unsafe=False)

    assert [cell.source for cell in done.notebook.cells] == ["b"]


def test_a_result_that_is_not_what_it_should_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    before = notebook("old", "b")
    monkeypatch.setattr(
        "nbpipe.lint.fixing.apply_changes", lambda notebook, changes: notebook.text.replace("old", "no")
    )
    fix_rules.install(monkeypatch, fix_rules.OldName)

    done = fix_notebook(fix_rules.linter(), before, "a.ipynb", unsafe=False)

    assert done.after is before
    (failure,) = done.result.failures
    assert str(failure).startswith(
        "internal error: rule fixes of NB801 failed on a.ipynb: ValueError: the fixed notebook"
    )
    assert "would have another source in cell 1 (" in str(failure)


def test_fixes_that_never_end_leave_the_notebook_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fix_rules.install(monkeypatch, fix_rules.OldName, fix_rules.Endless)
    before = notebook("endless", "old")

    done = fix_notebook(fix_rules.linter(), before, "a.ipynb", unsafe=False)

    assert done.endless == ("NB807",)
    assert done.after is before
    assert not done.applied
    assert len(done.result.diagnostics) == 2


def test_a_long_row_of_fixes_that_wait_for_each_other_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    fix_rules.install(monkeypatch, *fix_rules.RULES)
    late = [f"import m{number}" for number in range(25)]

    done = fix_notebook(fix_rules.linter(), notebook("x", *late), "a.ipynb", unsafe=True)

    assert [cell.source for cell in done.after.cells] == [*late, "x"]
    assert done.origins == (*range(1, 26), 0)
    assert len(done.applied) == 25


def test_what_is_suppressed_is_not_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    fix_rules.install(monkeypatch, fix_rules.OldName)
    before = notebook("old = 1  # nbpipe: ignore", "old")

    done = fix_notebook(fix_rules.linter(), before, "a.ipynb", unsafe=False)

    assert [cell.source for cell in done.after.cells] == ["old = 1  # nbpipe: ignore", "new"]


SOURCES = st.lists(
    st.sampled_from(
        ["old = 12", "x = 34", "old", "", " ", "import old", "import y", "old = f(old, 12, 56)", "é = 'ü'"]
    ),
    max_size=4,
).map("\n".join)
CELL = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "code", "markdown"]),
        "source": SOURCES,
        "metadata": st.dictionaries(st.sampled_from(["collapsed", "scrolled", "kept"]), st.booleans()),
        "execution_count": st.none() | st.integers(1, 20),
        "outputs": st.lists(st.just({"output_type": "stream", "name": "stdout", "text": "old\n"}), max_size=1),
        "as_list": st.booleans(),
    }
)


@st.composite
def notebook_texts(draw: st.DrawFn) -> str:
    """Give notebook files in many styles of JSON."""
    entries = []
    for number, made in enumerate(draw(st.lists(CELL, max_size=6))):
        cell: dict[str, Any] = dict(made)
        if cell.pop("as_list"):
            cell["source"] = cell["source"].splitlines(keepends=True)
        if cell["cell_type"] != "code":
            del cell["outputs"], cell["execution_count"]
        entries.append({"id": f"c{number}", **cell})
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": entries}
    text = json.dumps(document, indent=draw(st.sampled_from([None, 1, 4])), ensure_ascii=draw(st.booleans())) + "\n"
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def untouched(done: Fixed) -> list[tuple[str, str]]:
    """Give the JSON text, before and after, of each cell in which nothing was changed."""
    found = []
    for cell, origin in zip(done.after.cells, done.origins, strict=True):
        if origin is not None:
            old = done.before.cells[origin]
            names = ("cell_type", "id", "source", "metadata", "execution_count", "raw_outputs")
            if all(getattr(old, name) == getattr(cell, name) for name in names):
                found.append((json_of(done.before, origin), json_of(done.after, cell.index)))
    return found


def json_of(notebook: Notebook, cell: int) -> str:
    place = notebook.places.cells[cell]
    return notebook.text[place.start : place.end]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(notebook_texts(), st.booleans())
def test_fixing_any_notebook_twice_is_fixing_it_once(
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    unsafe: bool,  # noqa: FBT001 - drawn
) -> None:
    fix_rules.install(monkeypatch, *fix_rules.RULES)
    before = parse_notebook(text, "a.ipynb")

    done = fix_notebook(fix_rules.linter(), before, "a.ipynb", unsafe=unsafe)

    assert not done.endless
    assert not done.result.failures
    left = [item.fix.applicability for item in done.result.diagnostics if item.fix is not None]
    assert all(value is Applicability.UNSAFE for value in left) if not unsafe else not left
    nbformat.validate(json.loads(done.after.text))
    assert all(old == new for old, new in untouched(done))
    assert done.after.text.endswith(text[-2:])
    again = fix_notebook(fix_rules.linter(), parse_notebook(done.after.text, "a.ipynb"), "a.ipynb", unsafe=unsafe)
    assert again.after.text == done.after.text
    assert not again.applied
