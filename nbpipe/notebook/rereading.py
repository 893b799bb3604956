"""Reading a changed notebook again: it must be the old one with exactly the changes that were asked for."""

from __future__ import annotations

from nbpipe.errors import NotebookError
from nbpipe.notebook.formats import parse_any
from nbpipe.notebook.model import Cell
from nbpipe.notebook.write import InsertCell, SetField, apply_changes, arranged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nbpipe.notebook.model import Notebook
    from nbpipe.notebook.write import Change

_FIELDS = ("cell_type", "source", "metadata", "execution_count", "id")


class RereadError(NotebookError):
    """What was written does not read as the notebook that it should be."""


def reread(notebook: Notebook, changes: Sequence[Change], text: str) -> Notebook:
    """Read `text`, which `notebook` became by `changes`, and compare it cell by cell with what it should be.

    Raises:
        RereadError: it is another notebook, or none; says which cell differs in what.
    """
    try:
        after = parse_any(text, notebook.path)
    except NotebookError as error:
        raise RereadError(f"would become a file that {error}") from None
    order = arranged(len(notebook.cells), changes)
    if len(after.cells) != len(order):
        raise RereadError(f"would have {len(after.cells)} cells, not {len(order)}")
    set_fields = _set_fields(changes)
    for entry, cell in zip(order, after.cells, strict=True):
        if isinstance(entry, InsertCell):
            wanted = {"cell_type": entry.cell_type, "source": entry.source, "metadata": dict(entry.metadata)}
            differing = [name for name, value in wanted.items() if getattr(cell, name) != value]
        else:
            differing = _differences(notebook.cells[entry], cell, set_fields.get(entry, {}))
            if not differing and entry not in set_fields and _text(notebook, entry) != _text(after, cell.index):
                differing = ["text"]
        if differing:
            raise RereadError(f"would have another {differing[0]} in cell {cell.index + 1}")
    metadata = set_fields.get(None, {}).get("metadata", notebook.metadata)
    if after.metadata != metadata or after.is_python != notebook.is_python:
        raise RereadError("would have other metadata")
    return after


def with_sources(notebook: Notebook, sources: Mapping[int, str]) -> Notebook:
    """Give a notebook with other texts in some cells, by index; what is written of it later has them, too."""
    if not sources:
        return notebook
    changes = [SetField(index, "source", source) for index, source in sources.items()]
    try:
        return reread(notebook, changes, apply_changes(notebook, changes))
    except NotebookError:  # a format that cannot hold it
        return notebook.with_cells(tuple(_with_source(cell, sources.get(cell.index)) for cell in notebook.cells))


def _with_source(cell: Cell, source: str | None) -> Cell:
    if source is None:
        return cell
    return Cell(
        cell.index,
        cell.cell_type,
        source,
        id=cell.id,
        execution_count=cell.execution_count,
        metadata=cell.metadata,
        raw_outputs=cell.raw_outputs,
    )


def _set_fields(changes: Sequence[Change]) -> dict[int | None, dict[str, Any]]:
    fields: dict[int | None, dict[str, Any]] = {}
    for change in changes:
        if isinstance(change, SetField):
            fields.setdefault(change.cell, {})[change.name] = change.value
    return fields


def _differences(before: Cell, after: Cell, changed: Mapping[str, Any]) -> list[str]:
    """Name the fields in which a cell is not the old one with some fields changed."""
    wanted = {name: changed.get(name, getattr(before, name)) for name in _FIELDS}
    found = [name for name, value in wanted.items() if getattr(after, name) != value]
    outputs = changed.get("outputs", before.raw_outputs)
    return found + ["outputs"] * (list(after.raw_outputs) != list(outputs))


def _text(notebook: Notebook, cell: int) -> str:
    """Give what stands in the JSON for a cell: it must not differ by a byte where nothing was to change."""
    if notebook.is_text:
        return ""
    place = notebook.places.cells[cell]
    return notebook.text[place.start : place.end]
