"""Rewriting a notebook file of nbformat 1 to 3 in the current format, by nbformat itself."""

from __future__ import annotations

import contextlib
import json

from nbpipe.errors import MissingExtraError, NotebookError
from nbpipe.notebook.cell_id import new_cell_id
from nbpipe.notebook.read import BOM, parse_notebook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from nbpipe.notebook.model import Notebook

CURRENT = 4


def upgraded_text(notebook: Notebook) -> str:
    """Give the text of the notebook file in nbformat 4: the same cells, in the layout that nbformat writes.

    Unlike other changes it keeps no layout, for the old one has no place for most of what is written. The ids of the
    cells follow from their sources, so that the result is the same each time.

    Raises:
        MissingExtraError: nbformat is not installed.
        NotebookError: the file is not what its format says, so that nbformat cannot convert it.
    """
    try:
        import nbformat as library
    except ImportError:
        raise MissingExtraError("converting a notebook to nbformat 4", "run") from None

    nbformat: Any = library  # parts of it are not annotated
    with _quiet():
        try:
            content = json.loads(notebook.text.removeprefix(BOM))
            content["nbformat"] = notebook.nbformat  # where it is missing, nbformat takes it for 1
            document = nbformat.reads(json.dumps(content), as_version=CURRENT)
            taken: set[str | None] = set()
            for cell in document.cells:
                cell["id"] = new_cell_id(cell.source, taken)
                taken.add(cell["id"])
            text: str = nbformat.writes(document, version=CURRENT) + "\n"
            same = _cells(parse_notebook(text)) == _cells(notebook)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise NotebookError(f"cannot be converted to nbformat {CURRENT}: {problem}") from error
    if not same:
        raise NotebookError(f"cannot be converted to nbformat {CURRENT}: its cells would not stay the same")
    return text


def _cells(notebook: Notebook) -> list[tuple[str, str]]:
    """Give what must stay: the kinds of the cells and their sources, but for the blanks in a heading."""
    return [
        (cell.cell_type, cell.source if cell.cell_type == "code" else " ".join(cell.source.split()))
        for cell in notebook.cells
    ]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep nbformat's complaints about an invalid notebook to itself: what it cannot convert, it raises."""
    import logging
    import warnings

    logger = logging.getLogger("traitlets")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before
