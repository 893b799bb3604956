"""Writing fresh outputs into the file, by runs made by hand."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.notebook import read_notebook
from nbpipe.verify.comparing import compare_notebooks, context_of
from nbpipe.verify.context import Tolerance
from nbpipe.verify.notebook import Verified
from nbpipe.verify.updating import update
from nbpipe.verify.verdict import NotebookVerdict, Verdict
from tests.verify.making import document, printing, run

if TYPE_CHECKING:
    from pathlib import Path

KERNEL = {"python": "3.12.1", "packages": {"numpy": "2.1.0", "pip": "24"}, "missing": []}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    cells = (printing("object()", "<A at 0x7f3a87667ad0>", 7), printing("print(x)", "old", 9))
    path.write_bytes(document(*cells, authors=[{"name": "Ada"}]))
    return path


def verified(path: Path, text: str = "new", kind: Verdict = Verdict.NOT_REPRODUCIBLE) -> Verified:
    stored = read_notebook(path)
    cells = (printing("object()", "<A at 0x7f00000000ad>", 1), printing("print(x)", text, 2))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    fresh = run(*cells, path=path, sha256=digest, kernel=KERNEL)
    compared = compare_notebooks(stored, fresh, context_of(fresh, Tolerance()), {})
    return Verified(NotebookVerdict(str(path), kind, "", compared), stored, fresh, ("numpy",))


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_what_differs_is_written_and_what_is_equivalent_stays(path: Path) -> None:
    assert update(verified(path)) == ""
    first, second = content(path)["cells"]
    assert "".join(first["outputs"][0]["text"]) == "<A at 0x7f3a87667ad0>"
    assert "".join(second["outputs"][0]["text"]) == "new"
    assert (first["execution_count"], second["execution_count"]) == (1, 2)
    assert content(path)["metadata"]["authors"] == [{"name": "Ada"}]
    assert content(path)["metadata"]["nbpipe"] == {"environment": {"packages": {"numpy": "2.1.0"}}}
    assert [item.name for item in path.parent.iterdir()] == ["a.ipynb"]


def test_an_edit_made_meanwhile_is_kept(path: Path) -> None:
    done = verified(path)
    path.write_bytes(path.read_bytes() + b"\n")
    before = path.read_bytes()
    assert update(done) == "it was edited while it ran: verify it again"
    assert path.read_bytes() == before


def test_a_notebook_that_failed_or_is_in_an_old_format_is_left_alone(path: Path) -> None:
    before = path.read_bytes()
    assert update(verified(path, kind=Verdict.FAILED)) == "it did not run to the end"
    assert path.read_bytes() == before
    cell = {"cell_type": "code", "input": "x", "language": "python", "outputs": [], "metadata": {}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    path.write_text(json.dumps(old))
    done = Verified(NotebookVerdict(str(path), Verdict.NOTHING), read_notebook(path), run("x"))
    assert update(done).startswith("it is in nbformat 3; ")


def test_a_file_that_cannot_be_written_says_so(path: Path) -> None:
    done = verified(path)
    path.unlink()
    assert "no such file" in update(done)
