"""The proof passes on a clean pipeline, and fails for every single fault put into it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nbpipe.api.convert import convert
from nbpipe.convert.conversion import Conversion, convert_notebook
from nbpipe.convert.generation import write_project
from nbpipe.errors import ConversionError, PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.verify import proof as proof_module
from nbpipe.verify.cause import CauseKind, DivergenceKind
from nbpipe.verify.golden import run_golden, steps_of
from nbpipe.verify.proof import prove
from nbpipe.verify.proof_verdict import OutputVerdict, Proof, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "pipelines"
PACKAGE = Path("walk_pipeline") / "walk_pipeline"


class Converted(NamedTuple):
    folder: Path
    conversion: Conversion


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    folder = tmp_path_factory.mktemp("walk")
    notebook = folder / "walk.ipynb"
    shutil.copy(FIXTURES / "random_walk" / "notebook.ipynb", notebook)
    conversion = convert_notebook(notebook)
    target = folder / "walk_pipeline"
    target.mkdir()
    write_project(conversion, target, target)
    return Converted(folder, conversion)


@pytest.fixture
def copy(converted: Converted, tmp_path: Path) -> Path:
    shutil.copytree(converted.folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


def proof_of(converted: Converted, folder: Path, **options: float) -> Proof:
    return prove(
        folder / "walk.ipynb",
        load_project(folder / "walk_pipeline"),
        first=converted.conversion.recording,
        wanted=converted.conversion.wanted,
        **options,  # type: ignore[arg-type]
    )


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return put


FAULTS = {
    "a parameter changed in the fourth digit": (
        replaced("walk_pipeline/params.yaml", "drift: 0.1", "drift: 0.1001"),
        "draw.moves",
        DivergenceKind.PARAMETER,
    ),
    "a constant changed in the fourth digit": (
        replaced(f"{PACKAGE}/steps/shake.py", "shifted(1.0)", "shifted(1.0001)"),
        "shake.shaken",
        DivergenceKind.EDITED,
    ),
    "an output dropped": (
        lambda folder: [
            replaced(f"{PACKAGE}/pipeline.py", 'outputs=("shaken", "path")', 'outputs=("shaken",)')(folder),
            replaced(f"{PACKAGE}/steps/shake.py", "return shaken, path", "return shaken")(folder),
        ],
        "summary.summary",
        DivergenceKind.EDITED,
    ),
    "two outputs swapped": (
        replaced(f"{PACKAGE}/steps/shake.py", "return shaken, path", "return path, shaken"),
        "shake.shaken",
        DivergenceKind.EDITED,
    ),
    "the generator seeded again": (
        replaced(f"{PACKAGE}/steps/shake.py", "    shaken = ", "    np.random.seed(0)\n    shaken = "),
        "shake.shaken",
        DivergenceKind.EDITED,
    ),
    "a number drawn on the side": (
        replaced(f"{PACKAGE}/steps/shake.py", "    return shaken", "    np.random.normal()\n    return shaken"),
        "summary.summary",
        DivergenceKind.STATE,
    ),
    "a step that fails": (
        replaced(f"{PACKAGE}/steps/walk.py", "    return path", "    return path / unknown"),
        "walk.path",
        DivergenceKind.FAILED,
    ),
}


def test_a_clean_pipeline_is_proved_equal(converted: Converted, copy: Path) -> None:
    proof = proof_of(converted, copy)
    assert proof.is_good
    assert proof.headline == "5 of 5 step outputs equal"
    assert proof.first_divergence is None
    assert json.loads(json.dumps(proof.as_json()))["good"] is True


@pytest.mark.parametrize(("put", "first", "kind"), FAULTS.values(), ids=FAULTS)
def test_a_single_fault_is_caught_with_its_cause(  # noqa: PLR0913 - fixtures
    converted: Converted,
    copy: Path,
    put: Callable[[Path], object],
    first: str,
    kind: DivergenceKind,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The notebook is the same in all of these: one recorded run of it stands for both.
    monkeypatch.setattr(proof_module, "record", lambda *_, **__: converted.conversion.recording)
    put(copy)
    proof = proof_of(converted, copy)
    assert not proof.is_good
    assert proof.first_divergence is not None
    assert f"{proof.first_divergence.step}.{proof.first_divergence.name}" == first
    assert proof.first_divergence.cause is not None
    assert proof.first_divergence.cause.kind is kind
    assert not proof.headline.startswith("5 of 5")


def test_the_difference_is_measured_and_a_tolerance_lets_it_pass(converted: Converted, copy: Path) -> None:
    replaced(f"{PACKAGE}/steps/walk.py", "    return path", "    return path + 1e-9")(copy)
    strict = proof_of(converted, copy).first_divergence
    assert strict is not None
    assert strict.verdict is Verdict.DIFFERENT
    assert strict.difference == pytest.approx(1e-9, rel=1e-3)
    loose = proof_of(converted, copy, atol=1e-6)
    assert {output.verdict for output in loose.outputs if output.name == "path"} == {Verdict.CLOSE}


def test_golden_outputs_are_those_of_the_pipeline_until_a_step_changes(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy / "walk_pipeline"
    # The tests are about the code: what params.yaml says is for runs.
    replaced("walk_pipeline/params.yaml", "drift: 0.1", "drift: 0.2")(copy)
    assert steps_of(project) == ["draw", "walk", "shake", "summary"]
    run = run_golden(project)
    assert [run.differences(step) for step in steps_of(project)] == [[], [], [], []]
    replaced(f"{PACKAGE}/steps/shake.py", "shifted(2.0)", "shifted(2.0001)")(copy)
    run = run_golden(project)
    assert [run.differences(step) for step in steps_of(project)[:3]] == [[], [], ["shake: 'path' is not what it was"]]
    told = run.differences("summary")
    assert "summary: takes 'path' of step 'shake', which is not what it was" in told
    assert any(line.startswith("summary: summary.last is ") for line in told)
    monkeypatch.setenv("NBPIPE_UPDATE_GOLDEN", "1")
    assert run_golden(project).differences("shake") == []
    monkeypatch.delenv("NBPIPE_UPDATE_GOLDEN")
    assert steps_of(project) == ["draw", "walk", "shake", "summary"]


def test_a_step_that_the_notebook_lacks_is_an_error(converted: Converted, copy: Path) -> None:
    replaced(f"{PACKAGE}/pipeline.py", 'name="shake"', 'name="shakes"')(copy)
    with pytest.raises(PipelineError, match=r"step 'shakes' is no step of .*Did you mean 'shake'"):
        prove(copy / "walk.ipynb", load_project(copy / "walk_pipeline"))


def test_what_differs_between_two_runs_of_the_notebook_fails_unless_it_is_allowed_by_name(tmp_path: Path) -> None:
    notebook = tmp_path / "clock.ipynb"
    cells = [("step:read", "import time\n\nnow = time.time_ns()"), ("step:use", "later = now > 0")]
    notebook.write_text(json.dumps(document(cells)), encoding="utf-8")
    with pytest.raises(ConversionError, match=r"1 of 2 step outputs equal, 1 non-deterministic; the first: read\.now"):
        convert(notebook)
    assert list(tmp_path.iterdir()) == [notebook]
    result = convert(notebook, allow=["read.now"])
    assert result.proof is not None
    assert result.proof.headline == "1 of 2 step outputs equal, 1 non-deterministic (allowed)"
    (cause,) = (output.cause for output in result.proof.outputs if output.cause is not None)
    assert (cause.kind, cause.cell) == (CauseKind.CLOCK, 0)


def document(cells: list[tuple[str, str]]) -> dict[str, object]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": [tag]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (tag, source) in enumerate(cells)
        ],
    }


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict not in (Verdict.EQUAL, Verdict.CLOSE)])
def test_anything_but_equal_or_close_stands_in_the_headline_and_fails(verdict: Verdict) -> None:
    proof = Proof((OutputVerdict("a", "x", Verdict.EQUAL), OutputVerdict("b", "y", verdict)))
    assert not proof.is_good
    assert proof.headline == f"1 of 2 step outputs equal, 1 {verdict.value}"


def test_nothing_to_compare_proves_nothing() -> None:
    said = Proof((OutputVerdict("a", "x", Verdict.EQUAL),), silent=("draw",)).headline
    assert said == "1 of 1 step outputs equal; nothing to compare in draw"
    assert not Proof(()).is_good
    assert Proof(()).headline == "0 step outputs to compare: nothing is proved"
