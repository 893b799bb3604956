"""What counts as changed since a revision, in real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from nbpipe.api.check import check
from nbpipe.errors import ConfigError
from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult, Related, Severity
from nbpipe.lint.since import Since
from nbpipe.notebook.model import Range
from nbpipe.notebook.read import read_notebook

BAD = "y = = "


def git(*arguments: str) -> str:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *names, *arguments], capture_output=True, check=True, text=True).stdout.strip()


def commit(message: str = "a") -> str:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)
    return git("rev-parse", "HEAD")


def write(name: str, *cells: str | tuple[str, str]) -> None:
    """Write a notebook of code cells: sources, or ids with sources."""
    entries: list[dict[str, Any]] = []
    for cell in cells:
        source = cell if isinstance(cell, str) else cell[1]
        entry: dict[str, Any] = {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        entries.append(entry if isinstance(cell, str) else {**entry, "id": cell[0]})
    document = {"cells": entries, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(json.dumps(document))


def found(ref: str = "HEAD", path: str = ".", select: str = "syntax-error") -> list[str]:
    """Check, and give each finding as path and number of its cell."""
    result = check(path, since=ref, select=[select])
    return [
        f"{item.path} {item.range.cell + 1 if item.range is not None else '-'}"
        for item in sorted(result.diagnostics, key=lambda item: item.path)
    ]


def unasked(data: bytes, path: str) -> FileResult:
    raise AssertionError(path)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git("init", "-q", "-b", "main")
    return tmp_path


def test_a_cell_whose_source_changed_counts_and_others_do_not() -> None:
    write("a.ipynb", ("one", BAD + "1"), ("two", BAD + "2"))
    commit()
    write("a.ipynb", ("one", BAD + "1"), ("two", BAD + "3"))

    assert found() == ["a.ipynb 2"]


def test_cells_that_moved_are_the_same() -> None:
    write("a.ipynb", ("one", BAD + "1"), ("two", "x = 1"))
    write("b.ipynb", BAD + "1", "x = 1")
    commit()
    write("a.ipynb", ("two", "x = 1"), ("three", BAD + "4"), ("one", BAD + "1"))
    write("b.ipynb", "x = 1", BAD + "4", BAD + "1")

    assert found() == ["a.ipynb 2", "b.ipynb 2"]


def test_a_cell_with_the_id_of_another_before_has_changed_and_one_with_a_new_id_is_known_by_its_source() -> None:
    write("a.ipynb", ("one", BAD + "1"), ("two", BAD + "2"))
    commit()
    write("a.ipynb", ("one", BAD + "2"), ("new", BAD + "2"))

    assert found() == ["a.ipynb 1"]


def test_notebooks_that_did_not_change_are_not_even_checked() -> None:
    write("a.ipynb", BAD)
    write("b.ipynb", BAD)
    commit()
    write("b.ipynb", BAD, "x = 1")

    result = check(".", since="HEAD")

    assert [each.path for each in result.files] == ["b.ipynb"]
    assert result.diagnostics == ()


def test_a_new_notebook_counts_as_a_whole_tracked_or_not() -> None:
    commit()
    write("a.ipynb", BAD)
    write("b/c d é.ipynb", BAD)
    git("add", "a.ipynb")

    assert found() == ["a.ipynb 1", "b/c d é.ipynb 1"]
    assert found(select="missing-kernelspec") == ["a.ipynb -", "b/c d é.ipynb -"]


def test_what_concerns_the_file_as_a_whole_counts_where_it_was_not_so_before() -> None:
    write("a.ipynb", "x = 1")
    commit()
    write("a.ipynb", "x = 2")
    assert found(select="missing-kernelspec") == []

    Path("a.ipynb").write_text('{"cells": [')
    assert found(select="invalid-notebook") == ["a.ipynb -"]
    commit()
    assert found(select="invalid-notebook") == []


def test_a_notebook_that_could_not_be_read_before_is_all_new() -> None:
    Path("a.ipynb").write_text("<<<<<<< HEAD")
    commit()
    write("a.ipynb", BAD)

    assert found() == ["a.ipynb 1"]


def test_a_notebook_that_was_renamed_is_compared_with_the_old_one() -> None:
    write("a.ipynb", BAD + "1", *(f"x{number} = {number}" for number in range(20)))
    commit()
    git("mv", "a.ipynb", "b.ipynb")
    write("b.ipynb", BAD + "1", *(f"x{number} = {number}" for number in range(20)), BAD + "2")
    git("add", "-A")

    assert found() == ["b.ipynb 22"]
    assert found(path="b.ipynb") == ["b.ipynb 22"]


def test_a_finding_counts_where_one_of_its_related_cells_changed() -> None:
    write("a.ipynb", ("one", "x = 1"), ("two", "y = 1"), ("three", "z = 1"))
    commit()
    write("a.ipynb", ("one", "x = 1"), ("two", "y = 2"), ("three", "z = 1"))
    old = [Diagnostic("NB102", "undefined-name", "b", Severity.ERROR, path="a.ipynb", range=Range(0, 0, 0, 0, 1))]
    notebook = read_notebook("a.ipynb")

    def counts(*places: int) -> bool:
        first, *others = (Range(place, 0, 0, 0, 1) for place in places)
        related = tuple(Related(place, "here") for place in others)
        item = Diagnostic("NB102", "undefined-name", "b", Severity.ERROR, path="a.ipynb", range=first, related=related)
        cells = {cell.index: CellReference(cell) for cell in notebook.cells}
        since = Since("HEAD", ".", lambda data, path: FileResult(path, tuple(old), cells))
        return bool(since.filtered(FileResult("a.ipynb", (item,), cells)).diagnostics)

    assert counts(0, 1)
    assert counts(0, 2, 1)
    assert not counts(0, 2)


def test_a_finding_counts_where_a_change_elsewhere_brought_it() -> None:
    write("a.ipynb", ("one", "import os"), ("two", "os.getcwd()"), ("three", "nowhere"))
    commit()
    write("a.ipynb", ("two", "os.getcwd()"), ("three", "nowhere"))

    assert found(select="undefined-name") == ["a.ipynb 1"]


def test_of_findings_that_are_alike_those_count_that_are_more() -> None:
    write("a.ipynb", "nowhere")
    commit()
    write("a.ipynb", "nowhere", "nowhere")

    assert found(select="undefined-name") == ["a.ipynb 2"]


def test_of_cells_with_the_same_id_each_is_known() -> None:
    write("a.ipynb", ("one", BAD + "1"), ("one", BAD + "2"))
    commit()
    write("a.ipynb", ("one", BAD + "1"), ("one", BAD + "2"), ("one", BAD + "3"))

    assert found() == ["a.ipynb 3"]


def test_three_dots_mean_where_the_present_revision_branched_off() -> None:
    write("a.ipynb", BAD + "1", "x = 1")
    commit()
    git("checkout", "-q", "-b", "feature")
    write("b.ipynb", BAD + "2")
    commit()
    git("checkout", "-q", "main")
    write("a.ipynb", "z = 1", "x = 1")
    commit()
    git("checkout", "-q", "feature")

    assert found("main") == ["a.ipynb 1", "b.ipynb 1"]
    assert found("main...") == ["b.ipynb 1"]


def test_git_is_asked_a_few_times_however_many_notebooks_there_are() -> None:
    for number in range(12):
        write(f"{number}.ipynb", BAD, "x = 1")
    commit()
    for number in range(12):
        write(f"{number}.ipynb", BAD, BAD + "3")

    with mock.patch.object(subprocess, "run", wraps=subprocess.run) as run:
        assert len(found()) == 12
    assert run.call_count == 5


def test_from_a_folder_and_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a/b.ipynb", BAD)
    write("a/c.ipynb", "x = 1")
    commit()
    write("a/c.ipynb", BAD)
    link = tmp_path.parent / (tmp_path.name + "-link")
    link.symlink_to(tmp_path, target_is_directory=True)

    assert found(path=str(link / "a")) == [f"{link}/a/c.ipynb 1"]
    monkeypatch.chdir("a")
    assert found() == ["c.ipynb 1"]
    assert found(path="../a/b.ipynb") == []


def test_a_notebook_that_is_a_script() -> None:
    Path("a.py").write_text(f"# %%\n{BAD}1\n\n# %%\nx = 1\n")
    commit()
    Path("a.py").write_text(f"# %%\n{BAD}1\n\n# %%\n{BAD}2\n")

    assert found(path="a.py") == ["a.py 2"]


def test_in_a_hook_of_git(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a/b.ipynb", BAD)
    commit()
    write("a/b.ipynb", BAD, BAD + "2")
    monkeypatch.chdir("a")
    monkeypatch.setenv("GIT_DIR", "../.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "../.git/index")

    assert found() == ["b.ipynb 2"]


@pytest.mark.parametrize("ref", ["nowhere", "--all", "", "...", "no...", "HEAD:a.ipynb"])
def test_an_unknown_revision_is_one_line(ref: str) -> None:
    write("a.ipynb", BAD)
    commit()

    with pytest.raises(ConfigError, match=r"^--since: git knows no revision '.*' in .*; in a shallow clone") as raised:
        Since(ref, ".", unasked)
    assert "\n" not in str(raised.value)


def test_no_repository_no_git_and_a_path_elsewhere_are_one_line(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit()
    outside = tmp_path_factory.mktemp("outside")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(outside.parent))
    with pytest.raises(ConfigError, match=f"^--since: '{outside}' is in no git repository: not a git repository"):
        Since("HEAD", str(outside), unasked)
    with pytest.raises(ConfigError, match=r"^--since: '.*/a.ipynb' is not in the git repository "):
        Since("HEAD", ".", unasked).may_differ(str(outside / "a.ipynb"))
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(ConfigError, match=r"^--since needs git, which is not installed, or not on the PATH$"):
        Since("HEAD", ".", unasked)
