from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.cli import main

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def run(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> tuple[int, str, str]:
    code = main(["-q", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_convert_writes_a_proved_pipeline_that_verify_proves_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = tmp_path / "words.ipynb"
    shutil.copy(FIXTURES / "pipelines" / "word_counts" / "notebook.ipynb", notebook)
    code, out, _ = run(capsys, ["convert", str(notebook), "--explain"])
    lines = out.splitlines()
    assert code == 0
    assert "count(found, *, minimum) -> entries" in lines
    assert "  found: input: cell 5 reads it; step 'read_words' gives it" in lines
    assert lines[-2] == "5 of 5 step outputs equal"
    assert lines[-1].startswith(f"wrote {tmp_path / 'words_pipeline'} (")

    params = tmp_path / "words_pipeline" / "params.yaml"
    params.write_text(params.read_text(encoding="utf-8").replace("minimum: 2", "minimum: 3"), encoding="utf-8")
    code, out, _ = run(capsys, ["verify", str(notebook), str(tmp_path / "words_pipeline")])
    assert code == 1
    assert "4 different" in out.splitlines()[0]
    assert out.splitlines()[-1] == "first divergence: count.entries"

    report = tmp_path / "proof.json"
    code, out, _ = run(
        capsys, ["verify", str(notebook), str(params.parent), "--output-format", "json", "--json", str(report)]
    )
    assert code == 1
    assert json.loads(out) == json.loads(report.read_text(encoding="utf-8"))
    assert json.loads(out)["first_divergence"] == "count.entries"


def test_a_refusal_is_one_line_that_names_the_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = tmp_path / "n.ipynb"
    shutil.copy(FIXTURES / "hostile" / "eval_in_step.ipynb", notebook)
    code, out, err = run(capsys, ["convert", str(notebook)])
    assert (code, out) == (1, "")
    assert err == f"error: {notebook}: cell 2: 'eval()' may do what cannot be seen: replace it by plain code\n"
    assert list(tmp_path.iterdir()) == [notebook]


def test_a_notebook_without_tags_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = tmp_path / "n.ipynb"
    notebook.write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', encoding="utf-8")
    code, _, err = run(capsys, ["convert", str(notebook)])
    assert code == 1
    assert err.startswith(f"error: {notebook}: no cell is tagged as a step: tag the cells that belong together")


def test_a_missing_notebook_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, ["convert", str(tmp_path / "gone.ipynb")])
    assert code != 0
    assert len(err.splitlines()) == 1
