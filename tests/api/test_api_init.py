"""What `nbpipe init` writes, and that it breaks nothing that is there."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import event, given
from hypothesis import strategies as st

from nbpipe import __version__
from nbpipe.api.init import GITLAB_JOB, REPO, plan
from nbpipe.api.insertion import CannotInsertError, with_job, with_repo, with_table
from nbpipe.cli import main
from nbpipe.cli.check import command
from nbpipe.config import load_settings

TABLE = '[tool.nbpipe]\nfail-on = "error"\n'
JOB = GITLAB_JOB.format(version="1", path="")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    return tmp_path


def files() -> list[str]:
    return sorted(
        path.as_posix() for path in Path().rglob("*") if path.is_file() and not path.as_posix().startswith(".git/")
    )


def repos(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(text)["repos"]
    return found


def test_into_an_empty_repository(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0

    assert capsys.readouterr().out == "wrote nbpipe.toml\nwrote .pre-commit-config.yaml\n"
    assert files() == [".pre-commit-config.yaml", "nbpipe.toml"]
    settings = load_settings(str(folder), environ={})
    assert settings.file == str(folder / "nbpipe.toml")
    assert all(settings.values[name] == getattr(load_settings("/", environ={}), name.replace("-", "_"))
               for name in settings.values)  # fmt: skip
    assert repos(Path(".pre-commit-config.yaml").read_text()) == [
        {"repo": "https://github.com/nbpipe/nbpipe", "rev": f"v{__version__}", "hooks": [{"id": "nbpipe-check"}]}
    ]


def test_a_second_time_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--ci", "github"])
    before = {name: Path(name).read_bytes() for name in files()}
    capsys.readouterr()

    assert main(["init", "--ci", "github"]) == 0

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["kept"] * 3
    assert {name: Path(name).read_bytes() for name in files()} == before


def test_a_dry_run_shows_all_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'a'\n")

    assert main(["init", "--ci", "gitlab", "--dry-run"]) == 0

    shown = capsys.readouterr().out
    assert files() == ["pyproject.toml"]
    assert "--- pyproject.toml\n+++ pyproject.toml\n" in shown
    assert "--- /dev/null\n+++ .gitlab-ci.yml\n" in shown
    assert "+[tool.nbpipe]\n" in shown


def test_a_pyproject_gets_a_table_and_keeps_every_byte(folder: Path) -> None:
    before = b"# ours\r\n[project]\r\nname = 'a'   # odd\r\n\r\n[tool.other]\r\nx=1"
    Path("pyproject.toml").write_bytes(before)

    assert main(["init"]) == 0

    after = Path("pyproject.toml").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    assert tomllib.loads(after.decode())["tool"]["nbpipe"]["fail-on"] == "warning"
    assert not Path("nbpipe.toml").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tool = {x = 1}\n", "not valid TOML, or holds [tool] as a value"),
        ("a = [\n", "not valid TOML"),
    ],
)
def test_a_pyproject_that_cannot_be_added_to_is_left(
    text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pyproject.toml").write_text(text)

    assert main(["init"]) == 1

    written = capsys.readouterr()
    assert reason in written.err
    assert "[tool.nbpipe]\n" in written.out
    assert Path("pyproject.toml").read_text() == text


@pytest.mark.parametrize("text", ["[tool.nbpipe]\n", "tool.nbpipe.select = ['NB1']\n", "[tool]\nnbpipe = {}\n"])
def test_a_pyproject_that_has_settings_is_kept(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text(text)

    assert main(["init"]) == 0

    assert "kept pyproject.toml: it has [tool.nbpipe] already\n" in capsys.readouterr().out


PRE_COMMIT = """\
# our hooks
default_language_version:
  python: python3.12
exclude: |
  (?x)^(
    docs/ .*
  )$
repos:
- repo: https://github.com/astral-sh/ruff-pre-commit
  rev: v0.8.0  # keep
  hooks:
    - id: ruff
      args: [--fix, "--exit-non-zero-on-fix"]
    # - id: ruff-format

- repo: local
  hooks:
    - id: a
      entry: |
        repos:
        # no comment
      language: system
# last words
ci:
  autofix_prs: false
