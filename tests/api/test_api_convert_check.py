"""Pipelines and their notebooks, in step or not; projects of other steps' tests are stood in for by their records."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from nbpipe.api.convert_check import convert_check
from nbpipe.cli import main
from nbpipe.convert.currency import cells_sha256
from nbpipe.notebook import read_notebook

CELLS: list[dict[str, object]] = [
    {"cell_type": "markdown", "metadata": {}, "source": "# Words"},
    {"cell_type": "code", "metadata": {"tags": ["step:read"]}, "source": "a = 1", "outputs": [], "execution_count": 1},
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, cells: list[dict[str, object]]) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    return path


def project(name: str, notebook: Path, **changes: object) -> Path:
    folder = Path(name)
    (folder / ".nbpipe").mkdir(parents=True)
    description = {
        "version": 1,
        "package": folder.name,
        "notebook": os.path.relpath(notebook, folder),
        "notebook_sha256": hashlib.sha256(notebook.read_bytes()).hexdigest(),
        "cells_sha256": cells_sha256(read_notebook(notebook)),
        "base": os.path.relpath(notebook.parent, folder),
        **changes,
    }
    (folder / ".nbpipe" / "project.json").write_text(json.dumps(description))
    return folder


def problems(*paths: str) -> dict[str, str]:
    return {each.folder.as_posix(): each.problem for each in convert_check(paths)}


def test_in_step_whatever_the_outputs() -> None:
    notebook = write("words.ipynb", CELLS)
    project("words_pipeline", notebook)
    assert problems("words.ipynb") == {"words_pipeline": ""}

    write("words.ipynb", [CELLS[0], {**CELLS[1], "execution_count": 9, "outputs": [{"output_type": "stream"}]}])
    assert problems("words.ipynb") == {"words_pipeline": ""}


@pytest.mark.parametrize(
    "change", [{"source": "a = 2"}, {"metadata": {"tags": ["step:write"]}}, {"cell_type": "markdown"}]
)
def test_a_changed_cell_is_told_with_the_command_that_mends_it(change: dict[str, object]) -> None:
    notebook = write("a b/words.ipynb", CELLS)
    project("a b/words_pipeline", notebook)
    write("a b/words.ipynb", [CELLS[0], {**CELLS[1], **change}])

    assert problems("a b/words.ipynb") == {
        "a b/words_pipeline": "was made from a b/words.ipynb before its cells changed: "
        "nbpipe convert 'a b/words.ipynb' -o 'a b/words_pipeline'"
    }


def test_the_pipeline_of_an_older_version_is_judged_by_the_file() -> None:
    notebook = write("words.ipynb", CELLS)
    project("words_pipeline", notebook, cells_sha256=None)
    assert problems("words.ipynb") == {"words_pipeline": ""}

    write("words.ipynb", [CELLS[0], {**CELLS[1], "execution_count": 9}])
    assert problems("words.ipynb")["words_pipeline"]


def test_a_notebook_that_moved_or_cannot_be_read(folder: Path) -> None:
    notebook = write("words.ipynb", CELLS)
    project("words_pipeline", notebook, base="../elsewhere")
    assert problems("words.ipynb")["words_pipeline"].startswith(
        "resolves paths from elsewhere, but its notebook lies in .: nbpipe convert"
    )
    notebook.write_text("{")
    assert "was made from words.ipynb, which is cut off" in problems("words_pipeline")["words_pipeline"]
    notebook.unlink()
    assert problems(".") == {"words_pipeline": "was made from words.ipynb, which does not exist"}
    (folder / "words_pipeline" / ".nbpipe" / "project.json").write_text("[]")
    assert "cannot be read" in problems("words_pipeline")["words_pipeline"]


def test_all_pipelines_of_a_notebook_and_no_others() -> None:
    words, other = write("nb/words.ipynb", CELLS), write("nb/other.ipynb", CELLS)
    project("nb/words_pipeline", words)
    project("nb/deep/again", words)
    project("nb/other_pipeline", other)
    project("nb/node_modules/left_out", words)

    assert set(problems("nb/words.ipynb")) == {"nb/words_pipeline", "nb/deep/again"}
    assert set(problems("nb")) == {"nb/words_pipeline", "nb/deep/again", "nb/other_pipeline"}
    assert problems("nb/words.ipynb", "nb/words_pipeline", "nb/words.ipynb").keys() == problems("nb/words.ipynb").keys()


def test_in_a_repository_only_what_git_tracks_wherever_it_lies() -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    words = write("notebooks/words.ipynb", CELLS)
    project("pipelines/wörds of one", words)
    project("pipelines/private", words)
    subprocess.run(["git", "add", "notebooks", "pipelines/wörds of one"], check=True)

    assert set(problems("notebooks/words.ipynb")) == {"pipelines/wörds of one"}
    assert set(problems("pipelines/private")) == {"pipelines/private"}  # asked for by name

    project("pipelines/new", words)
    Path(".gitignore").write_text("private\n")
    known = convert_check(["notebooks/words.ipynb"], untracked=True)
    assert {each.folder.as_posix() for each in known} == {"pipelines/wörds of one", "pipelines/new"}


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    notebook = write("words.ipynb", CELLS)
    assert main(["convert", "--check", "words.ipynb"]) == 0
    assert capsys.readouterr().err == "0 pipelines in step with their notebook\n"
    project("words_pipeline", notebook)
    assert main(["convert", "--check", "words.ipynb", "."]) == 0
    assert capsys.readouterr().err == "1 pipeline in step with its notebook\n"

    write("words.ipynb", CELLS[1:])
    assert main(["convert", "--check", "words.ipynb"]) == 1
    written = capsys.readouterr()
    assert written.out.startswith("words_pipeline: was made from words.ipynb before its cells changed: ")
    assert written.err == "1 of 1 pipeline not in step with its notebook\n"

    assert main(["convert", "--check", "gone.ipynb"]) == 2
    assert capsys.readouterr().err == "error: gone.ipynb: does not exist: check the path\n"
    assert main(["convert", "words.ipynb", "other.ipynb"]) == 2
    assert "other.ipynb is one too many" in capsys.readouterr().err
