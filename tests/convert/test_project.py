"""The projects that conversions write, from notebook to proof, as whoever inherits them finds them."""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pip as pip_package
import pytest

from nbpipe.api.convert import ConversionResult, convert
from nbpipe.convert import conversion, step_module
from nbpipe.convert.conversion import convert_notebook
from nbpipe.errors import ConversionError
from nbpipe.notebook import read_notebook
from nbpipe.verify import proof

if TYPE_CHECKING:
    from nbpipe.convert.recorded import Recording

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "pipelines"
CASES = {"random_walk": 5, "sales_report": 10, "wine_classifier": 7, "word_counts": 5}


class Converted(NamedTuple):
    name: str
    notebook: Path
    result: ConversionResult


@pytest.fixture(scope="module", params=CASES)
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Converted:
    name = str(request.param)
    notebook = tmp_path_factory.mktemp(name) / f"{name}.ipynb"
    shutil.copy(FIXTURES / name / "notebook.ipynb", notebook)
    return Converted(name, notebook, convert(notebook))


def test_the_pipeline_is_proved_to_compute_what_the_notebook_computes(converted: Converted) -> None:
    count = CASES[converted.name]
    assert converted.result.proof is not None
    assert converted.result.proof.headline == f"{count} of {count} step outputs equal"


def test_the_notebook_is_untouched_and_only_the_project_is_new(converted: Converted) -> None:
    assert converted.notebook.read_bytes() == (FIXTURES / converted.name / "notebook.ipynb").read_bytes()
    assert {path.name for path in converted.notebook.parent.iterdir()} == {
        converted.notebook.name,
        f"{converted.name}_pipeline",
    }
    written = {
        path.relative_to(converted.result.folder).as_posix()
        for path in converted.result.folder.rglob("*")
        if path.is_file()
    }
    assert written == set(converted.result.files)


def test_steps_import_where_nbpipe_is_not_installed(converted: Converted) -> None:
    package = converted.result.package
    modules = [f"{package}.steps.{step.name}" for step in converted.result.steps]
    code = f"import sys\nsys.modules['nbpipe'] = None\nsys.path.insert(0, {str(converted.result.folder)!r})\n"
    code += "".join(f"import {module}\n" for module in modules)
    subprocess.run([sys.executable, "-B", "-c", code], check=True)


