"""Files that steps write are part of the proof: a missing, older or other file is caught, an equal one is no alarm."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nbpipe.convert.conversion import Conversion, convert_notebook
from nbpipe.convert.generation import write_project
from nbpipe.pipeline import attempt as attempt_module
from nbpipe.pipeline import process as process_module
from nbpipe.pipeline.project import load_project
from nbpipe.verify import proof as proof_module
from nbpipe.verify.proof import prove
from tests.verify.in_process_steps import InProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.verify.proof_verdict import Proof

CELLS = (
    ("imports", "import pickle\nimport subprocess\n\nimport matplotlib.pyplot as plt\nimport pandas as pd"),
    ("step:load", 'df = pd.DataFrame({"x": [1.0, 2.0, 3.0], "name": ["a", "b", "a"]})\nnames = list(df["name"])'),
    ("step:draw", 'plt.plot(df["x"])'),
    ("", 'df["x"].plot(kind="bar")\nplt.savefig("bars.png")'),
    ("step:clean", 'df[df["x"] > 1].to_csv("clean.csv", index=False)'),
    (
        "step:fit",
        'clean = pd.read_csv("clean.csv")\nmodel = {"mean": clean["x"].mean(), "names": names, "seen": ["a"]}',
    ),
    (
        "step:export",
        (
            'with open("model.pkl", "wb") as stream:\n    pickle.dump(model, stream)\n'
            'df.to_excel("table.xlsx", index=False)'
        ),
    ),
    ("step:order", 'subprocess.run("sort -r clean.csv > order.csv", shell=True, check=True)'),
)
STEPS = Path("files_pipeline") / "files_pipeline" / "steps"


class Converted(NamedTuple):
    folder: Path
    conversion: Conversion


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    folder = tmp_path_factory.mktemp("files")
    notebook = folder / "files.ipynb"
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {"tags": [tag] if tag else []},
            "outputs": [],
            "source": source,
        }
        for tag, source in CELLS
    ]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    notebook.write_text(json.dumps(content), encoding="utf-8")
    conversion = convert_notebook(notebook)
    target = folder / "whole"
    target.mkdir()
    write_project(conversion, target, folder / "files_pipeline")
    return Converted(folder, conversion)


@pytest.fixture
def project(converted: Converted, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    # The recording knows the files by their paths: the pipeline has to lie where the notebook ran.
    target = converted.folder / "files_pipeline"
    shutil.copytree(converted.folder / "whole", target)
    monkeypatch.setattr(attempt_module, "RuntimeProcess", InProcess)
    monkeypatch.setattr(process_module, "RuntimeProcess", InProcess)
    monkeypatch.setattr(proof_module, "record", lambda *_, **__: converted.conversion.recording)
    yield target
    shutil.rmtree(target)


def proof_of(converted: Converted) -> Proof:
    return prove(
        converted.folder / "files.ipynb",
        load_project(converted.folder / "files_pipeline"),
        wanted=converted.conversion.wanted,
    )


def changed(project: Path, step: str, old: str, new: str) -> None:
    path = project.parent / STEPS / f"{step}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_no_step_is_merged_and_the_reader_comes_after_the_writer(converted: Converted) -> None:
    steps = {step.name: step for step in converted.conversion.pipeline.steps}
    assert list(steps) == ["load", "draw", "clean", "fit", "export", "order"]
    assert steps["fit"].after == ("clean",)
    notes = [note.message for note in converted.conversion.notes]
    assert "step 'fit' uses the file clean.csv, which step 'clean' writes: it runs after that one" in notes
    assert steps["order"].after == ("draw", "clean", "export")


@pytest.mark.usefixtures("project")
def test_a_clean_pipeline_is_proved_with_its_files(converted: Converted) -> None:
    proof = proof_of(converted)
    assert [str(output) for output in proof.outputs if not output.is_good] == []
    named = {output.name for output in proof.outputs}
    assert {"bars.png", "clean.csv", "model.pkl", "table.xlsx", "order.csv"} <= named
    assert proof.silent == ()


def test_a_file_that_is_no_longer_written_is_missed_although_an_old_one_is_there(
    converted: Converted, project: Path
) -> None:
    assert (converted.folder / "clean.csv").is_file()
    changed(project, "clean", '.to_csv("clean.csv", index=False)', ".copy()")
    first = proof_of(converted).first_divergence
    assert str(first) == "clean.clean.csv: not given (the step does not write this file)"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("pickle.dump(model, stream)", 'pickle.dump({**model, "mean": 2.501}, stream)', "model.pkl"),
        ("df.to_excel", "df.head(2).to_excel", "table.xlsx"),
    ],
)
def test_other_content_is_different(converted: Converted, project: Path, old: str, new: str, name: str) -> None:
    changed(project, "export", old, new)
    bad = [output for output in proof_of(converted).outputs if not output.is_good]
    assert [str(output) for output in bad] == [f"export.{name}: different (the file holds something else)"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("sort -r clean.csv", "sort clean.csv", "different (the file holds something else)"),
        (" > order.csv", "", "not given (the step does not write this file)"),
    ],
)
def test_what_a_program_writes_is_compared(converted: Converted, project: Path, old: str, new: str, told: str) -> None:
    changed(project, "order", old, new)
    bad = [str(output) for output in proof_of(converted).outputs if not output.is_good]
    assert bad == [f"order.order.csv: {told}"]


def test_a_step_that_gives_nothing_and_fails_is_told(converted: Converted, project: Path) -> None:
    changed(project, "clean", 'to_csv("clean.csv"', 'to_csv("nowhere/clean.csv"')
    proof = proof_of(converted)
    assert not proof.is_good
    assert str(proof.first_divergence).startswith("clean.result: not given (the step failed: OSError: ")


def test_a_picture_that_goes_on_in_the_figure_of_the_cell_before_is_different(
    converted: Converted, project: Path
) -> None:
    changed(project, "draw", "    plt.figure()\n", "")
    bad = [str(output) for output in proof_of(converted).outputs if not output.is_good]
    assert bad == ["draw.bars.png: different (the file holds something else)"]
