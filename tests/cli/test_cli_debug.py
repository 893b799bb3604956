"""`nbpipe debug`: a step with its inputs of a past run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest

from nbpipe.api.run_pipeline import run_pipeline
from nbpipe.cli import main
from tests.pipeline.projects import written

if TYPE_CHECKING:
    from pathlib import Path

STEPS = """
    Step("draw", "shop.steps:draw", outputs=("drawn",), parameters=("count",), generators=("random",)),
    Step("pick", "shop.steps:pick", inputs=("drawn",), outputs=("picked",), parameters=("count",)),
    Step("end", "shop.steps:end", inputs=("picked",)),
"""
CODE = """
import random
OFFSET = 1

def draw(*, count: int):
    random.seed(5)
    return [random.random() for _ in range(count)]

def pick(drawn, *, count: int):
    return random.choice(drawn) + OFFSET

def end(picked):
    raise ValueError("the end")
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project whose last step has failed."""
    root = written(tmp_path_factory.mktemp("debug"), STEPS, CODE, "count: 3\n")
    run_pipeline(root, parameters={"count": 20}, tracking=False)
    return root


def debugged(shop: Path, step: str, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbpipe", "debug", str(shop), step, *options]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False, timeout=120)


def test_a_prompt_has_inputs_parameters_the_module_and_the_generators(shop: Path) -> None:
    typed = "print('got', len(drawn), count, OFFSET)\nprint('same', run_step() == run_step())\ncount = 1\n"
    done = debugged(shop, "pick", typed)
    assert done.returncode == 0, done.stderr
    assert "got 20 20 1" in done.stdout
    assert "same False" in done.stdout
    assert "drawn: list, 20 of float" in done.stderr
    record = run_pipeline(shop, parameters={"count": 20}, tracking=False)
    kept = debugged(shop, "pick", "print('value', repr(run_step()))\n", "--run", record.id)
    loaded = debugged(shop, "end", "print('value', repr(picked))\n")
    assert kept.stdout.splitlines()[0].rpartition("value ")[2] == loaded.stdout.splitlines()[0].rpartition("value ")[2]


def test_a_step_that_failed_is_stepped_through(shop: Path) -> None:
    done = debugged(shop, "end", "p picked > 1\nc\np 'after'\nq\n", "--pdb")
    assert "True" in done.stdout
    assert "ValueError: the end" in done.stderr
    assert "'after'" in done.stdout


def test_a_notebook_has_the_steps_code_and_its_inputs(shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "pick.ipynb"
    assert main(["debug", str(shop), "pick", "--notebook", str(target)]) == 0
    notebook = nbformat.read(target, 4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells]
    assert "drawn = nbpipe.load(" in sources[2]
    assert sources[3] == "count = 20"
    assert "def pick(" in sources[4]
    space: dict[str, object] = {}
    for cell in notebook.cells[1:]:
        exec(cell.source, space)
    assert isinstance(space["picked"], float)
    assert main(["debug", str(shop), "pick", "--notebook", str(target)]) == 2


def test_bad_calls_are_one_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (("pikc",), "has no step 'pikc'. Did you mean 'pick'?"),
        (("pick", "--run", "nope"), "no run 'nope'"),
        (("pick", "--python", "/no/python"), "the interpreter /no/python cannot be started"),
    ):
        assert main(["debug", str(shop), *arguments]) == 1
        assert message in capsys.readouterr().err
    broken = shop / "shop" / "steps.py"
    broken.write_text("import nothing_of_that_name\n")
    done = debugged(shop, "pick", "")
    assert done.returncode == 1
    assert "error: step 'pick' cannot be loaded: ModuleNotFoundError" in done.stderr
