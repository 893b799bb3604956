"""From the paths that the browser names to files below the server's root, and to none elsewhere."""

from __future__ import annotations

import os
from pathlib import Path


class OutsideError(Exception):
    """A path that the server may not touch; the message says why."""


def local_path(path: str, root: str) -> Path:
    """Give the file that a path of the contents API means.

    Args:
        path: relative to the server's root, with forward slashes.
        root: the server's root folder; "" where its contents are not files.

    Raises:
        OutsideError: it lies outside the root, by itself or by a link, or the server's contents are not files.
    """
    if not root:
        raise OutsideError("this server keeps its notebooks elsewhere than in files")
    if "\0" in path or ":" in path.partition("/")[0]:
        raise OutsideError(f"{path!r} is not a path below the server's root")
    start = Path(root).expanduser().resolve()
    wanted = start.joinpath(*[part for part in path.split("/") if part not in {"", "."}])
    if ".." in wanted.parts or not wanted.resolve().is_relative_to(start):
        raise OutsideError(f"'{path}' lies outside of the server's root")
    return wanted


def api_path(path: Path, root: str) -> str:
    """Give the path of a file as the contents API names it."""
    return Path(os.path.relpath(path.resolve(), Path(root).expanduser().resolve())).as_posix()
