"""The notebook that is run: read once, made valid nbformat 4.5, its outputs cleared."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, ExecutionError, NotebookError
from nbpipe.notebook import parse_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.notebook import Notebook

MARK = "nbpipe_source_index"
"""Metadata key that carries a cell's place in the source through papermill's injection."""

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_TITLE_LENGTH = 60

SKIP_TAG = "skip-execution"
OWN_TAG = "nbpipe-own"
"""Of cells that are put among the notebook's to observe it."""
EXPECTED_ERROR_TAG = "raises-exception"


class Document:
    """A notebook file as it is about to run.

    Attributes:
        path: the file, absolute.
        notebook: nbpipe's view of it.
        node: nbformat 4.5 (a `NotebookNode`), free of stale outputs, each cell marked with its place.
        sha256: of the file's bytes.
        titles: see `titles`.
    """

    __slots__ = ("node", "notebook", "path", "sha256", "titles")

    def __init__(self, path: Path, notebook: Notebook, node: Any, sha256: str) -> None:
        self.path = path
        self.notebook = notebook
        self.node = node
        self.sha256 = sha256
        self.titles = titles(notebook)


def titles(notebook: Notebook) -> tuple[str, ...]:
    """Give what people call each cell: the heading above it, else its first line of code."""
    heading = ""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = _HEADING.findall(cell.source)
            heading = headings[-1].strip() if headings else heading
        lines = (line.strip() for line in cell.source.splitlines())
        found.append((heading or next((line for line in lines if line), ""))[:_TITLE_LENGTH])
    return tuple(found)


def load_notebook(path: Path) -> tuple[bytes, Notebook]:
    """Give a notebook file's bytes and what they say.

    Raises:
        ConfigError: there is no such file.
        ExecutionError: the file cannot be read.
        NotebookError: it is not a notebook; unlike the reader's own, the message names the file.
    """
    try:
        data = path.read_bytes()
        return data, parse_notebook(data, str(path))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: does not exist") from error
    except OSError as error:
        raise ExecutionError(f"{path}: cannot be read: {error.strerror or error}") from error
    except NotebookError as error:
        raise NotebookError(f"{path}: {error}", error.line, error.column) from error


def read_document(path: Path) -> Document:
    """Read a notebook for running; raises as `load_notebook`."""
    data, notebook = load_notebook(path)
    return Document(path.resolve(), notebook, _node(notebook), hashlib.sha256(data).hexdigest())


def _node(notebook: Notebook) -> Any:
    """Build the nbformat node from the parsed cells, so that odd files run as well as tidy ones."""
    import nbformat

    cells = []
    attachments = _attachments(notebook)
    for cell in notebook.cells:
        node: dict[str, Any] = {
            "id": cell.id or _id(cell.index, cell.source),
            "cell_type": cell.cell_type,
            "source": cell.source,
            "metadata": {**cell.metadata, "tags": list(cell.tags), MARK: cell.index},
        }
        if cell.cell_type == "code":
            skipped = SKIP_TAG in cell.tags
            # A skipped cell keeps what it shows: that is what the tag is for.
            node["outputs"] = [dict(output) for output in cell.outputs] if skipped else []
            node["execution_count"] = cell.execution_count if skipped else None
        elif cell.index in attachments:
            node["attachments"] = attachments[cell.index]
        cells.append(node)
    _make_ids_unique(cells)
    make: Any = nbformat.from_dict
    return make({"nbformat": 4, "nbformat_minor": 5, "metadata": _metadata(notebook), "cells": cells})


def _attachments(notebook: Notebook) -> dict[int, Any]:
    """Give what is attached (pasted images) by cell index; only nbformat 4 has it."""
    if '"attachments"' not in notebook.text:
        return {}
    cells = json.loads(notebook.text.removeprefix("\ufeff")).get("cells", ())
    return {index: cell["attachments"] for index, cell in enumerate(cells) if cell.get("attachments")}


def _metadata(notebook: Notebook) -> Mapping[str, Any]:
    """Give the notebook's metadata without what an earlier papermill run left."""
    return {key: value for key, value in notebook.metadata.items() if key not in ("papermill", "widgets")}


def _id(index: int, source: str) -> str:
    """Make an id for a cell of an older format: the same in each run, so that results can be compared."""
    return hashlib.sha256(f"{index}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _make_ids_unique(cells: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        if cell["id"] in seen:
            cell["id"] = f"{_id(index, cell['source'])}-{index}"
        seen.add(cell["id"])
