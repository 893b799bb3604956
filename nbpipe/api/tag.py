"""Suggests step tags for a notebook, and writes them where asked: what `nbpipe tag` and `nbpipe.tag` call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.convert.reading import plain_analysis
from nbpipe.errors import ConversionError, NotebookError
from nbpipe.notebook.formats import read_any
from nbpipe.notebook.read import read_bytes
from nbpipe.notebook.save import save
from nbpipe.notebook.write import SetField, apply_changes
from nbpipe.steps import has_steps
from nbpipe.steps.suggestion import Suggestion, retagged, suggest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from nbpipe.notebook import Notebook


@dataclass(frozen=True, slots=True)
class Tagging:
    """What is suggested for one code cell.

    Attributes:
        cell: index of the cell, from 0.
        source: its code.
        before: the tags it has.
        after: those it would have.
        reason: why.
    """

    cell: int
    source: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class TagResult:
    """What is suggested for a notebook.

    Attributes:
        path: the notebook.
        cells: its code cells, in document order.
        is_written: the tags are in the file now.
    """

    path: Path
    cells: tuple[Tagging, ...]
    is_written: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the steps, in order."""
        tags = (tag for cell in self.cells for tag in cell.after if tag.startswith("step:"))
        return tuple(dict.fromkeys(tag.partition(":")[2] for tag in tags))

    @property
    def changed(self) -> tuple[Tagging, ...]:
        """The cells whose tags would change."""
        return tuple(cell for cell in self.cells if cell.before != cell.after)


def tag(
    path: str | os.PathLike[str], *, split: str = "stages", write: bool = False, replace: bool = False
) -> TagResult:
    """Suggest which cells of a notebook form which step of a pipeline. Nothing of it is run.

    Args:
        path: the notebook.
        split: ``stages``, by data flow and by what code does, or ``headings``.
        write: whether to write the tags into the file; every other byte stays.
        replace: whether to suggest anew where cells are tagged as steps already.

    Raises:
        NotebookError: the file is not a notebook, or not one of Python, or was changed meanwhile.
        ConversionError: it has steps already, or there is nothing to make steps of.
    """
    place = Path(path)
    notebook = read_any(place)
    if not notebook.is_python:
        raise NotebookError(f"{place}: only the code of Python notebooks can be followed, not {notebook.language}")
    if has_steps(notebook) and not replace:
        raise ConversionError(f"{place}: has cells that are tagged as steps already; to suggest anew, add --replace")
    try:
        found = tuple(_taggings(notebook, suggest(plain_analysis(notebook, place.resolve().parent), split)))
    except ConversionError as error:
        raise ConversionError(f"{place}: {error}") from None
    result = TagResult(place, found, is_written=write)
    if write and result.changed:
        _write(place, notebook, result)
    return result


def _taggings(notebook: Notebook, suggestions: tuple[Suggestion, ...]) -> Iterator[Tagging]:
    for suggestion in suggestions:
        cell = notebook.cells[suggestion.cell]
        yield Tagging(cell.index, cell.source, cell.tags, retagged(cell, suggestion), suggestion.reason)


def _write(path: Path, notebook: Notebook, result: TagResult) -> None:
    changes = []
    for cell in result.changed:
        metadata = {**notebook.cells[cell.cell].metadata, "tags": list(cell.after)}
        changes.append(SetField(cell.cell, "metadata", metadata))
    text = apply_changes(notebook, changes)
    if read_bytes(path) != notebook.text.encode():
        raise NotebookError(f"{path}: was changed meanwhile: run the command again")
    save(path, text)
