"""Old formats become nbformat 4, with the same cells."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nbpipe.errors import MissingExtraError, NotebookError
from nbpipe.notebook import parse_notebook, read_notebook
from nbpipe.notebook.upgrade import upgraded_text

from .reference import nbformat

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile" / "notebooks"


@pytest.mark.parametrize("name", ["version1", "version2", "version3"])
def test_an_old_format_becomes_a_valid_new_one_with_the_same_cells(name: str) -> None:
    old = read_notebook(HOSTILE / f"{name}.ipynb")

    text = upgraded_text(old)

    nbformat.validate(json.loads(text))
    new = parse_notebook(text)
    assert (new.nbformat, text.endswith("}\n")) == (4, True)
    assert [(cell.cell_type, cell.execution_count) for cell in new.cells] == [
        (cell.cell_type, cell.execution_count) for cell in old.cells
    ]
    assert [[dict(output) for output in cell.outputs] for cell in new.cells] == [
        [dict(output) for output in cell.outputs] for cell in old.cells
    ]
    assert len({cell.id for cell in new.cells}) == len(new.cells)
    assert upgraded_text(old) == text


def test_what_nbformat_cannot_convert_is_one_line() -> None:
    broken = parse_notebook('{"worksheets": [{"cells": [{"cell_type": "code", "outputs": 3}]}], "nbformat": 3}')

    with pytest.raises(NotebookError, match="cannot be converted to nbformat 4: ") as caught:
        upgraded_text(broken)

    assert "\n" not in str(caught.value)


def test_without_nbformat_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)

    with pytest.raises(MissingExtraError, match=r"needs the extra 'run'.*nbpipe\[run\]"):
        upgraded_text(parse_notebook('{"worksheets": [], "nbformat": 3}'))
