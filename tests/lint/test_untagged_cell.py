"""The fix of untagged-cell writes down what is so anyway."""

from __future__ import annotations

import json
from typing import Any

from nbpipe.config import Settings
from nbpipe.lint.diagnostic import Applicability, Diagnostic, FieldEdit
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from nbpipe.notebook.read import parse_notebook
from nbpipe.steps import plan_steps

Made = list[tuple[str, dict[str, Any]]]

CELLS: Made = [
    ("rows = [1]", {"tags": ["step:Load it"]}),
    ("rows.append(2)", {"tags": ["hide-input"], "collapsed": True}),
    ("import math", {}),
    ("rows.append(3)", {}),
    ("print(rows)", {"tags": ["step:show"]}),
]


def file(cells: Made) -> bytes:
    made = [{"cell_type": "code", "source": source, "metadata": data, "outputs": []} for source, data in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def found(data: bytes) -> tuple[Diagnostic, ...]:
    settings = Settings({"select": ["NB705"]})
    return Linter(settings, Selection(settings)).check_source(data, "a.ipynb").diagnostics


def test_the_fix_tags_every_cell_of_the_run_and_changes_no_step() -> None:
    (item,) = found(file(CELLS))
    assert item.fix is not None
    assert item.fix.applicability is Applicability.SAFE

    fixed: Made = [(source, dict(metadata)) for source, metadata in CELLS]
    for edit in item.fix.edits:
        assert isinstance(edit, FieldEdit)
        assert edit.name == "metadata"
        assert edit.cell is not None
        fixed[edit.cell] = (fixed[edit.cell][0], edit.value)

    assert fixed[1][1] == {"tags": ["hide-input", "step:Load it"], "collapsed": True}
    assert fixed[3][1] == {"tags": ["step:Load it"]}
    assert not found(file(fixed))
    before, after = (plan_steps(parse_notebook(file(cells), "a.ipynb")) for cells in (CELLS, fixed))
    assert before.steps == after.steps


def test_before_the_first_step_there_is_nothing_to_write() -> None:
    (item,) = found(file([("rows = load()", {}), *CELLS[:1]]))
    assert item.fix is None
