"""A finished project is moved to where it belongs, whole or not at all; what somebody edited there is never lost."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConversionError
from nbpipe.pipeline.project import MARK, OF_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT = Path(MARK) / "project.json"


def check_target(target: Path, notebook: Path) -> None:
    """Raise where the project cannot go.

    Raises:
        ConversionError: something else is there, or files of the pipeline were edited since they were written.
    """
    if not target.exists():
        if not target.parent.is_dir():
            raise ConversionError(f"{target.parent}: no such folder")
        return
    if not target.is_dir():
        raise ConversionError(f"{target}: is a file; choose another folder with -o")
    if not any(target.iterdir()):
        return
    known = read_description(target)
    if known is None or _notebook_of(target, known) != notebook.resolve():
        raise ConversionError(
            f"{target}: exists, and is not a pipeline made from {notebook.name}: choose another folder with -o"
        )
    edited = sorted(edited_files(target, known))
    if edited:
        more = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
        raise ConversionError(
            f"{target}: {edited[0]}{more} was edited since the last conversion, which would be lost: "
            "move the folder away, or convert into another one with -o"
        )


def read_description(folder: Path) -> dict[str, Any] | None:
    """Give the content of a project's project.json, None where there is none that can be read."""
    try:
        content = json.loads((folder / _PROJECT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _notebook_of(folder: Path, description: dict[str, Any]) -> Path:
    return (folder / str(description.get("notebook", ""))).resolve()


def edited_files(folder: Path, description: dict[str, Any]) -> Iterator[str]:
    """Yield the files of a project that are no longer what was generated."""
    files = description.get("files")
    for name, known in (files if isinstance(files, dict) else {}).items():
        path = folder / name
        if path.is_file() and sha256(path) != known:
            yield str(name)


def sha256(path: Path) -> str:
    """Give the digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give an empty folder beside the target that is gone after the block, unless it was moved."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.resolve().parent))
    except OSError as error:
        raise ConversionError(f"{target.parent}: cannot be written: {error.strerror or error}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def generated_files(folder: Path) -> list[str]:
    """Give the files of a fresh project, relative to it, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def clear_traces(folder: Path) -> None:
    """Remove what running a fresh project left in it."""
    own = (folder / MARK / name for name in OF_RUNS)
    for path in [*own, *folder.rglob("__pycache__")]:
        shutil.rmtree(path, ignore_errors=True)


def place(folder: Path, target: Path) -> None:
    """Move a finished project to its place; an earlier one there is updated file by file, its runs are kept.

    Raises:
        ConversionError: the place cannot be written.
    """
    try:
        if target.exists() and not any(target.iterdir()):
            target.rmdir()
        if not target.exists():
            folder.chmod(0o755)  # temporary folders are closed to others
            os.replace(folder, target)  # noqa: PTH105 - one call, no object
            return
        _update(folder, target)
    except OSError as error:
        raise ConversionError(f"{target}: cannot be written: {error.strerror or error}") from error


def _update(folder: Path, target: Path) -> None:
    before = read_description(target) or {}
    files = generated_files(folder)
    for name in files:
        path = target / name
        if not path.is_file() or path.read_bytes() != (folder / name).read_bytes():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder / name, path)  # noqa: PTH105
    for name in before.get("files", {}):
        if name not in files:
            (target / name).unlink(missing_ok=True)
