"""`nbpipe check` as people call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from nbpipe.cli import main
from nbpipe.lint import engine
from nbpipe.lint.schema import diagnostics_schema

if TYPE_CHECKING:
    from nbpipe.lint.rule import RuleInfo


def write(path: Path, *sources: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}))
    return path.name


def nbpipe(*arguments: str, folder: Path, stdin: bytes = b"", **environ: str) -> tuple[int, str, str]:
    """Run it in a folder; give the exit code and what it wrote, which is never a traceback."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NBPIPE_")}
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "nbpipe", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env={**kept, "PYTHONPATH": root, **environ},
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return done.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "bad.ipynb", "x = 1", "y = = x")
    write(tmp_path / "good.ipynb", "x = 1")
    return tmp_path


def test_findings_give_1_and_none_give_0(folder: Path) -> None:
    code, out, err = nbpipe("check", folder=folder)
    assert (code, err) == (1, "")
    assert out.startswith("error[NB002] syntax-error: cell does not parse")
    assert out.endswith("\nChecked 2 notebooks: 1 error, 0 warnings, 0 infos.\n")

    code, out, err = nbpipe("check", "good.ipynb", folder=folder)
    assert (code, out, err) == (0, "Checked 1 notebook: nothing found.\n", "")


def test_exit_zero_hides_findings_but_not_errors(folder: Path) -> None:
    assert nbpipe("check", "--exit-zero", folder=folder)[0] == 0
    assert nbpipe("check", "--exit-zero", "no.ipynb", folder=folder)[0] == 2


def test_a_rule_that_fails_is_an_internal_error_whatever_else_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(info: RuleInfo) -> None:
        raise KeyError(info.name)

    monkeypatch.setattr(engine, "load", broken)

    assert main(["check", "--exit-zero", "--select", "NB002", str(folder / "good.ipynb")]) == 2
    written = capsys.readouterr()
    assert written.err.startswith("error: internal error: rule NB002 (syntax-error) failed on ")
    assert written.err.count("\n") == 1
    assert written.out == "Checked 1 notebook: nothing found.\n"

    assert main(["check", "--debug", "--select", "NB002", str(folder / "good.ipynb")]) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_concise_and_quiet(folder: Path) -> None:
    code, out, _ = nbpipe("check", "-q", "--output-format=concise", folder=folder)

    assert (code, out.count("\n")) == (1, 1)
    assert out.startswith("bad.ipynb:cell 2:1:5: NB002 [error] cell does not parse: ")


def test_what_git_ignores_is_left_out_unless_asked_for(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("bad.ipynb\n")

    assert nbpipe("check", "--show-files", folder=folder)[1] == "good.ipynb\n"
    assert nbpipe("check", "--show-files", "bad.ipynb", folder=folder)[1] == "bad.ipynb\n"
    everything = (0, "bad.ipynb\ngood.ipynb\n", "")
    assert nbpipe("check", "--show-files", "--no-respect-gitignore", folder=folder) == everything
    assert nbpipe("check", "--show-files", folder=folder, NBPIPE_RESPECT_GITIGNORE="false") == everything
    excluded = ("check", "--show-files", "--exclude=bad*", "--force-exclude", "bad.ipynb")
    assert nbpipe(*excluded, folder=folder) == (0, "", "")
    (folder / "nbpipe.toml").write_text("respect-gitignore = false\n")
    assert nbpipe("check", "--show-files", folder=folder) == everything
    message = (
        "error: environment variable NBPIPE_RESPECT_GITIGNORE: 'respect-gitignore' must be true or false, not \"no\""
    )
    assert nbpipe("check", folder=folder, NBPIPE_RESPECT_GITIGNORE="no") == (2, "", message + "\n")


def test_since_a_revision(folder: Path) -> None:
    def git(*arguments: str) -> None:
        names = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "a")
    stdin = (folder / "bad.ipynb").read_bytes()
    named = ("check", "-", "--since=HEAD", "--stdin-filename")
    assert nbpipe(*named, "bad.ipynb", folder=folder, stdin=stdin)[0] == 0
    assert nbpipe(*named, "good.ipynb", folder=folder, stdin=stdin)[0] == 1
    nothing = (0, "Checked 0 notebooks: nothing found.\n", "no notebook has changed since HEAD\n")
    assert nbpipe("check", "--since", "HEAD", folder=folder) == nothing

    write(folder / "good.ipynb", "x = 1", "z = = 2")
    code, out, _ = nbpipe("check", "--since=HEAD", "--output-format=concise", folder=folder)
    assert (code, out.partition(" NB")[0]) == (1, "good.ipynb:cell 2:1:5:")
    assert nbpipe("check", "--since=HEAD", "--show-files", folder=folder)[1] == "good.ipynb\n"
    for arguments in (
        ["-"],
        ["--fix"],
        ["--diff"],
        ["--add-ignores"],
        ["--write-baseline", "x"],
        ["--since", "nowhere"],
    ):
        code, out, err = nbpipe("check", "--since=HEAD", *arguments, folder=folder, stdin=stdin)
        assert (code, out, err[:14], err.count("\n")) == (2, "", "error: --since", 1)


