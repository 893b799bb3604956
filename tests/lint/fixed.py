"""Makes the edits of fixes, as simply as can be: what rules' tests compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import CellEdit, Edit, FieldEdit, FormatEdit
from nbpipe.notebook import parse_notebook
from nbpipe.notebook.upgrade import upgraded_text
from nbpipe.notebook.write import DeleteCell, SetField, apply_changes

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import Fix


def fixed(data: bytes, fix: Fix | None) -> bytes:
    """Give the content of a notebook file with one fix made, whose edits do not overlap."""
    assert fix is not None
    notebook = parse_notebook(data)
    sources = {cell.index: cell.source for cell in notebook.cells}
    changes: list[Any] = []
    for edit in fix.edits:
        if isinstance(edit, FormatEdit):
            assert fix.edits == (edit,)
            return upgraded_text(notebook).encode()
        if isinstance(edit, Edit):
            sources[edit.range.cell] = edited(sources[edit.range.cell], edit)
            changes.append(SetField(edit.range.cell, "source", sources[edit.range.cell]))
        elif isinstance(edit, FieldEdit):
            changes.append(SetField(edit.cell, edit.name, edit.value))
        elif isinstance(edit, CellEdit):
            assert (edit.kind, edit.cell is None) == ("delete-cell", False)
            changes.append(DeleteCell(edit.cell or 0))
    return apply_changes(notebook, changes).encode()


def edited(source: str, edit: Edit) -> str:
    """Give a source with one edit made."""
    lines = source.split("\n")
    place = edit.range
    head = "\n".join([*lines[: place.start_line], lines[place.start_line][: place.start_column]])
    tail = "\n".join([lines[place.end_line][place.end_column :], *lines[place.end_line + 1 :]])
    return head + edit.content + tail