"""


@pytest.mark.parametrize("indent", [0, 2, 4])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("cut", [0, 3])
def test_a_repo_is_added_at_the_end_of_the_list(indent: int, newline: str, cut: int) -> None:
    lines = PRE_COMMIT.splitlines()
    start = lines.index("repos:") + 1
    inside = [" " * indent + line if line else line for line in lines[start:-3]]
    text = newline.join([*lines[:start], *inside, *lines[-3:]][: len(lines) - cut])

    after = with_repo(text, REPO)

    ours = yaml.safe_load(REPO)
    before = yaml.safe_load(text)
    assert yaml.safe_load(after) == {**before, "repos": before["repos"] + ours}
    kept = [line for line in after.split(newline) if line.strip() not in REPO]
    assert kept == [line for line in text.split(newline) if line.strip() not in REPO]


@pytest.mark.parametrize(
    "text",
    [
        "repos: []\n",
        "repos: [{repo: local}]\n",
        "repos:\n",
        "repos: &a\n- repo: local\n",
        "ci: {}\n",
        "{repos: []}\n",
        "repos:\n- repo: local\n  hooks:\n  - id: a\n    args: [\n      a\n    ]\n",
        "repos:\n- repo: local\n  name: 'a\n  b'\n",
        "repos:\n- repo: local\n  name: a\n    b\n",
        "repos:\n- repo: local\n...\n",
        "repos:\n- repo: local\n---\nrepos:\n- repo: local\n",
        "repos:\n\t- repo: local\n",
        "repos:\n- repo: local\n  name: |\n    a",
        "repos:\n- repo: local\n  name: |+\n    a\n\n",
        "repos:\n- repo: local\nrepos:\n- repo: local\n",
    ],
)
def test_where_a_repo_would_go_is_in_doubt(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotInsertError):
        with_repo(text, REPO)

    Path(".pre-commit-config.yaml").write_text(text)
    assert main(["init"]) == 1
    written = capsys.readouterr()
    assert "warning: '.pre-commit-config.yaml' is left as it is: " in written.err
    assert REPO in written.out
    assert Path(".pre-commit-config.yaml").read_text() == text


LINES = st.sampled_from(
    """\
repos:
- repo: a
  rev: b
  hooks:
  - id: c
    args: [a, b]
  - repo: d
    hooks: []
# e
  # f

ci:
  skip: [g]
exclude: |
  - h
    i
- j
---
    entry: >-
'k': l
    name: 'm
      n'
  o
fail_fast: true
    args: [
    ]
- repo: &p q
  - *p
    name: |+""".splitlines()
)


@given(st.sampled_from(["", "repos:\n- repo: z\n"]), st.lists(LINES, max_size=12), st.sampled_from(["", "\n"]))
def test_whatever_is_there_the_rest_means_the_same(start: str, lines: list[str], end: str) -> None:
    text = start + "\n".join(lines) + end
    try:
        before = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    try:
        after = with_repo(text, REPO)
    except CannotInsertError:
        event("in doubt")
        return
    event("added")
    assert yaml.safe_load(after) == {**before, "repos": before["repos"] + yaml.safe_load(REPO)}


GITLAB = st.sampled_from(
    """\
stages: [build, test]
stages:
  - test
- build
build:
  script:
    - |
      make
  - a: b
include:
# a

variables:
  A: 'b'
  B: >
    c
