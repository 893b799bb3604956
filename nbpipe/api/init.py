"""Brings nbpipe into a project: configuration, the pre-commit hook, a job for CI. What is there is never replaced."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe import __version__
from nbpipe.api.insertion import CannotInsertError, has_table, with_job, with_repo, with_table
from nbpipe.errors import ConfigError, NotebookError
from nbpipe.lint.repository import git_folder, repository_root
from nbpipe.notebook.save import save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CI = ("github", "gitlab", "none")
PRE_COMMIT = ".pre-commit-config.yaml"
GITLAB = ".gitlab-ci.yml"
WORKFLOW = ".github/workflows/nbpipe.yml"

SETTINGS = """\
# `nbpipe rules` lists the rules, `nbpipe config` shows what is in force and from where.
# Rules to check besides those that are on by default: codes, names, prefixes or families, such as "hygiene".
extend-select = []
# Rules not to check.
ignore = []
# The lowest severity that makes a check fail: "error", "warning" or "info".
fail-on = "warning"
"""

REPO = f"""\
- repo: https://github.com/nbpipe/nbpipe
  rev: v{__version__}
  hooks:
    - id: nbpipe-check
"""

GITHUB_JOB = """\
name: nbpipe
on:
  pull_request:
  push:
    branches: ["{branch}"]
permissions:
  contents: read
  security-events: write
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install nbpipe=={version}
      # Findings appear as annotations in the pull request, as a table in the run's summary, and under Security.
      - run: >-
          nbpipe check{path} --output-format github
          --output-file "markdown=$GITHUB_STEP_SUMMARY" --output-file sarif=nbpipe.sarif
      # Not in pull requests from forks, which may not write. A private repository needs GitHub Code Security for this.
      - uses: github/codeql-action/upload-sarif@v3
        if: always() && !github.event.pull_request.head.repo.fork
        continue-on-error: true
        with:
          sarif_file: nbpipe.sarif
          category: nbpipe
"""

GITLAB_JOB = """\
nbpipe:
  image: python:3.12-slim
  script:
    - python -m pip install nbpipe=={version}
    # Findings appear in the merge request.
    - |
      nbpipe check{path} --output-format concise --output-file gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


class Change:
    """What is to be done to one file.

    Attributes:
        path: the file.
        before: what it holds; None where there is none.
        after: what it shall hold.
        reason: why nothing is to be done; "" where something is.
        missing: what somebody has to add by hand; "" where nothing.
    """

    __slots__ = ("after", "before", "missing", "path", "reason")

    def __init__(self, path: Path, before: str | None, after: str = "", reason: str = "", missing: str = "") -> None:
        self.path = path
        self.before = before
        self.after = after
        self.reason = reason
        self.missing = missing

    def apply(self) -> None:
        """Write the file; raises ConfigError where it cannot be."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save(self.path, self.after)
        except (NotebookError, OSError) as error:
            what = str(error) if isinstance(error, NotebookError) else f"cannot be written: {error.strerror or error}"
            raise ConfigError(f"'{self.path}' {what}") from None


def plan(folder: str = ".", ci: str = "") -> Iterator[Change]:
    """Yield what has to be done to bring nbpipe into a project.

    Args:
        folder: the project's. The hook and the job go into the root of the git repository that it lies in.
        ci: ``github``, ``gitlab`` or ``none``; by default what the repository seems to use.

    Raises:
        ConfigError: there is no such folder, or a file cannot be read.
    """
    project = Path(folder)
    if not project.is_dir():
        raise ConfigError(f"there is no folder '{folder}'")
    root = Path(repository_root(str(project.absolute().resolve())) or project)
    same = root.resolve() == project.resolve()
    root = project if same else root
    path = "" if same else " " + _quoted(project.resolve().relative_to(root.resolve()).as_posix())
    yield _settings(project)
    yield _added(root / PRE_COMMIT, REPO, "repos:\n", with_repo)
    values = {"version": __version__, "path": path}
    ci = ci or _ci(root)
    if ci == "github":
        workflow = root / WORKFLOW
        text = GITHUB_JOB.format(branch=_branch(root), **values)
        there = _read(workflow)
        yield Change(workflow, None, text) if there is None else Change(workflow, there, reason="it is there already")
    elif ci == "gitlab":
        yield _added(root / GITLAB, GITLAB_JOB.format(**values), "", with_job)


def _settings(folder: Path) -> Change:
    """Give the change that writes the configuration."""
    own, project = folder / "nbpipe.toml", folder / "pyproject.toml"
    there = _read(own)
    if there is not None:
        return Change(own, there, reason="it is there already")
    text = _read(project)
    if text is None:
        return Change(own, None, SETTINGS)
    if has_table(text, "nbpipe"):
        return Change(project, text, reason="it has [tool.nbpipe] already")
    table = "[tool.nbpipe]\n" + SETTINGS
    try:
        return Change(project, text, with_table(text, table))
    except CannotInsertError as error:
        return Change(project, text, reason=str(error), missing=table)


def _added(path: Path, text: str, head: str, insert: Callable[[str, str], str]) -> Change:
    """Give the change that adds a text to a YAML file, or makes the file of `head` and the text."""
    there = _read(path)
    if there is None or not there.strip():
        lines = "".join(f"  {line}\n" for line in text.splitlines()) if head else text
        return Change(path, there, head + lines)
    if "nbpipe" in there:
        return Change(path, there, reason="it names nbpipe already")
    try:
        return Change(path, there, insert(there, text))
    except CannotInsertError as error:
        return Change(path, there, reason=str(error), missing=text)


def _read(path: Path) -> str | None:
    """Give a file's text, None where there is no file."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ConfigError(f"'{path}' is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"'{path}' cannot be read: {error.strerror or error}") from None


def _ci(root: Path) -> str:
    """Tell which CI a repository seems to use: by its files, else by where it was cloned from."""
    if (root / ".github").is_dir():
        return "github"
    if (root / GITLAB).is_file():
        return "gitlab"
    try:
        known = (Path(git_folder(str(root))) / "config").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "none"
    hosts = re.findall(r"^\s*url\s*=.*?(github|gitlab)", known, re.MULTILINE)
    return str(hosts[0]) if hosts else "none"


def _branch(root: Path) -> str:
    """Give the name of the main branch, as far as a clone knows it."""
    try:
        text = (Path(git_folder(str(root))) / "refs/remotes/origin/HEAD").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "main"
    return text.strip().removeprefix("ref: refs/remotes/origin/") if text.startswith("ref: ") else "main"


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
