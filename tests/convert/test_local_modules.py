"""Modules beside the notebook go with its pipeline: copied, listed, followed by checks, caches and packaging."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import nbformat
import pytest

from nbpipe.api.convert import ConversionResult, convert
from nbpipe.api.convert_check import convert_check
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import run
from nbpipe.verify.proof_cause import ProofCauses
from nbpipe.verify.proof_verdict import OutputVerdict, Verdict

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "helpers.py": "from mylib.tools import scale\n\nLIMIT = 3\n\n\nclass Thing:\n    size = LIMIT\n\n\n"
    "def doubled(thing):\n    return scale(thing.size)\n",
    "mylib/__init__.py": "",
    "mylib/tools.py": "# Höhe\nfrom . import consts\n\n\ndef scale(x):\n    return x * consts.FACTOR\n",
    "mylib/consts.py": "FACTOR = 2\n",
    "mylib/unused.py": "raise RuntimeError\n",
    "src/found.py": "def three():\n    return 3\n",
    # What its import does, no fingerprint shows.
    "shouting.py": "import codecs\n\ncodecs.register_error('shout', lambda error: ('!', error.end))\n",
}
CELLS = (
    ("imports", "import sys\nsys.path.append('src')\nimport helpers\nimport shouting\nfrom found import three"),
    ("step:make", "thing = helpers.Thing()\none = three()"),
    ("step:use", "total = helpers.doubled(thing)"),
    ("step:end", "result = total + one\nsaid = 'Höhe'.encode('ascii', 'shout')"),
)


class Converted(NamedTuple):
    notebook: Path
    result: ConversionResult

    @property
    def folder(self) -> Path:
        return self.result.folder


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    folder = tmp_path_factory.mktemp("modules")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    notebook = folder / "nb.ipynb"
    node = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    for tag, source in CELLS:
        node.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}))  # type: ignore[no-untyped-call]
    nbformat.write(node, notebook)  # type: ignore[no-untyped-call]
    return Converted(notebook, convert(notebook))


def test_the_pipeline_is_proved_with_copies_of_the_modules(converted: Converted) -> None:
    assert converted.result.proof is not None
    assert converted.result.proof.headline == "5 of 5 step outputs equal"
    copied = {name for name in FILES if name != "mylib/unused.py"}
    for name in copied:
        path = converted.folder / name.removeprefix("src/")
        assert path.read_bytes() == (converted.notebook.parent / name).read_bytes()
    assert not (converted.folder / "mylib" / "unused.py").exists()
    assert "\nimport helpers\n" in (converted.folder / "nb_pipeline" / "steps" / "use.py").read_text(encoding="utf-8")


def test_a_module_is_imported_for_what_importing_it_does(converted: Converted) -> None:
    assert "\nimport shouting" in (converted.folder / "nb_pipeline" / "steps" / "end.py").read_text(encoding="utf-8")


def test_the_readme_and_the_notes_tell_of_them(converted: Converted) -> None:
    readme = converted.result.files["README.md"]
    assert "- [helpers.py](helpers.py), from `helpers.py`\n" in readme
    assert "- [found.py](found.py), from `src/found.py`\n" in readme
    assert converted.result.notes == (
        "cell 1: 'sys.path.append('src')' is left out: the modules that it is for are in the project",
    )


def test_the_project_stays_clean_and_whole(converted: Converted) -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    done = subprocess.run(ruff, cwd=converted.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    dockerfile = converted.result.files["Dockerfile"]
    assert "COPY found.py found.py\nCOPY helpers.py helpers.py\nCOPY mylib mylib\n" in dockerfile
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(converted.notebook.parent / "dist")]
    subprocess.run(build, cwd=converted.folder, check=True, capture_output=True)
    (wheel,) = (converted.notebook.parent / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        assert {"helpers.py", "found.py", "mylib/consts.py", "nb_pipeline/steps/use.py"} <= {*archive.namelist()}


def test_a_change_of_a_module_recomputes_what_imports_it_and_no_more(converted: Converted) -> None:
    project = load_project(converted.folder)
    assert run(project, {}).status.value == "ok"
    path = converted.folder / "mylib" / "consts.py"
    before = path.read_bytes()
    path.write_text("FACTOR = 2  # a comment\n", encoding="utf-8")
    assert {step.name: step.status.value for step in run(project, {}).steps} == dict.fromkeys(
        ["make", "use", "end"], "cached"
    )
    path.write_text("FACTOR = 5\n", encoding="utf-8")
    record = run(project, {})
    path.write_bytes(before)
    assert {step.name: step.status.value for step in record.steps} == {"make": "cached", "use": "ok", "end": "ok"}


def test_a_module_that_changes_beside_the_notebook_puts_its_pipeline_out_of_step(converted: Converted) -> None:
    assert [each.problem for each in convert_check([str(converted.notebook)])] == [""]
    path = converted.notebook.parent / "helpers.py"
    before = path.read_bytes()
    path.write_text("LIMIT = 4\n", encoding="utf-8")
    (found,) = convert_check([str(converted.notebook)])
    path.write_bytes(before)
    assert "has a copy of" in found.problem
    assert "helpers.py, which changed since: nbpipe convert" in found.problem


@pytest.mark.parametrize(
    ("place", "cause"),
    [
        ("copy", "helpers.py was edited since it was generated"),
        ("beside the notebook", "helpers.py is no longer what was copied into the project"),
    ],
)
def test_a_changed_module_is_the_cause_of_another_value(place: str, cause: str, converted: Converted) -> None:
    project = load_project(converted.folder)
    path = (converted.folder if place == "copy" else converted.notebook.parent) / "helpers.py"
    before = path.read_bytes()
    path.write_bytes(before + b"LIMIT = 4\n")
    output = OutputVerdict("use", "total", Verdict.DIFFERENT)
    found = ProofCauses(converted.notebook, project, (), {}).of(project.pipeline.step("use"), output)
    path.write_bytes(before)
    assert found is not None
    assert found.text == cause
