"""A notebook that runs a script and commands, through a kernel: its project, and what it remembers of the script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nbpipe.api.convert import ConversionResult, convert
from nbpipe.api.tag import tag
from nbpipe.convert.currency import currency
from nbpipe.errors import ConversionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TOOL = """\
\"\"\"Scale numbers.\"\"\"
import argparse
import os


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--factor", type=int, default=1)
    return parser.parse_args()


def scaled(value):
    return value * FACTOR


FACTOR = options().factor
if __name__ == "__main__":
    home = os.path.basename(os.path.dirname(__file__))
"""
CELLS = (
    ("step:write", 'path = "rows.txt"\n!printf "a\\nb\\n" > {path}'),
    (
        "step:count",
        "# How many\nlines = !wc -l < {path}\n\n%run tools/scaling.py --factor 2\ntotal = scaled(int(lines[0]))",
    ),
    ("step:use", "result = 1 / (total - FACTOR)\nwhere = home"),
)


def written(folder: Path, cells: Sequence[tuple[str, str]]) -> Path:
    (folder / "tools").mkdir()
    (folder / "tools" / "scaling.py").write_text(TOOL, encoding="utf-8")
    made: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {"tags": [tag] if tag else []},
            "outputs": [],
            "source": text,
        }
        for tag, text in cells
    ]
    path = folder / "report.ipynb"
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> ConversionResult:
    return convert(written(tmp_path_factory.mktemp("scripts"), CELLS))


def test_it_is_proved_with_what_the_script_makes(converted: ConversionResult) -> None:
    assert converted.proof is not None
    assert converted.proof.headline == "7 of 7 step outputs equal"
    assert [step.name for step in converted.steps] == ["write", "count", "use"]
    assert converted.steps[1].after == ("write",)


def test_the_scripts_code_stands_in_the_project(converted: ConversionResult) -> None:
    step = (converted.folder / "report_pipeline" / "steps" / "count.py").read_text(encoding="utf-8")
    assert '    # From tools/scaling.py\n    sys.argv[:] = ["tools/scaling.py", "--factor", "2"]\n' in step
    assert "    # How many\n    lines = subprocess.run(\n" in step
    assert "__main__" not in step
    definitions = (converted.folder / "report_pipeline" / "definitions.py").read_text(encoding="utf-8")
    assert "def options():" in definitions


def test_lines_of_the_script_are_told_as_that_of_the_magic(converted: ConversionResult) -> None:
    file = converted.folder / "report_pipeline" / "steps" / "count.py"
    lines = file.read_text(encoding="utf-8").split("\n")
    description = json.loads((converted.folder / ".nbpipe" / "project.json").read_text(encoding="utf-8"))
    told = {tuple(span[2:]): lines[span[0] - 1].strip() for span in description["source_map"]["steps/count.py"]}
    assert {place: told[place] for place in ((1, 2), (1, 5))} == {
        (1, 2): "lines = subprocess.run(",
        (1, 5): "total = scaled(int(lines[0]))",
    }
    assert {line for _, line in told} == {2, 4, 5}


def test_a_script_that_changes_puts_the_pipeline_out_of_step(converted: ConversionResult) -> None:
    assert currency(converted.folder).problem == ""
    script = converted.folder.parent / "tools" / "scaling.py"
    try:
        script.write_text(TOOL + "\n# changed\n", encoding="utf-8")
        problem = currency(converted.folder).problem
    finally:
        script.write_text(TOOL, encoding="utf-8")
    assert problem.startswith("has a copy of ")
    assert "/tools/scaling.py, which changed since: nbpipe convert " in problem


def test_a_cell_that_runs_a_script_is_suggested_by_what_the_script_does(tmp_path: Path) -> None:
    cells = [("", text) for _, text in CELLS]
    cells[1:1] = [("", "%run tools/scaling.py")]
    found = tag(written(tmp_path, cells))
    assert found.cells[1].after != ("imports",)


def test_the_error_of_a_script_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, [("step:a", "x = 1"), ("step:b", "%run tools/failing.py")])
    (tmp_path / "tools" / "failing.py").write_text("y = 1 / 0\n", encoding="utf-8")
    with pytest.raises(
        ConversionError, match=r"cell 2: the script that it runs fails: ZeroDivisionError: division by zero$"
    ):
        convert(path)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["report.ipynb", "tools"]
