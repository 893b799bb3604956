"""The project around a notebook: its top, its dependency files and its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.environment.dependency_files import read_dependency_file
from nbpipe.environment.distributions import brought_by, distributions_of, is_known
from nbpipe.environment.project import Project, project_of

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def at(folder: Path, name: str = "a.ipynb") -> Project:
    found = project_of(str(folder / name), "")
    assert found is not None
    return found


def test_files_are_gathered_from_the_notebook_up_to_the_repository(tmp_path: Path) -> None:
    top = tmp_path / "repo"
    write(top, {"requirements.txt": "numpy\n", "notebooks/deep/environment.yml": "dependencies: [scipy, 'pip']\n"})
    write(tmp_path, {"requirements.txt": "polars\n"})
    write(top, {"requirements/dev.txt": "pytest\n"})
    (top / ".git").mkdir()

    project = at(top / "notebooks" / "deep")

    assert project.files == ["notebooks/deep/environment.yml", "requirements.txt", "requirements/dev.txt"]
    assert project.declared == {"numpy", "scipy", "pip", "pytest"}


def test_without_version_control_only_the_notebooks_folder_counts(tmp_path: Path) -> None:
    write(tmp_path, {"requirements.txt": "numpy\n", "inner/requirements.txt": "scipy\n"})

    assert at(tmp_path / "inner").declared == {"scipy"}
    assert project_of(str(tmp_path / "nowhere" / "a.ipynb")) is None
    assert project_of("") is None


def test_the_folder_of_the_configuration_is_the_top_otherwise(tmp_path: Path) -> None:
    write(tmp_path, {"requirements.txt": "numpy\n", "inner/requirements.txt": "scipy\n"})
    found = project_of(str(tmp_path / "inner" / "a.ipynb"), str(tmp_path))

    assert found is not None
    assert found.declared == {"numpy", "scipy"}


def test_modules_beside_the_notebook_and_in_the_projects_source_folders(tmp_path: Path) -> None:
    write(tmp_path, {"beside.py": "", "package/__init__.py": "", "src/installed/core.py": "", "data/a.csv": ""})
    write(tmp_path, {"pyproject.toml": '[project]\nname = "Churn-Tools"\n', "far/away/lost.py": ""})
    project = at(tmp_path)

    assert all(map(project.has_module, ["beside", "package.part", "installed", "churn_tools"]))
    assert not any(map(project.has_module, ["data", "lost", "other"]))
    assert project.has_module_anywhere("lost")
    assert not project.has_module_anywhere("data")


def test_requirement_files_include_others_and_circles_end(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"requirements.txt": "-r more.txt\nnumpy \\\n  ==1.0 --hash=sha256:00\n-e git+https://x.org/a#egg=b_c\n"},
    )
    write(
        tmp_path, {"more.txt": "--index-url https://x.org\n-r requirements.txt\nscipy # why\nhttps://x.org/d-1.0.zip\n"}
    )
    content = read_dependency_file(str(tmp_path / "requirements.txt"))

    assert content.names == {"numpy", "scipy", "b-c", "d"}


def test_broken_files_declare_nothing_and_raise_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[project", "setup.cfg": "no section", "setup.py": "def (", "Pipfile": "x = ["})
    write(tmp_path, {"environment.yml": "dependencies:\n\t- ???\n  - \n", "requirements.txt": "\x00??\n<<<<<<< HEAD\n"})

    assert at(tmp_path).declared <= {"", "???"}


def test_a_script_that_computes_is_known_not_to_be_complete(tmp_path: Path) -> None:
    write(tmp_path, {"setup.py": "setup(name='a', install_requires=read('x') + ['numpy'], **more)"})

    assert not at(tmp_path).complete


def test_modules_are_mapped_to_distributions() -> None:
    assert distributions_of("sklearn.svm")[0] == "scikit-learn"
    assert distributions_of("cv2")[:2] == ("opencv-python", "opencv-python-headless")
    assert distributions_of("google.cloud.bigquery") == ("google-cloud-bigquery",)
    assert distributions_of("google.cloud.newthing_v1") == ("google-cloud-newthing-v1",)
    assert distributions_of("My_Module") == ("my-module",)
    assert is_known("yaml")
    assert not is_known("churnlib")
    assert brought_by("numpy", frozenset(["seaborn"])) == "seaborn"
    assert brought_by("polars", frozenset(["pandas"])) == ""
