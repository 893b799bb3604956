"""Paths and links as those who host a repository know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.lint.repository import linker, repository_path, uri_path

if TYPE_CHECKING:
    from pathlib import Path


def test_paths_are_relative_to_the_repository_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/a/b").mkdir(parents=True)
    (tmp_path / "tree/c").mkdir(parents=True)
    (tmp_path / "tree/.git").write_text("gitdir: elsewhere\n")
    monkeypatch.chdir(tmp_path / "repo/a")

    assert repository_path("b/x.ipynb") == "a/b/x.ipynb"
    assert repository_path("../x.ipynb") == "x.ipynb"
    assert repository_path(str(tmp_path / "repo/a/b/x.ipynb")) == "a/b/x.ipynb"
    assert repository_path(str(tmp_path / "tree/c/x.ipynb")) == "c/x.ipynb"
    assert repository_path("-") == "-"


def test_without_a_repository_paths_are_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here/a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")

    assert repository_path("a/x.ipynb") == "a/x.ipynb"
    assert repository_path("../x.ipynb") == (tmp_path / "x.ipynb").as_posix()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "a%20b.ipynb"),
        (
            {"GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "abc", "GITHUB_SERVER_URL": "https://git.example"},
            "https://git.example/o/r/blob/abc/a%20b.ipynb?plain=1#L7",
        ),
        (
            {"CI_PROJECT_URL": "https://gitlab.example/o/r", "CI_COMMIT_SHA": "abc"},
            "https://gitlab.example/o/r/-/blob/abc/a%20b.ipynb?plain=1#L7",
        ),
    ],
)
def test_links_lead_to_the_revision_under_check(environ: dict[str, str], expected: str) -> None:
    assert linker(environ)("a b.ipynb", 7) == expected
    assert linker(environ)("a b.ipynb", None) == expected.partition("?")[0]


def test_uris_hold_any_path() -> None:
    assert uri_path("a/ü [1]#?.ipynb") == "a/%C3%BC%20%5B1%5D%23%3F.ipynb"
    assert uri_path("a\udcff") == "a%FF"  # a byte that is not UTF-8
    assert uri_path("a\ud800") == "a%5Cud800"
