"""From paths to notebooks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbpipe.errors import ConfigError
from nbpipe.lint.files import find_notebooks, matches


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [each.path for each in find_notebooks(paths, exclude)]


def test_folders_are_searched_in_the_order_of_names() -> None:
    touch("b.ipynb", "a/z.ipynb", "a/y.ipynb", "c.py", "c.ipynb.bak")

    assert found(".") == ["a/y.ipynb", "a/z.ipynb", "b.ipynb"]


def test_checkpoints_hidden_folders_and_temporary_files_are_left_out() -> None:
    touch(".ipynb_checkpoints/a-checkpoint.ipynb", ".git/a.ipynb", "b/.x/c.ipynb", ".~a.ipynb", "b/d.ipynb")

    assert found(".") == ["b/d.ipynb"]


def test_excluded_names_and_paths_are_left_out_of_folders_only() -> None:
    touch("venv/a.ipynb", "x/venv/a.ipynb", "x/old/a.ipynb", "y/old/a.ipynb", "draft-1.ipynb")
    exclude = ("venv", "x/old", "draft-*.ipynb")

    assert found(".", exclude=exclude) == ["y/old/a.ipynb"]
    assert found("draft-1.ipynb", exclude=exclude) == ["draft-1.ipynb"]


def test_what_is_given_is_left_out_where_that_is_forced() -> None:
    touch("old/a.ipynb", "b.ipynb")
    paths = ["old/a.ipynb", "old", "*.ipynb", "b.ipynb"]

    assert [each.path for each in find_notebooks(paths, ("old",))] == ["old/a.ipynb", "b.ipynb"]
    assert [each.path for each in find_notebooks(paths, ("old",), force_exclude=True)] == ["b.ipynb"]


def test_a_given_file_is_taken_whatever_it_is_called() -> None:
    touch("notebook.json")

    assert found("notebook.json") == ["notebook.json"]


def test_each_notebook_is_given_once() -> None:
    touch("a/b.ipynb")
    Path("link.ipynb").symlink_to("a/b.ipynb")

    assert found("a", "a/b.ipynb", "./a/../a", "link.ipynb") == ["a/b.ipynb"]


def test_a_folder_called_like_a_notebook_is_a_folder() -> None:
    touch("x.ipynb/y.ipynb")

    assert found(".") == ["x.ipynb/y.ipynb"]
    assert found("x.ipynb") == ["x.ipynb/y.ipynb"]


def test_circles_of_links_end() -> None:
    touch("a/b.ipynb")
    Path("a/up").symlink_to("..", target_is_directory=True)
    Path("a/loop.ipynb").symlink_to("loop.ipynb")

    assert found(".") == ["a/b.ipynb", "a/loop.ipynb"]


def test_patterns_that_the_shell_left_alone() -> None:
    touch("a/b/c.ipynb", "a/d.ipynb", "a/e.py")

    assert found("a/**/*") == ["a/b/c.ipynb", "a/d.ipynb"]


@pytest.mark.parametrize(("path", "message"), [("no.ipynb", "no such file or folder"), ("no*.ipynb", "no notebook")])
def test_what_does_not_exist_is_an_error_before_anything_is_found(path: str, message: str) -> None:
    touch("a.ipynb")

    with pytest.raises(ConfigError, match=f"{message}.*'{path.replace('*', '[*]')}'"):
        next(iter(find_notebooks(["a.ipynb", path])))


def test_a_folder_that_cannot_be_searched_is_given_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("a/b.ipynb", "c.ipynb")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)

    assert [(each.path, each.problem) for each in find_notebooks(["."])] == [
        ("a", "Permission denied"),
        ("c.ipynb", ""),
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("b.ipynb", True),
        ("*.ipynb", True),
        ("x", True),
        ("x/", True),
        ("./x/a", True),
        ("**/b.ipynb", True),
        ("x/a/*.ipynb", True),
        ("a/b.ipynb", False),
        ("y", False),
    ],
)
def test_patterns_name_parts_or_the_path_from_the_root(pattern: str, expected: bool) -> None:  # noqa: FBT001
    assert matches("x/a/b.ipynb", (pattern,), "") is expected
