"""Whether a pipeline project still is what its notebook would give: told by recorded hashes, nothing is run."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.convert.placing import read_description
from nbpipe.errors import NotebookError
from nbpipe.notebook.read import parse_notebook, read_bytes
from nbpipe.steps.suggestion import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.notebook import Notebook


@dataclass(frozen=True, slots=True)
class Currency:
    """How a project stands to its notebook.

    Attributes:
        folder: the project.
        notebook: the notebook that it says it was made from.
        problem: why the two are not in step, as the end of a sentence; "" where they are.
    """

    folder: Path
    notebook: Path
    problem: str = ""


def cells_sha256(notebook: Notebook) -> str:
    """Give the digest of what a conversion reads of a notebook: each cell's type, tags and source.

    Outputs and counts are left out: running a notebook again does not put its pipeline out of step.
    """
    cells = [[cell.cell_type, list(cell.tags), cell.source] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def currency(folder: Path) -> Currency:
    """Compare what a project recorded of its notebook with the notebook."""
    description = read_description(folder)
    if description is None or not isinstance(description.get("notebook"), str):
        return Currency(folder, folder, "has a .nbpipe/project.json that cannot be read: restore it, or convert again")
    notebook = Path(os.path.normpath(folder / description["notebook"]))
    try:
        data = read_bytes(notebook)
        same = hashlib.sha256(data).hexdigest() == description.get("notebook_sha256")
        same = same or cells_sha256(parse_notebook(data)) == description.get("cells_sha256")
    except NotebookError as error:
        return Currency(folder, notebook, f"was made from {_shown(notebook)}, which {_predicate(str(error))}")
    if not same:
        return Currency(
            folder,
            notebook,
            f"was made from {_shown(notebook)} before its cells changed: {_advice(notebook, folder, description)}",
        )
    changed = changed_module(folder, description)
    if changed:
        return Currency(
            folder,
            notebook,
            f"has a copy of {_shown(changed)}, which changed since: {_advice(notebook, folder, description)}",
        )
    base = Path(os.path.normpath(folder / str(description.get("base") or ".")))
    if base.resolve() != notebook.parent.resolve():
        return Currency(
            folder,
            notebook,
            f"resolves paths from {_shown(base)}, but its notebook lies in {_shown(notebook.parent)}: "
            f"{_advice(notebook, folder, description)}",
        )
    return Currency(folder, notebook)


def changed_module(folder: Path, description: Mapping[str, Any]) -> Path | None:
    """Give the first module or script beside the notebook that is no longer what was copied; None where all are."""
    for origin, digest in _copied(description):
        path = Path(os.path.normpath(folder / origin))
        try:
            same = hashlib.sha256(path.read_bytes()).hexdigest() == digest
        except OSError:
            same = False
        if not same:
            return path
    return None


def _copied(description: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the files beside the notebook that a project has copies of, each with its digest."""
    modules, files = description.get("modules"), description.get("files")
    if isinstance(modules, dict) and isinstance(files, dict):
        yield from ((str(origin), str(files.get(name))) for name, origin in modules.items())
    inlined = description.get("inlined")
    if isinstance(inlined, dict):
        yield from ((str(origin), str(digest)) for origin, digest in inlined.items())


def _advice(notebook: Path, folder: Path, description: Mapping[str, Any]) -> str:
    """Give the command that makes the project again, with the options that it was made with."""
    from shlex import quote

    split = description.get("split", TAGS)
    options = f" --split {quote(str(split))}" if split != TAGS else ""
    options += " --extract-settings" if description.get("extract_settings") else ""
    golden = description.get("golden_data")
    options += f" --golden-data {golden}" if isinstance(golden, int) else ""
    return f"nbpipe convert {quote(_shown(notebook))} -o {quote(_shown(folder))}{options}"


def _shown(path: Path) -> str:
    return path.as_posix()


def _predicate(message: str) -> str:
    """Give a message about a file as what follows "which"."""
    return "does not exist" if message.startswith("no such file") else message
