"""Inputs that are kept with the tests: each step is tested alone, up to a size; above it, by one run of all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nbpipe.api.convert import convert
from nbpipe.errors import ConfigError
from nbpipe.verify import golden
from nbpipe.verify.golden import run_golden, steps_of

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "pipelines"
STEPS = ["draw", "walk", "shake", "summary"]
LARGEST = 20_000  # bytes; the generators of the first step take most of them


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walk")
    shutil.copy(FIXTURES / "random_walk" / "notebook.ipynb", folder / "walk.ipynb")
    return convert(folder / "walk.ipynb", golden_data=LARGEST).folder


@pytest.fixture
def project(converted: Path, tmp_path: Path) -> Path:
    shutil.copytree(converted.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "walk_pipeline"


def edit(project: Path, step: str, old: str, new: str) -> None:
    path = project / "walk_pipeline" / "steps" / f"{step}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def known(project: Path) -> dict[str, object]:
    return dict(json.loads((project / "tests" / "golden.json").read_text(encoding="utf-8")))


def test_each_step_is_tested_alone_and_the_whole_is_not_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "run_from", None)
    assert steps_of(project) == STEPS
    assert known(project)["inputs"].keys() == set(STEPS)  # type: ignore[attr-defined]
    edit(project, "shake", "shifted(2.0)", "shifted(2.0001)")
    run = run_golden(project)
    found = {step: run.differences(step) for step in STEPS}
    assert found == {"draw": [], "walk": [], "shake": ["shake: 'path' is not what it was"], "summary": []}


def test_a_step_that_fails_alone_says_why(project: Path) -> None:
    edit(project, "shake", "shifted(2.0)", "shifted(1 / 0)")
    (line,) = run_golden(project).differences("shake")
    assert line == "shake: failed: ZeroDivisionError: division by zero"


def test_damaged_and_missing_inputs_are_told(project: Path) -> None:
    objects = project / "tests" / "golden" / "objects"
    for path in objects.rglob("*"):
        if path.is_file() and not path.name.endswith(".json"):
            path.write_bytes(b"other")
    (line,) = run_golden(project).differences("summary")
    assert line.startswith("summary: failed: CorruptedArtifact: artifact ")
    shutil.rmtree(objects)
    (line,) = run_golden(project).differences("summary")
    assert line.endswith("/tests/golden")


def test_steps_above_the_size_are_tested_by_a_run_of_all(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "tests" / "golden.json"
    path.write_text(json.dumps({**known(project), "largest_inputs": 4000}), encoding="utf-8")
    monkeypatch.setenv("NBPIPE_UPDATE_GOLDEN", "1")
    run_golden(project)
    monkeypatch.delenv("NBPIPE_UPDATE_GOLDEN")
    kept = known(project)["inputs"]
    assert 0 < len(kept) < len(STEPS)  # type: ignore[arg-type]
    sizes = [path.stat().st_size for path in (project / "tests" / "golden").rglob("*") if path.is_file()]
    assert max(sizes) <= 4000
    run = run_golden(project)
    assert [run.differences(step) for step in STEPS] == [[], [], [], []]


def test_updating_records_the_new_inputs_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(project, "draw", "def draw", "# changed\ndef draw")
    edit(project, "shake", "shifted(2.0)", "shifted(2.0001)")
    monkeypatch.setenv("NBPIPE_UPDATE_GOLDEN", "1")
    assert run_golden(project).differences("shake") == []
    monkeypatch.delenv("NBPIPE_UPDATE_GOLDEN")
    assert known(project)["largest_inputs"] == LARGEST
    monkeypatch.setattr(golden, "run_from", None)
    run = run_golden(project)
    assert [run.differences(step) for step in STEPS] == [[], [], [], []]


def test_the_project_knows_its_files_and_how_it_was_made(converted: Path) -> None:
    description = json.loads((converted / ".nbpipe" / "project.json").read_text(encoding="utf-8"))
    on_disk = {path.relative_to(converted).as_posix() for path in converted.rglob("*") if path.is_file()}
    assert on_disk - {".nbpipe/project.json"} == description["files"].keys()
    assert description["golden_data"] == LARGEST


def test_without_a_proof_there_is_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--golden-data keeps what the proof's run passes .* --no-verify skips$"):
        convert(tmp_path / "walk.ipynb", verify=False, golden_data=1)