def test_json_keeps_to_the_schema(folder: Path) -> None:
    (folder / "broken.ipynb").write_text('{"cells": [')

    code, out, err = nbpipe("check", "--output-format", "json", folder=folder)

    assert (code, err) == (1, "")
    document: dict[str, Any] = json.loads(out)
    jsonschema.validate(document, diagnostics_schema())
    assert document["summary"] == {"notebooks": 3, "errors": 2, "warnings": 0, "infos": 0, "fixable": 0}


@pytest.mark.parametrize("plain", [True, False])
def test_standard_input(folder: Path, plain: bool) -> None:  # noqa: FBT001 - through click or not
    stdin = (folder / "bad.ipynb").read_bytes()
    environ = {} if plain else {"NBPIPE_CHECK_EXIT_ZERO": "0"}

    code, out, _ = nbpipe(
        "check", "-", "--stdin-filename", "a.ipynb", "--output-format=concise", folder=folder, stdin=stdin, **environ
    )

    assert code == 1
    assert out.startswith("a.ipynb:cell 2:1:5: NB002")
    assert nbpipe("check", "-", "b.ipynb", folder=folder) == (
        2,
        "",
        "error: standard input (-) cannot be checked together with other paths\n",
    )


def test_the_environment_and_the_file_are_heard(folder: Path) -> None:
    assert nbpipe("check", folder=folder, NBPIPE_IGNORE="NB002")[0] == 0
    assert nbpipe("check", folder=folder, NBPIPE_CHECK_EXIT_ZERO="1")[0] == 0
    (folder / "pyproject.toml").write_text('[tool.nbpipe.per-file-ignores]\n"bad*" = ["syntax-error"]\n')
    assert nbpipe("check", folder=folder)[0] == 0
    assert nbpipe("check", "--per-file-ignores", "x=NB1", folder=folder)[0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.ipynb"], "error: no such file or folder: 'no.ipynb'"),
        (["--select", "NB999"], "error: command line: select: unknown rule 'NB999'"),
        (["--output-format", "ful"], "error: command line: unknown output-format 'ful'. Did you mean 'full'?"),
        (["--fail-on", "never"], "error: command line: 'fail-on' must be one of"),
        (["--severity", "NB002=bad"], "error: command line: 'severity' must be a table of severities"),
    ],
)
def test_wrong_calls_are_one_line_and_2(folder: Path, arguments: list[str], message: str) -> None:
    code, out, err = nbpipe("check", *arguments, folder=folder)

    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.nbpipe]\nselct = []\n", "unknown key 'selct'. Did you mean 'select'?"),
        ("[tool.nbpipe]\nselect = 3\n", "'select' must be a list of strings, not int"),
        ("[tool.nbpipe\n", "not valid TOML"),
    ],
)
def test_wrong_configuration_is_one_line_and_2(folder: Path, text: str, message: str) -> None:
    path = folder / "pyproject.toml"
    path.write_text(text)

    code, out, err = nbpipe("check", folder=folder)

    assert (code, out) == (2, "")
    assert err.startswith(f"error: {path}: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_folder_without_notebooks_is_said(tmp_path: Path) -> None:
    assert nbpipe("check", folder=tmp_path) == (
        0,
        "Checked 0 notebooks: nothing found.\n",
        "warning: no notebooks found\n",
    )


def test_names_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    odd = os.fsdecode(b"b\xffd\x1b[31m.ipynb")
    (tmp_path / odd).write_bytes(b"")

    code, out, _ = nbpipe("check", "--output-format=concise", folder=tmp_path, LC_ALL="C")

    assert code == 1
    assert "\x1b" not in out
    assert nbpipe("check", "--output-format=json", folder=tmp_path)[0] == 1


def test_colours_only_where_they_are_wanted(folder: Path) -> None:
    assert "\x1b" not in nbpipe("check", folder=folder)[1]
