from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import ConfigError, NbpipeError, PipelineError
from nbpipe.pipeline.project import load_project
from tests.pipeline.projects import copied, written

if TYPE_CHECKING:
    from pathlib import Path

STEP = "Step('load', 'shop.steps:load', outputs=('rows',), parameters=('limit',)),"


def test_a_project_is_read_without_importing_its_steps(tmp_path: Path) -> None:
    modules, path = set(sys.modules), list(sys.path)
    project = load_project(copied("frames", tmp_path))
    assert [step.name for step in project.pipeline.steps] == ["make", "noise", "fit"]
    assert {name for name in set(sys.modules) - modules if name.startswith("frames")} == set()
    assert sys.path == path
    assert not list(tmp_path.rglob("__pycache__"))


def test_two_projects_with_one_package_name_do_not_mix(tmp_path: Path) -> None:
    first = written(tmp_path / "a", STEP, "")
    second = written(tmp_path / "b", STEP.replace("load", "fetch"), "")
    assert [load_project(root).pipeline.steps[0].name for root in (first, second, first)] == ["load", "fetch", "load"]


def test_a_package_that_this_process_has_already_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = types.ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", other)
    assert load_project(written(tmp_path, STEP, "")).pipeline.name == "shop"
    assert sys.modules["shop"] is other


def test_paths_start_from_the_declared_folder(tmp_path: Path) -> None:
    assert load_project(written(tmp_path, STEP, "", base="..")).base == tmp_path
    assert load_project(copied("plain", tmp_path)).base == tmp_path / "plain"


def test_parameters_come_from_the_class_the_file_and_the_caller(tmp_path: Path) -> None:
    project = load_project(copied("plain", tmp_path))
    assert project.settle({}) == {"rows_path": "rows.csv", "seed": 7, "scale": 2.0, "size": 3}
    assert project.settle({"scale": "1", "seed": "9"})["scale"] == 1.0
    assert [str(parameter) for parameter in project.parameters][:2] == ["rows_path: str", "seed: int = 0"]
    assert project.parameters[1].help == "of the global generator"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scal": 1}, "unknown parameter 'scal'"),
        ({"scal": 1}, "Did you mean 'scale'?"),
        ({"seed": "many"}, "parameter 'seed' must be int, not 'many'"),
    ],
)
def test_wrong_parameters_are_refused_by_name(given: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_project(copied("plain", tmp_path)).settle(given)
    assert message in str(caught.value)


def test_wrong_values_in_the_file_name_the_file(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    (root / "params.yaml").write_text("seed: many\n")
    with pytest.raises(ConfigError, match=r"^params.yaml: parameter 'seed' must be int"):
        load_project(root).settle({})


def test_a_parameter_without_a_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"parameter 'limit' of step 'load' has no value: set it in shop/params.yaml"):
        load_project(written(tmp_path, STEP, "")).settle({})


def _without_description(root: Path) -> None:
    (root / ".nbpipe" / "project.json").unlink()


def _broken_description(root: Path) -> None:
    (root / ".nbpipe" / "project.json").write_text("{")


def _nameless_package(root: Path) -> None:
    (root / ".nbpipe" / "project.json").write_text('{"package": "not a name"}')


def _without_pipeline(root: Path) -> None:
    (root / "shop" / "pipeline.py").unlink()


def _pipeline_of_nothing(root: Path) -> None:
    (root / "shop" / "pipeline.py").write_text("PIPELINE = 3\n")


def _pipeline_that_raises(root: Path) -> None:
    (root / "shop" / "pipeline.py").write_text("import os\n\nimport no_such_library\n")


def _pipeline_of_no_python(root: Path) -> None:
    (root / "shop" / "pipeline.py").write_text("x = 1\ny = (\n")


def _broken_map(root: Path) -> None:
    (root / ".nbpipe" / "project.json").write_text('{"package": "shop", "source_map": {"steps.py": [[1, 2]]}}')


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without_description, "is not a pipeline: it has no .nbpipe/project.json"),
        (_broken_description, ".nbpipe/project.json: cannot be read"),
        (_nameless_package, "'package' must name the pipeline's package"),
        (_without_pipeline, "shop: has no shop/pipeline.py"),
        (_pipeline_of_nothing, "shop/pipeline.py: must define PIPELINE = Pipeline(...)"),
        (_pipeline_that_raises, "shop/pipeline.py, line 3: does not load: ModuleNotFoundError"),
        (_pipeline_of_no_python, "shop/pipeline.py, line 2: does not load: SyntaxError"),
        (_broken_map, "'source_map' is not what this version writes"),
    ],
)
def test_what_is_no_project_is_said_in_one_line(damage: object, message: str, tmp_path: Path) -> None:
    root = written(tmp_path, STEP, "")
    assert callable(damage)
    damage(root)
    with pytest.raises(NbpipeError) as caught:
        load_project(root)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_steps_that_do_not_fit_name_the_file(tmp_path: Path) -> None:
    root = written(tmp_path, "Step('a', 'shop.steps:a', inputs=('x',)),", "")
    with pytest.raises(PipelineError, match=r"^shop/pipeline.py: step 'a': no earlier step gives its input 'x'"):
        load_project(root)


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere: no such folder"):
        load_project(tmp_path / "nowhere")
