"""Settings in the code become parameters of the pipeline, which computes the same; the notebook stays as it is."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.conversion import Conversion, _refusal, convert_divided
from nbpipe.convert.currency import cells_sha256, currency
from nbpipe.convert.division import Division
from nbpipe.convert.extraction import Extracted, extract
from nbpipe.convert.generation import package_files
from nbpipe.convert.reading import read_analysis
from nbpipe.convert.recorded import Recording, Wanted
from nbpipe.notebook.read import parse_notebook
from nbpipe.steps import Role, plan_steps
from tests.convert import in_process

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.notebook import Notebook

FOREST = "RandomForestClassifier(n_estimators={}, max_depth=3, min_samples_leaf=2, random_state=0)"
IMPORTS = ("imports", "from sklearn.ensemble import RandomForestClassifier\nimport numpy as np")
DATA = ("step:load", "X = np.arange(40.0).reshape(20, 2)\ny = np.arange(20) % 3")


def notebook_of(*cells: tuple[str, str]) -> Notebook:
    made: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": str(index),
            "metadata": {"tags": tags.split()},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for index, (tags, text) in enumerate(cells)
    ]
    return parse_notebook(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode())


def extracted(*cells: tuple[str, str]) -> Extracted:
    notebook = notebook_of(*cells)
    plan = plan_steps(notebook)
    return extract(analyze(notebook), plan, partial(_refusal, division=Division(plan), any_order=False))


def sources(found: Extracted) -> list[str]:
    return [cell.source for cell in found.analysis.notebook.cells]


def test_literals_and_assignments_become_parameters_and_lines_keep_their_numbers() -> None:
    found = extracted(
        IMPORTS,
        ("step:load", "# How many\n# rows.\nROWS = 20\nX = np.arange(40.0).reshape(20, 2)"),
        ("step:train", f"y = np.arange(ROWS)\nmodel = {FOREST.format(50)}"),
    )
    assert [str(each) for each in found.parameters] == [
        "ROWS: int = 20",
        "n_estimators: int = 50",
        "max_depth: int = 3",
        "min_samples_leaf: int = 2",
    ]
    assert [each.help for each in found.parameters][:2] == ["How many rows.", "RandomForestClassifier in cell 3"]
    assert sources(found)[1] == "\n\n\nX = np.arange(40.0).reshape(20, 2)"
    assert sources(found)[2].endswith("max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=0)")
    assert not found.notes


def test_what_stays_in_the_code_is_told_and_takes_no_name_away() -> None:
    found = extracted(
        IMPORTS,
        ("definitions", f"def fit(X, y):\n    return {FOREST.format(33)}.fit(X, y)"),
        DATA,
        ("step:train", f"layers = [3, 4]\nmodel = {FOREST.format(50)}.fit(X, y)\nother = fit(X, y)"),
    )
    assert "n_estimators: int = 50" in map(str, found.parameters)
    assert [(note.cell, note.message) for note in found.notes] == [
        (1, "n_estimators = 33, max_depth = 3, min_samples_leaf = 2 stay in the code: make it an argument of fit first")
    ]


def test_a_parameter_that_a_class_would_need_stays_a_constant() -> None:
    found = extracted(
        ("imports", "import math"),
        ("definitions", "LIMIT = 3\nSIZE = 4\n\ndef root(x):\n    return math.sqrt(x)"),
        ("definitions", "class Box:\n    limit = LIMIT"),
        ("step:load", "data = [1, 2, 3, 4, 5]\nbox = Box()"),
        ("step:cut", "cut = data[:SIZE]"),
    )
    assert [each.name for each in found.parameters] == ["SIZE"]
    (note,) = found.notes
    assert note.message.startswith("LIMIT = 3 stays in the code: as a parameter, cell 3: class Box reads 'LIMIT'")


def test_a_step_of_nothing_but_settings_is_gone() -> None:
    found = extracted(
        ("step:settings", "SIZE = 4\nLIMIT = 2"),
        ("step:load after:settings", "data = list(range(SIZE))"),
        ("step:cut", "cut = data[:LIMIT]"),
    )
    assert [(step.name, step.after) for step in found.plan.steps] == [("load", ()), ("cut", ())]
    assert found.plan.cells_of(Role.PARAMETERS) == (0,)


def test_settings_in_the_middle_leave_no_empty_step() -> None:
    found = extracted(
        ("step:load", "data = list(range(20))"),
        ("step:settings", "SIZE = 4\nLIMIT = 2"),
        ("step:cut after:settings", "cut = data[:LIMIT]"),
        ("step:cut", "more = data[:SIZE]"),
    )
    assert [(step.name, step.after) for step in found.plan.steps] == [("load", ()), ("cut", ())]
    assert [each.name for each in found.parameters] == ["SIZE", "LIMIT"]


def test_a_value_that_is_a_parameter_already_is_used() -> None:
    found = extracted(
        ("parameters", "n_estimators = 50"),
        IMPORTS,
        DATA,
        ("step:train", f"model = {FOREST.format(n)}.fit(X, y)" if (n := 51) else ""),
    )
    assert [str(each) for each in found.parameters] == [
        "random_forest_classifier_n_estimators: int = 51",
        "max_depth: int = 3",
        "min_samples_leaf: int = 2",
    ]


NOTEBOOK = (
    IMPORTS,
    ("definitions", "SEED = 5"),
    ("definitions", "np.random.seed(SEED)"),
    ("step:load", "ROWS = 20\nX = np.random.normal(size=(ROWS, 2))\ny = np.arange(ROWS) % 3"),
    ("step:train", f"model = {FOREST.format(7)}\nmodel.fit(X, y)"),
    ("step:score metrics", "DIGITS = 3\nhits = (model.predict(X) == y)"),
    ("step:report", "score = round(float(hits.mean()), DIGITS)\nlines = [f'{score} of {ROWS}']"),
)


@pytest.fixture(scope="module")
def conversion(tmp_path_factory: pytest.TempPathFactory) -> tuple[Conversion, in_process.Plain, Path]:
    """A notebook whose settings were extracted, recorded as it is in its file."""
    folder = tmp_path_factory.mktemp("extraction")
    path = folder / "n.ipynb"
    path.write_text("{}", encoding="utf-8")
    notebook = notebook_of(*NOTEBOOK)
    found = extracted(*NOTEBOOK)
    cells = {index: code.code.text for index, code in analyze(notebook).codes.items()}

    def run(wanted: Wanted) -> Recording:
        recording = in_process.execute(cells, wanted, folder / "recorded", observed=True).recording
        assert recording is not None
        return recording

    division = Division(found.plan, declared=found.parameters, original=notebook)
    made = convert_divided(path, found.analysis, division, run)
    wanted = Wanted(made.source.steps, made.wanted.names, ())
    return made, in_process.execute(cells, wanted, folder / "plain", observed=False), folder


def test_the_pipeline_computes_what_the_notebook_computes(
    conversion: tuple[Conversion, in_process.Plain, Path],
) -> None:
    made, plain, folder = conversion
    parameters = {name: each.default for name, each in made.layout.parameters.items()}
    assert parameters.keys() == {
        "SEED", "ROWS", "DIGITS", "n_estimators", "max_depth", "min_samples_leaf"
    }  # fmt: skip
    in_process.write(made, folder / "project")
    outcome = in_process.run(made, folder / "project", folder / "run", parameters, made.recording)
    assert not outcome.error
    given = {(step, name): digest for step, found in outcome.after.items() for name, digest in found.items()}
    assert given
    assert given == {(step, name): plain.after[step][name] for step, name in given}
    changed = in_process.run(
        made, folder / "project", folder / "again", {**parameters, "n_estimators": 1}, made.recording
    )
    assert changed.after["load"] == outcome.after["load"]
    assert changed.after["train"] != outcome.after["train"]


def test_steps_take_the_parameters_that_they_use(conversion: tuple[Conversion, in_process.Plain, Path]) -> None:
    made, _, _ = conversion
    assert {step.name: step.parameters for step in made.pipeline.steps} == {
        "load": ("SEED", "ROWS"),
        "train": ("n_estimators", "max_depth", "min_samples_leaf"),
        "score": (),
        "report": ("DIGITS", "ROWS"),
    }
    assert "    ROWS: int = 20  # set in cell 4\n" in package_files(made)["n_pipeline/params.py"]


def test_the_project_is_in_step_with_the_notebook_as_it_is(
    conversion: tuple[Conversion, in_process.Plain, Path],
) -> None:
    made, _, _ = conversion
    assert cells_sha256(made.notebook) == cells_sha256(notebook_of(*NOTEBOOK))


def test_the_command_that_makes_it_again_has_its_options(tmp_path: Path) -> None:
    project = tmp_path / "p"
    (project / ".nbpipe").mkdir(parents=True)
    (tmp_path / "n.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', encoding="utf-8"
    )
    (project / ".nbpipe" / "project.json").write_text(
        '{"notebook": "../n.ipynb", "split": "headings", "extract_settings": true}', encoding="utf-8"
    )
    assert currency(project).problem.endswith("p --split headings --extract-settings")


def test_settings_are_found_beside_star_imports_and_commands(tmp_path: Path) -> None:
    cells = (
        ("imports", "from math import *\nfrom sklearn.ensemble import RandomForestClassifier\nimport numpy as np"),
        DATA,
        ("step:train", f"model = {FOREST.format(50)}.fit(X, y)\nlines = !echo a\nx = floor(pi)"),
    )
    path = tmp_path / "notebook.ipynb"
    path.write_text(notebook_of(*cells).text, encoding="utf-8")
    analysis = read_analysis(path)
    assert "from math import floor, pi" in analysis.notebook.cells[0].source
    plan = plan_steps(analysis.notebook)
    found = extract(analysis, plan, partial(_refusal, division=Division(plan), any_order=False))
    assert "n_estimators: int = 50" in map(str, found.parameters)
    assert "floor(pi)" in sources(found)[2]
    assert "subprocess.run('echo a'" in sources(found)[2]
