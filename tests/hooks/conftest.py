"""A real pre-commit with a real environment of the hooks, made once, and git repositories that use them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PARTS = (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE")
HOOKS = ("nbpipe-check", "nbpipe-fix", "nbpipe-convert-check")

IN_ORDER: list[tuple[str, int | None]] = [("a = 1", 1), ("print(a)", 2)]
OUT_OF_ORDER: list[tuple[str, int | None]] = [("print(a)", 2), ("a = 1", 1)]


class Repository:
    """A git repository of a user of the hooks, and what git and pre-commit say in it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Somebody")
        self.git("config", "user.email", "somebody@example.org")
        self.git("config", "commit.gpgsign", "false")

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False)

    def use(self, repos: list[dict[str, Any]]) -> None:
        self.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": repos}))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.git("add", "--", name)
        return path

    def notebook(self, name: str, cells: list[tuple[str, int | None]]) -> Path:
        return self.write(name, notebook_text(cells))


def notebook_text(cells: list[tuple[str, int | None]]) -> str:
    """Give a notebook file of code cells, each with its execution count."""
    shown: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": count,
            "id": f"cell{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, (source, count) in enumerate(cells)
    ]
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A notebook"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {"cells": [title, *shown], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1) + "\n"


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that all processes of this run share: the hooks' environment is made once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hooks"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> dict[str, str]:
    """Give the environment of git and pre-commit: nothing of the person's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NBPIPE_", "GIT_", "PYTHONPATH"))}
    home = tmp_path_factory.mktemp("home")
    return {
        **kept,
        "HOME": kept.get("HOME", str(home)),  # where pip's settings are
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "PRE_COMMIT_HOME": str(shared / "pre-commit"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


@pytest.fixture(scope="session")
def hooks(shared: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Give the entry for `repos` by which other repositories use the hooks of this project as it is in the tree."""
    folder = shared / "source"
    with FileLock(shared / "lock"):
        if not folder.exists():
            _commit_tree(folder, environ)
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    revision = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.strip()
    return {"repo": folder.as_uri(), "rev": revision, "hooks": [{"id": name} for name in HOOKS]}


def _commit_tree(folder: Path, environ: dict[str, str]) -> None:
    """Make a git repository of what is installed of this project."""
    folder.mkdir()
    repository = Repository(folder, environ)
    for part in PARTS:
        shutil.copy(ROOT / part, folder / part)
    shutil.copytree(ROOT / "nbpipe", folder / "nbpipe", ignore=shutil.ignore_patterns("__pycache__", "ts"))
    repository.git("add", "-A", "-f")
    repository.git("commit", "-q", "-m", "The working tree")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str], hooks: dict[str, Any]) -> Path:
    """Give the folder of the hooks' environment, made by pre-commit; that takes some twenty seconds."""
    repository = Repository(tmp_path_factory.mktemp("first"), environ)
    repository.use([hooks])
    done = repository.pre_commit("install-hooks")
    if "No matching distribution found for" in done.stdout and "nbpipe" not in done.stdout.rpartition("found for")[2]:
        pytest.skip("no package index can be reached, from which pre-commit would install what nbpipe needs")
    assert done.returncode == 0, done.stdout + done.stderr
    return next(Path(environ["PRE_COMMIT_HOME"]).glob("repo*/py_env-*"))


@pytest.fixture
def new_repository(tmp_path: Path, environ: dict[str, str], installed: Path) -> Callable[..., Repository]:
    """Give what makes a repository that uses some of the hooks at each commit."""

    def new(*names: str, entry: dict[str, Any]) -> Repository:
        folder = tmp_path / "user"
        folder.mkdir()
        repository = Repository(folder, environ)
        repository.use([{**entry, "hooks": [{"id": name} for name in names]}])
        assert repository.pre_commit("install").returncode == 0
        return repository

    return new
