"""A proof divides the notebook into the steps that the conversion made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nbpipe.api.convert import convert
from nbpipe.errors import ConfigError
from nbpipe.pipeline.project import load_project
from nbpipe.verify.proof import _wanted, prove
from tests.verify.test_proof import document

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook with a cell tagged skip that changes what a step uses, and its pipeline, not proved."""
    folder = tmp_path_factory.mktemp("kept")
    cells = [("step:make", "rows = [1]"), ("skip", "rows.append(2)"), ("step:use", "n = len(rows)")]
    notebook = folder / "rows.ipynb"
    notebook.write_text(json.dumps(document(cells)), encoding="utf-8")
    result = convert(notebook, verify=False)
    (note,) = result.notes
    assert note.startswith("cell 2: is tagged skip, but changes 'rows', which step 'use' or a later one uses; ")
    assert note.endswith("so it is kept, in step 'make'")
    return folder


def test_cells_that_were_kept_belong_to_their_steps(kept: Path) -> None:
    project = load_project(kept / "rows_pipeline")
    assert project.kept_cells == (1,)
    wanted = _wanted(kept / "rows.ipynb", project)
    assert [(step.name, step.cells) for step in wanted.steps] == [("make", (0, 1)), ("use", (2,))]


def test_an_output_to_allow_that_there_is_not_is_an_error(kept: Path) -> None:
    with pytest.raises(ConfigError, match=r"--allow make\.row: .* Did you mean 'make\.rows'"):
        prove(kept / "rows.ipynb", load_project(kept / "rows_pipeline"), allow=["make.row"])
