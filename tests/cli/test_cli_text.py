"""`nbpipe check` on scripts and Markdown that are notebooks."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from nbpipe.cli import main
from nbpipe.lint.files import find_notebooks
from tests.lint import fix_rules

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\nprint(y)\n"


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_script_that_is_named_is_checked_and_its_lines_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)

    assert main(["check", "a.py", "--output-format=json", "--select=NB102"]) == 1
    out = capsys.readouterr().out
    assert '"json_line": 8,' in out
    assert '"number": 3,' in out


def test_folders_are_searched_for_them_only_where_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    (tmp_path / "plain.py").write_text("print(y)\n")
    (tmp_path / "README.md").write_text("# Read me\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "b.qmd").write_text("```{python}\nprint(y)\n```\n")

    assert [found.path for found in find_notebooks(["."])] == []
    found = find_notebooks(["."], text=("*.py", "*.md", "docs/*.qmd"))
    assert [each.path for each in found] == ["a.py", "docs/b.qmd"]
    assert [each.path for each in find_notebooks(["."], ("a.py",), text=("*.py",))] == []
    assert [each.path for each in find_notebooks(["*.py"])] == ["a.py", "plain.py"]


def test_the_key_is_read_from_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    (tmp_path / "nbpipe.toml").write_text('text-notebooks = ["*.py"]\n')

    assert main(["check", "--output-format=concise"]) == 1
    assert capsys.readouterr().out.startswith("a.py:cell 3:1:7: NB102 [error]")


def test_they_are_fixed_in_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fix_rules.install(monkeypatch, *fix_rules.RULES)
    text = "# ---\n# jupyter:\n#   jupytext: {}\n# ---\n\n# %% [markdown]\n# the old one\n\n# %%\nold =  12\n"
    (tmp_path / "a.py").write_text(text)

    assert main(["check", "a.py", "--diff"]) == 1
    assert capsys.readouterr().out.splitlines()[-4:] == ["a.py, cell 2", "@@ -1 +1 @@", "-old =  12", "+new =  12"]
    assert main(["check", "a.py", "--fix", "--unsafe-fixes"]) == 0

    assert (tmp_path / "a.py").read_text() == (
        text.replace("# %% [m", '# %% tags=["parameters"]\nN12 = 12\n\n# %% [m')
        .replace("old", "new")
        .replace(" 12\n", " N12\n")
    ).replace("N12 = N12", "N12 = 12")


def test_what_the_format_cannot_hold_is_left_and_the_rest_is_fixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fix_rules.install(monkeypatch, *fix_rules.RULES)
    text = "# Databricks notebook source\nold = 12\n\n# COMMAND ----------\n\nold\n"
    (tmp_path / "a.py").write_text(text)

    main(["check", "a.py", "--fix", "--unsafe-fixes"])

    assert (tmp_path / "a.py").read_text() == text.replace("old", "new")


def test_they_are_fixed_on_standard_input(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    fix_rules.install(monkeypatch, *fix_rules.RULES)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"# %%\nold\n")))

    assert main(["check", "--fix", "-", "--stdin-filename=a.py"]) == 0
    assert capsysbinary.readouterr().out == b"# %%\nnew\n"


def test_a_missing_extra_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    monkeypatch.setitem(sys.modules, "jupytext", None)

    assert main(["check", "a.py"]) == 2
    assert capsys.readouterr().err == (
        "error: reading scripts and Markdown as notebooks needs the extra 'text': "
        "python -m pip install 'nbpipe[text]'\n"
    )
