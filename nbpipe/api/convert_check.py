"""Tells whether pipelines are in step with their notebooks: what `nbpipe convert --check` calls."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.convert.currency import Currency, currency
from nbpipe.errors import ConfigError
from nbpipe.lint.repository import repository_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROJECT = ".nbpipe/project.json"
_GIT_SECONDS = 30.0
# Where nobody keeps a pipeline, and much else.
_LEFT_OUT = frozenset(["node_modules", "__pycache__", "site-packages"])


def convert_check(paths: Sequence[str], *, untracked: bool = False) -> tuple[Currency, ...]:
    """Compare pipelines with the notebooks that they were made from; nothing is run, nothing written.

    Args:
        paths: notebooks: all pipelines made from them, in the git repository (only what git tracks counts) or, outside
            one, below their folders; and pipelines: each itself; other folders: all pipelines below them.
        untracked: whether pipelines count, too, that git does not track (yet), but for what it is told to ignore.

    Returns:
        The pipelines found, sorted; none for a notebook that no pipeline was made from.

    Raises:
        ConfigError: a path does not exist.
    """
    wanted: dict[str, Currency] = {}
    searched: dict[Path, list[Currency]] = {}
    for text in paths:
        path = Path(text)
        if not path.exists():
            raise ConfigError(f"{text}: does not exist: check the path")
        for found in _made_from(path, searched, untracked=untracked):
            wanted[os.path.realpath(found.folder)] = found
    return tuple(wanted[key] for key in sorted(wanted))


def _made_from(path: Path, searched: dict[Path, list[Currency]], *, untracked: bool) -> Iterator[Currency]:
    """Yield the pipelines that a path means; `searched` keeps what was found in each place."""
    if (path / PROJECT).is_file():
        yield currency(path)
        return
    where = path if path.is_dir() else _place(path)
    if where not in searched:
        searched[where] = [currency(folder) for folder in _projects(where, untracked=untracked)]
    real = path.resolve()
    yield from (found for found in searched[where] if path.is_dir() or found.notebook.resolve() == real)


def _place(notebook: Path) -> Path:
    """Give the folder below which a notebook's pipelines lie, as a path relative to the current one where it can be."""
    root = Path(repository_root(str(notebook.parent.absolute())) or notebook.parent)
    try:
        return Path(os.path.relpath(root))
    except ValueError:  # another drive
        return root


def _projects(folder: Path, *, untracked: bool) -> list[Path]:
    """Give the pipelines below a folder: in a git repository those that it tracks."""
    tracked = _tracked(folder, "--others", "--exclude-standard") if untracked else _tracked(folder)
    if tracked is not None:
        return [folder / name.removesuffix(PROJECT) for name in tracked if (folder / name).is_file()]
    found = []
    for place, names, _ in os.walk(folder):
        names[:] = sorted(name for name in names if name not in _LEFT_OUT and not name.startswith("."))
        if (Path(place) / PROJECT).is_file():
            found.append(Path(place))
    return found


def _tracked(folder: Path, *options: str) -> list[str] | None:
    """Give the descriptions of pipelines that git knows of below a folder; None where git does not tell."""
    if not repository_root(str(folder.absolute())):
        return None
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", *options, "--", f":(glob)**/{PROJECT}"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; git is the one that the user has
            command, capture_output=True, timeout=_GIT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode != 0:
        return None
    return [name for name in os.fsdecode(done.stdout).split("\0") if name]
