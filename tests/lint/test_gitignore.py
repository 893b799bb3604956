"""What git ignores, compared with what git itself says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from nbpipe.lint import gitignore
from nbpipe.lint.files import find_notebooks
from nbpipe.lint.gitignore import Patterns

FOLDERS = ("", "a/", "b/", "a/b/", "a/b/a/", "ab/", "a b/", "b/a/")
NAMES = (
    "a.ipynb",
    "b.ipynb",
    "ab.ipynb",
    "a b.ipynb",
    "[a].ipynb",
    "a-b.ipynb",
    "é.ipynb",
    "!a.ipynb",
    "#b.ipynb",
    " ",
)
CLEAN = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
}

WILD = ("*.ipynb", "*", "**", "***", "?", "/**/", "**/", "/**", "\\a", "\\*", "\\[", "\\", "\\!", "\\#", "\\ ")
SETS = ("[a]", "[!a]", "[^b-z]", "[a-b]", "[]a]", "[b-a]", "[a", "[\\]a]", "[a-]", "[-a]", "[a\\-b]", "[/]")
CLASSES = ("[[:alpha:]]", "[![:lower:]]", "[[:punct:]a]", "[[:no:]]", "[[:a]", "[[:]")
PIECES = st.sampled_from(["a", "b", "ab", "a b", ".ipynb", "/", "!", "#", " ", "é", "-", *WILD, *SETS, *CLASSES])
LINES = st.builds(
    lambda start, pieces, end: start + "".join(pieces) + end,
    st.sampled_from(["", "", "!", "/", "!/"]),
    st.lists(PIECES, min_size=1, max_size=5),
    st.sampled_from(["", "", "/", " ", "\r"]),
)
FILES = st.dictionaries(
    st.sampled_from([".gitignore", ".gitignore", "a/.gitignore", "a/b/.gitignore", ".git/info/exclude"]),
    st.lists(LINES, min_size=1, max_size=4).map("\n".join),
    min_size=1,
    max_size=3,
)


def git(*arguments: str, folder: Path) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, env=CLEAN, capture_output=True, check=True).stdout


def by_git(folder: Path) -> list[str]:
    listed = git("ls-files", "--others", "--exclude-standard", "-z", folder=folder)
    return sorted(name for name in os.fsdecode(listed).split("\0") if name.endswith(".ipynb"))


def by_nbpipe(folder: str = ".") -> list[str]:
    return sorted(each.path for each in find_notebooks([folder]))


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(text.encode())


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git("init", "-q", folder=tmp_path)
    monkeypatch.chdir(tmp_path)
    write({folder + name: "" for folder in FOLDERS for name in NAMES})
    return tmp_path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES)
@example(files={".gitignore": "a/\n!a/b/\n!a/b/b.ipynb"})
@example(files={".gitignore": "*.ipynb\n!a.ipynb\n*b.ipynb\n!ab.ipynb"})
@example(files={".gitignore": "!a.ipynb\n*.ipynb\nab\n!ab/"})
@example(files={".gitignore": "*.ipynb/\nb*/"})
@example(files={".gitignore": "*.ipynb\n!/b/*.ipynb", "a/.gitignore": "!b.ipynb", ".git/info/exclude": "ab"})
@example(files={".gitignore": "\ufeffa.ipynb\n# a\n\\#b.ipynb\n\\!a.ipynb"})
def test_the_same_is_ignored_as_by_git(tree: Path, files: dict[str, str]) -> None:
    for name in (".gitignore", "a/.gitignore", "a/b/.gitignore", ".git/info/exclude"):
        Path(name).unlink(missing_ok=True)
    write(files)

    expected = by_git(tree)

    event("all" if not expected else "none" if len(expected) == len(FOLDERS) * (len(NAMES) - 1) else "some")
    assert by_nbpipe() == expected


def test_a_linked_gitignore_does_not_count_as_for_git(tree: Path) -> None:
    write({"patterns": "a.ipynb"})
    Path(".gitignore").symlink_to("patterns")

    assert "a.ipynb" in by_nbpipe()
    assert by_nbpipe() == [name for name in by_git(tree) if name.endswith(".ipynb")]


def test_a_path_that_is_given_is_taken(tree: Path) -> None:
    write({".gitignore": "*.ipynb\nb/"})

    assert by_nbpipe() == []
    assert by_nbpipe("a.ipynb") == ["a.ipynb"]
    write({".gitignore": "b/"})
    assert "b/a.ipynb" in by_nbpipe("b")


def test_files_above_a_folder_count_for_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write({".gitignore": "/a/b/a.ipynb\nb/b.ipynb\n[!a]b.ipynb", "a/.gitignore": "b/ab.ipynb"})
    expected = [name.removeprefix("a/b/") for name in by_git(tree) if name.startswith("a/b/")]
    monkeypatch.chdir(tree / "a" / "b")

    assert by_nbpipe() == expected
    assert "a.ipynb" not in expected


def test_a_repository_in_a_repository_has_only_its_own_files(tree: Path) -> None:
    write({".gitignore": "a.ipynb"})
    git("init", "-q", "ab", folder=tree)
    write({"ab/.gitignore": "b.ipynb"})

    found = by_nbpipe()

    assert "ab/a.ipynb" in found
    assert "ab/b.ipynb" not in found
    assert "b/a.ipynb" not in found


def test_a_linked_work_tree_has_the_exclusions_of_the_main_one(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "a")
    git(*commit, folder=tree)
    git("worktree", "add", "-q", "linked", folder=tree)
    write({".git/info/exclude": "a.ipynb", "linked/a.ipynb": "", "linked/b.ipynb": ""})
    monkeypatch.chdir(tree / "linked")

    assert by_nbpipe() == ["b.ipynb"] == by_git(tree / "linked")


def test_outside_of_a_repository_nothing_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gitignore, "repository_root", lambda folder: "")
    write({".gitignore": "*.ipynb", "a.ipynb": "", "b/.gitignore": "*.ipynb", "b/c.ipynb": "", "d/.gitignore": "e*"})
    git("init", "-q", "d", folder=tmp_path)
    write({"d/e.ipynb": "", "d/f.ipynb": ""})

    assert by_nbpipe() == ["a.ipynb", "b/c.ipynb", "d/f.ipynb"]


def test_it_can_be_switched_off(tree: Path) -> None:
    write({".gitignore": "*"})

    assert len(list(find_notebooks(["."], respect_gitignore=False))) == len(FOLDERS) * (len(NAMES) - 1)


def test_a_name_without_wildcards_is_looked_up() -> None:
    patterns = Patterns(b"build/\n!build\n*.tmp\ndocs/*.ipynb\n")

    assert patterns.ignores(b"build", b"build", is_folder=True) is False
    assert patterns.ignores(b"x.tmp", b"a/x.tmp", is_folder=False) is True
    assert patterns.ignores(b"x.ipynb", b"docs/x.ipynb", is_folder=False) is True
    assert patterns.ignores(b"x.ipynb", b"a/docs/x.ipynb", is_folder=False) is None
