"""The hooks, in a real pre-commit, in real git repositories."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from nbpipe.api.convert import convert
from tests.hooks.conftest import IN_ORDER, OUT_OF_ORDER, ROOT, Repository, notebook_text

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

MEGABYTE = 1_000_000


@pytest.fixture
def checked(new_repository: Callable[..., Repository], hooks: dict[str, Any]) -> Repository:
    return new_repository("nbpipe-check", entry=hooks)


@pytest.fixture
def fixing(new_repository: Callable[..., Repository], hooks: dict[str, Any]) -> Repository:
    return new_repository("nbpipe-fix", entry=hooks)


def commit(repository: Repository) -> subprocess.CompletedProcess[str]:
    return repository.git("commit", "-q", "-m", "A change", check=False)


def test_the_environment_is_small_and_has_nothing_heavy(installed: Path) -> None:
    files = [path for path in installed.rglob("*") if path.is_file() and not path.is_symlink()]
    names = {path.name.lower() for path in installed.glob("lib/python*/site-packages/*")}

    assert sum(path.stat().st_size for path in files) < 40 * MEGABYTE
    assert {"click", "nbpipe"} <= names
    assert not names & {"mlflow", "papermill", "nbformat", "jupyter_server", "libcst", "yaml"}


def test_a_notebook_in_order_is_committed(checked: Repository) -> None:
    checked.notebook("fine.ipynb", IN_ORDER)

    done = commit(checked)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "nbpipe check" in done.stderr
    assert "Passed" in done.stderr


def test_one_out_of_order_is_refused_with_both_cells_named_until_it_is_mended(checked: Repository) -> None:
    checked.notebook("model.ipynb", OUT_OF_ORDER)

    refused = commit(checked)

    assert refused.returncode == 1
    assert "model.ipynb, cell 2 In [2]" in refused.stderr
    assert "`a` is used before it is defined in cell 3 (In [1])" in refused.stderr
    assert checked.git("log", check=False).returncode != 0

    checked.notebook("model.ipynb", IN_ORDER)
    assert commit(checked).returncode == 0


def test_only_what_is_staged_is_looked_at(checked: Repository) -> None:
    path = checked.notebook("one.ipynb", IN_ORDER)
    path.write_text(notebook_text(OUT_OF_ORDER))
    (checked.folder / "not added.ipynb").write_text("no notebook")

    assert commit(checked).returncode == 0
    assert path.read_text() == notebook_text(OUT_OF_ORDER)

    checked.git("add", "one.ipynb")
    path.write_text(notebook_text(IN_ORDER))
    refused = commit(checked)
    assert refused.returncode == 1
    assert "one.ipynb, cell 2" in refused.stderr
    assert "not added" not in refused.stderr


def test_names_with_spaces_and_other_letters(checked: Repository) -> None:
    names = ["a b/my notebook.ipynb", "größe 模型.ipynb", "q'uote\".ipynb", "-draft.ipynb", "--fix.ipynb"]
    for name in names:
        (checked.folder / name).parent.mkdir(exist_ok=True)
        (checked.folder / name).write_text(notebook_text(OUT_OF_ORDER))
    checked.git("add", "-A")

    refused = commit(checked)

    assert refused.returncode == 1
    assert all(f"{name}, cell 2" in refused.stderr for name in names)


def test_many_notebooks_are_checked_at_once(checked: Repository) -> None:
    for number in range(150):
        (checked.folder / f"notebook_with_a_rather_long_name_{number:03d}.ipynb").write_text(notebook_text(IN_ORDER))
    (checked.folder / "late.ipynb").write_text(notebook_text(OUT_OF_ORDER))
    (checked.folder / "readme.md").write_text("no notebook\n")
    checked.git("add", "-A")

    refused = commit(checked)

    assert refused.returncode == 1
    assert refused.stderr.count("late.ipynb, cell 2") == 1
    assert "Checked 151 notebooks: 1 error" in refused.stderr


def test_options_and_the_project_s_configuration_count(checked: Repository, hooks: dict[str, Any]) -> None:
    checked.use([{**hooks, "hooks": [{"id": "nbpipe-check", "args": ["--fail-on=error"]}]}])
    checked.write("nbpipe.toml", 'exclude = ["drafts"]\n')
    checked.notebook("drafts/late.ipynb", OUT_OF_ORDER)
    checked.notebook("-warned.ipynb", [("import sys", 1)])

    done = commit(checked)
    assert done.returncode == 0, done.stdout + done.stderr
    checked.notebook("-late.ipynb", OUT_OF_ORDER)
    refused = commit(checked)
    assert refused.returncode == 1
    assert "-late.ipynb, cell 2" in refused.stderr
    assert "drafts" not in refused.stderr


def test_what_can_be_mended_is_mended_and_the_second_commit_passes(fixing: Repository) -> None:
    path = fixing.notebook("trailing space .ipynb", [("!pip install pandas==2.2.0", 1)])

    refused = commit(fixing)

    assert refused.returncode == 1
    assert "files were modified by this hook" in refused.stderr
    assert path.read_text() == notebook_text([("%pip install pandas==2.2.0", 1)])
    fixing.git("add", "-A")
    assert commit(fixing).returncode == 0


def test_what_cannot_be_read_is_refused_in_one_line(checked: Repository) -> None:
    checked.write("cut off.ipynb", notebook_text(IN_ORDER)[:200])

    refused = commit(checked)

    assert refused.returncode == 1
    assert "cut off.ipynb" in refused.stderr
    assert "is cut off" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_pipeline_must_be_made_again_when_its_notebook_changes(
    new_repository: Callable[..., Repository], hooks: dict[str, Any]
) -> None:
    repository = new_repository("nbpipe-convert-check", entry=hooks)
    notebook = repository.folder / "words.ipynb"
    shutil.copy(ROOT / "fixtures" / "pipelines" / "word_counts" / "notebook.ipynb", notebook)
    project = convert(notebook, verify=False).folder
    repository.git("add", "-A")
    assert commit(repository).returncode == 0

    content = json.loads(notebook.read_text())
    code = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    code["outputs"], code["execution_count"] = [], 77
    repository.write("words.ipynb", json.dumps(content, indent=1))
    assert commit(repository).returncode == 0, "outputs alone do not put a pipeline out of step"

    code["source"] = [*code["source"], "\nextra = 1"]
    repository.write("words.ipynb", json.dumps(content, indent=1))
    refused = commit(repository)
    assert refused.returncode == 1
    assert f"{project.name}: was made from words.ipynb before its cells changed" in refused.stderr
    assert f"nbpipe convert words.ipynb -o {project.name}" in refused.stderr


def test_verify_runs_before_a_push_and_by_hand_and_brings_its_extra() -> None:
    hook = {entry["id"]: entry for entry in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    verify = hook.pop("nbpipe-verify")

    assert verify["stages"] == ["pre-push", "manual"]
    assert verify["additional_dependencies"] == [".[run]"]
    assert all("stages" not in entry and "additional_dependencies" not in entry for entry in hook.values())


def test_verify_before_a_push_in_the_environment_that_has_the_libraries(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    (tmp_path / "user").mkdir()
    repository = Repository(tmp_path / "user", {**environ, "PYTHONPATH": str(ROOT)})
    repository.git("init", "-q", "--bare", str(tmp_path / "remote"))
    entry = {
        "id": "nbpipe-verify",
        "name": "nbpipe verify",
        "entry": f"{shlex.quote(sys.executable)} -m nbpipe verify",
        "language": "system",
        "types_or": ["jupyter"],
        "require_serial": True,
        "stages": ["pre-push", "manual"],
    }
    repository.use([{"repo": "local", "hooks": [entry]}])
    stored = {"output_type": "stream", "name": "stdout", "text": "5\n"}
    text = json.loads(notebook_text([("a = 1", 1), ("print(a)", 2)]))
    text["cells"][-1]["outputs"] = [stored]
    repository.write("my notebook.ipynb", json.dumps(text))

    assert repository.pre_commit("install", "-t", "pre-commit", "-t", "pre-push").returncode == 0
    assert commit(repository).returncode == 0, "a commit runs no notebook"

    refused = repository.git("push", str(tmp_path / "remote"), "main", check=False)
    assert refused.returncode == 1
    assert "my notebook.ipynb: not reproducible: cell 3 (A notebook): different" in refused.stdout + refused.stderr

    stored["text"] = "1\n"
    repository.write("my notebook.ipynb", json.dumps(text))
    by_hand = repository.pre_commit("run", "--all-files", "--hook-stage", "manual")
    assert by_hand.returncode == 0, by_hand.stdout
