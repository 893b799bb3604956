"""Paths as a service that hosts the repository knows them, and links to files there."""
# pathlib and urllib cost much at start-up, and `nbpipe check` counts that; few formats need this:
# ruff: noqa: PTH100, PTH118, PTH120, PTH123

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def repository_path(path: str) -> str:
    """Give a path relative to the repository it lies in, else to the current folder, with forward slashes.

    One that lies in neither is given absolute; ``-``, standard input, as it is.
    """
    if path == "-":
        return path
    full = os.path.abspath(path)
    for root in (repository_root(os.path.dirname(full)), os.getcwd()):  # noqa: PTH109
        if root and full.startswith(os.path.join(root, "")):
            return full[len(os.path.join(root, "")) :].replace(os.sep, "/")
    return full.replace(os.sep, "/")


def uri_path(path: str) -> str:
    """Give a path as a part of a URI."""
    from urllib.parse import quote

    try:
        data = path.encode("utf-8", "surrogateescape")  # the bytes that the file system has
    except UnicodeEncodeError:
        data = path.encode("utf-8", "backslashreplace")
    return quote(data, safe="/~")


def linker(environ: Mapping[str, str]) -> Callable[[str, int | None], str]:
    """Give what makes links to a path in the repository and a line there, from what the CI says of where it runs.

    On GitHub and GitLab they lead to the revision under check; elsewhere they are relative.
    """
    if environ.get("GITHUB_REPOSITORY") and environ.get("GITHUB_SHA"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com")
        base = f"{server}/{environ['GITHUB_REPOSITORY']}/blob/{environ['GITHUB_SHA']}/"
    elif environ.get("CI_PROJECT_URL") and environ.get("CI_COMMIT_SHA"):
        base = f"{environ['CI_PROJECT_URL']}/-/blob/{environ['CI_COMMIT_SHA']}/"
    else:
        return lambda path, _: uri_path(path)
    # Both draw notebooks, which have no lines, unless asked for the plain text.
    return lambda path, line: base + uri_path(path) + (f"?plain=1#L{line}" if line is not None else "")


@cache
def repository_root(folder: str) -> str:
    """Give the folder of the git repository that a folder belongs to, "" where there is none."""
    while not os.path.exists(os.path.join(folder, ".git")):  # noqa: PTH110 - a folder, or a file in a work tree
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent
    return folder


def git_folder(root: str) -> str:
    """Give the folder that git keeps for the repository at `root`; of a linked work tree, that of the main one."""
    found = os.path.join(root, ".git")
    try:
        with open(found, encoding="utf-8") as file:  # a work tree's or a submodule's, which only names the folder
            found = os.path.join(root, file.read().removeprefix("gitdir:").strip())
        with open(os.path.join(found, "commondir"), encoding="utf-8") as file:
            return os.path.join(found, file.read().strip())
    except (OSError, UnicodeDecodeError):
        return found