def test_the_code_is_clean_under_the_settings_it_states(converted: Converted) -> None:
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "."]
        done = subprocess.run(ruff, cwd=converted.result.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_lines_of_steps_lead_back_to_the_lines_of_their_cells(converted: Converted) -> None:
    description = json.loads((converted.result.folder / ".nbpipe" / "project.json").read_text(encoding="utf-8"))
    cells = read_notebook(converted.notebook).cells
    package = converted.result.folder / converted.result.package
    spans = [(file, *span) for file, found in description["source_map"].items() for span in found]
    assert spans
    for file, first, _, cell, line in spans:
        written = (package / file).read_text(encoding="utf-8").splitlines()[first - 1].strip()
        origin = cells[cell].source.splitlines()[line - 1].strip()
        shown = written.removeprefix("print(").removesuffix(")")
        assert written[:8] == origin[:8] or shown[:8] == origin[:8]


@pytest.fixture(scope="module")
def recording() -> Recording:
    return convert_notebook(FIXTURES / "word_counts" / "notebook.ipynb").recording


@pytest.fixture
def plain(tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notebook whose recorded run is known already."""
    notebook = tmp_path / "words.ipynb"
    shutil.copy(FIXTURES / "word_counts" / "notebook.ipynb", notebook)
    monkeypatch.setattr(conversion, "record", lambda *_, **__: recording)
    return notebook


def test_converting_the_same_notebook_again_changes_no_byte(tmp_path: Path) -> None:
    notebook = tmp_path / "words.ipynb"
    shutil.copy(FIXTURES / "word_counts" / "notebook.ipynb", notebook)
    first, again = (convert(notebook, verify=False) for _ in range(2))
    assert again.files == first.files


def test_the_signature_says_what_a_step_takes_and_gives(plain: Path) -> None:
    result = convert(plain, verify=False, dry_run=True)
    functions = [node for node in ast.parse(step_text(result, "count")).body if isinstance(node, ast.FunctionDef)]
    assert ast.unparse(functions[0].args) == "found: list, *, minimum: int"
    assert ast.unparse(functions[0].returns or functions[0]) == "list"
    assert "from words_pipeline.definitions import Entry, Kind\n" in step_text(result, "count")
    assert result.why["count"]["minimum"].startswith("parameter: ")


def step_text(result: ConversionResult, step: str) -> str:
    return result.files[f"{result.package}/steps/{step}.py"]


def test_a_dry_run_writes_nothing(plain: Path) -> None:
    result = convert(plain, verify=False, dry_run=True)
    assert not result.is_written
    assert list(plain.parent.iterdir()) == [plain]


def test_what_was_edited_is_not_overwritten(plain: Path) -> None:
    folder = convert(plain, verify=False).folder
    (folder / "params.yaml").write_text("text: other\n", encoding="utf-8")
    with pytest.raises(ConversionError, match=r"params\.yaml was edited since the last conversion"):
        convert(plain, verify=False)
    assert (folder / "params.yaml").read_text(encoding="utf-8") == "text: other\n"


def test_a_changed_notebook_updates_its_project_and_keeps_its_runs(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = convert(plain, verify=False).folder
    monkeypatch.undo()
    run = folder / ".nbpipe" / "runs" / "1.json"
    run.parent.mkdir()
    run.write_text("{}", encoding="utf-8")
    plain.write_text(plain.read_text(encoding="utf-8").replace("step:report", "step:lines"), encoding="utf-8")
    result = convert(plain, verify=False)
    steps = folder / "words_pipeline" / "steps"
    assert {path.stem for path in steps.glob("*.py")} == {"__init__", "read_words", "count", "select", "lines"}
    assert [step.name for step in result.steps][-1] == "lines"
    assert run.exists()


@pytest.mark.parametrize("content", ["file", "folder"])
def test_a_place_that_is_taken_is_refused_before_anything_runs(plain: Path, content: str) -> None:
    target = plain.parent / "out"
    if content == "file":
        target.write_text("mine", encoding="utf-8")
    else:
        target.mkdir()
        (target / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConversionError, match="choose another folder with -o"):
        convert(plain, target)


def test_a_proof_that_fails_leaves_nothing(plain: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = step_module._kept
    monkeypatch.setattr(step_module, "_kept", lambda package, flow: kept(package, flow)[:-1])
    monkeypatch.setattr(proof, "record", lambda *_, **__: recording)
    with pytest.raises(
        ConversionError, match="nothing was written, since the proof fails: 1 of 5 step outputs equal, 4 not given"
    ):
        convert(plain)
    assert list(plain.parent.iterdir()) == [plain]


def test_params_are_typed_and_checked(plain: Path) -> None:
    folder = convert(plain, verify=False).folder
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "from words_pipeline.params import Params, load\n"
        f"print(load({str(folder / 'params.yaml')!r}))\n"
        "try:\n    Params(minimum='2')\nexcept TypeError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "Params(text='The cat saw a cat and the dog saw the cat', minimum=2)",
        "minimum must be int, not '2'",
    ]


def test_the_commands_of_the_dockerfile_run_in_a_clean_environment(tmp_path: Path) -> None:
    notebook = tmp_path / "words.ipynb"
    shutil.copy(FIXTURES / "word_counts" / "notebook.ipynb", notebook)
    folder = convert(notebook, verify=False).folder
    lines = (folder / "Dockerfile").read_text(encoding="utf-8").splitlines()
    version = ".".join(map(str, sys.version_info[:3]))
    assert f"FROM python:{version}-slim" in lines
    copied = [shlex.split(line)[1:-1] for line in lines if line.startswith("COPY ")]
    (run,) = (line.removeprefix("RUN ") for line in lines if line.startswith("RUN "))
    (command,) = (json.loads(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD "))

    root = Path(__file__).resolve().parents[2]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path / "wheels"), str(root)], check=True
    )
    (wheel,) = (tmp_path / "wheels").iterdir()
    work = tmp_path / "image" / "pipeline"
    for name in (name for names in copied for name in names if "*" not in name):
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder / name, target) if (folder / name).is_dir() else shutil.copy(folder / name, target)
    # A clean environment, quickly made: this environment's pip, and nothing compiled before it is used.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "pip").symlink_to(Path(pip_package.__file__).parent)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    environ["PATH"] = f"{tmp_path / 'venv' / 'bin'}:{os.environ['PATH']}"
    shutil.copy(wheel, work)
    environ |= {"PIP_NO_COMPILE": "1", "PYTHONPATH": str(tmp_path / "tools")}
    environ["NBPIPE"] = f"./{wheel.name}[run]"  # this nbpipe, not the one of an index

    subprocess.run(["/bin/sh", "-c", run], cwd=work, env=environ, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(command, cwd=work, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "4 steps" in done.stdout