'test':
---
  d
  e: [
  ]""".splitlines()
)


@given(st.lists(GITLAB, max_size=12), st.sampled_from(["", "\n"]))
def test_whatever_jobs_there_are_they_stay(lines: list[str], end: str) -> None:
    text = "\n".join(lines) + end
    try:
        before = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    try:
        after = with_job(text, JOB)
    except CannotInsertError:
        event("in doubt")
        return
    event("added")
    if isinstance(before, dict):
        assert yaml.safe_load(after) == {**before, **yaml.safe_load(JOB)}
    else:
        assert before is None
        assert yaml.safe_load(after) == yaml.safe_load(JOB)


@pytest.mark.parametrize("text", ["stages: [build]\n", "stages:\n  - build\n  - deploy\n", "nbpipe:\n  script: a\n"])
def test_a_job_needs_its_stage_and_its_name(text: str) -> None:
    with pytest.raises(CannotInsertError):
        with_job(text, JOB)
    assert with_job(text.replace("build", "test").replace("nbpipe:", "a:"), JOB)


TOML = st.sampled_from(
    ["[tool]", "[tool.a]", "x = 1", "[[tool.b]]", "tool.c.d = 1", "# a", "tool = {}", '"nbpipe" = 1']
)


@given(st.lists(TOML, max_size=6), st.sampled_from(["", "\n"]))
def test_whatever_tables_there_are_they_stay(lines: list[str], end: str) -> None:
    text = "\n".join(lines) + end
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    try:
        after = with_table(text, TABLE)
    except CannotInsertError:
        event("in doubt")
        return
    event("added")
    assert after.startswith(text)
    expected = {**before, "tool": {**before.get("tool", {}), "nbpipe": {"fail-on": "error"}}}
    assert tomllib.loads(after) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".github/dependabot.yml": ""}, ".github/workflows/nbpipe.yml"),
        ({".gitlab-ci.yml": "build:\n  script: make\n"}, ".gitlab-ci.yml"),
        ({".git/config": '[remote "origin"]\n\turl = git@github.com:a/b.git\n'}, ".github/workflows/nbpipe.yml"),
        ({".git/config": '[remote "origin"]\n\turl = https://gitlab.example.org/a/b\n'}, ".gitlab-ci.yml"),
        ({}, None),
    ],
)
def test_the_job_is_for_the_ci_in_use(files: dict[str, str], expected: str | None) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)

    paths = [change.path.as_posix() for change in plan()]

    assert paths[2:] == ([expected] if expected else [])
    assert len(list(plan(ci="none"))) == 2


def test_the_hook_and_the_job_go_to_the_root_of_the_repository(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a b/c").mkdir(parents=True)
    Path(".git/refs/remotes/origin").mkdir(parents=True)
    Path(".git/refs/remotes/origin/HEAD").write_text("ref: refs/remotes/origin/trunk/1\n")

    assert main(["init", "a b/c", "--ci", "github"]) == 0

    assert files() == [".github/workflows/nbpipe.yml", ".pre-commit-config.yaml", "a b/c/nbpipe.toml"]
    workflow = yaml.safe_load(Path(".github/workflows/nbpipe.yml").read_text())
    assert workflow[True]["push"]["branches"] == ["trunk/1"]
    assert workflow["jobs"]["check"]["steps"][-1]["run"].startswith("nbpipe check 'a b/c' --output-format github ")


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_the_command_of_a_job_is_one_that_check_takes(ci: str) -> None:
    main(["init", "--ci", ci])
    if ci == "github":
        line = yaml.safe_load(Path(".github/workflows/nbpipe.yml").read_text())["jobs"]["check"]["steps"][-1]["run"]
    else:
        line = yaml.safe_load(Path(".gitlab-ci.yml").read_text())["nbpipe"]["script"][-1]

    words = line.replace('"', "").replace("$GITHUB_STEP_SUMMARY", "summary.md").split()
    assert words[:2] == ["nbpipe", "check"]
    assert main(words[1:]) == 0
    written = [word.partition("=")[2] for word in words if "=" in word]
    assert all(Path(name).is_file() for name in written)
    assert len(written) == 1


def test_wrong_calls_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "nowhere"]) == 2
    assert capsys.readouterr().err == "error: there is no folder 'nowhere'\n"
    Path("pyproject.toml").write_bytes(b"\xff")
    assert main(["init"]) == 2
    assert capsys.readouterr().err == "error: 'pyproject.toml' is not UTF-8 text\n"
    assert files() == ["pyproject.toml"]


def test_the_page_shows_the_entry_that_is_written() -> None:
    page = (Path(__file__).parents[2] / "docs/pages/check.md").read_text()

    assert "".join(f"  {line}\n" for line in REPO.splitlines()) in page


def test_the_hooks_for_pre_commit_are_commands_of_check_and_one_of_verify() -> None:
    *hooks, verifying = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())

    assert [hook["id"] for hook in hooks] == ["nbpipe-check", "nbpipe-fix"]
    # What runs notebooks needs their packages, and is not for every commit.
    assert verifying["entry"] == "nbpipe verify"
    assert (verifying["language"], verifying["stages"]) == ("system", ["pre-push", "manual"])
    flags = {flag for parameter in command.params for flag in parameter.opts}
    for hook in hooks:
        assert (hook["types_or"], hook["require_serial"], hook["language"]) == (["jupyter"], True, "python")
        words = hook["entry"].split()
        assert words[:2] == ["nbpipe", "check"]
        if hook["id"] == "nbpipe-check":
            assert set(words[2:]) <= flags
    assert yaml.safe_load(REPO)[0]["hooks"][0]["id"] == hooks[0]["id"]
