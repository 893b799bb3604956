"""The fix of NB108: counts are gone from cells and outputs, everything else stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.config import Settings
from nbpipe.lint.diagnostic import Applicability, FieldEdit
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from nbpipe.notebook.read import parse_notebook
from nbpipe.notebook.write import SetField, apply_changes

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import FileResult


def cell(count: int | None, source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": count, "metadata": {}, "outputs": list(outputs), "source": source}


def result(count: int) -> dict[str, Any]:
    return {"output_type": "execute_result", "execution_count": count, "data": {"text/plain": "1"}, "metadata": {}}


STREAM = {"output_type": "stream", "name": "stdout", "text": "1\n"}
CELLS = [
    cell(2, "a = 1\na", result(2)),
    {"cell_type": "markdown", "metadata": {}, "source": "In [1]"},
    cell(1, "print(1)", STREAM),
    cell(None, "b = 2"),
]


def check(text: str) -> FileResult:
    settings = Settings({"select": ("NB108",)})
    return Linter(settings, Selection(settings)).check_source(text.encode(), "a.ipynb")


def fixed(text: str) -> str:
    notebook = parse_notebook(text.encode(), "a.ipynb")
    (finding,) = check(text).diagnostics
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    edits = [edit for edit in finding.fix.edits if isinstance(edit, FieldEdit)]
    assert len(edits) == len(finding.fix.edits)
    return apply_changes(notebook, [SetField(edit.cell, edit.name, edit.value) for edit in edits])


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_fix_takes_all_counts_out_and_nothing_else(indent: int | None) -> None:
    notebook = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}

    after = json.loads(fixed(json.dumps(notebook, indent=indent)))

    expected = json.loads(json.dumps(notebook))
    expected["cells"][0]["execution_count"] = None
    expected["cells"][0]["outputs"][0]["execution_count"] = None
    expected["cells"][2]["execution_count"] = None
    assert after == expected


def test_once_fixed_it_is_found_no_more() -> None:
    notebook = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}

    assert not check(fixed(json.dumps(notebook, indent=1))).diagnostics


def test_cells_without_counts_are_left_alone() -> None:
    text = json.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)

    (finding,) = check(text).diagnostics

    assert finding.fix is not None
    assert {edit.cell for edit in finding.fix.edits if isinstance(edit, FieldEdit)} == {0, 2}
