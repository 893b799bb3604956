"""Where suppressions stand in the file, and the edits that change which rules they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Edit, FieldEdit
from nbpipe.lint.suppression import TAG
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.lint.comments import IgnoreComment
    from nbpipe.lint.suppression import Suppression
    from nbpipe.notebook.model import Cell, Notebook


def place_of(notebook: Notebook, suppression: Suppression) -> Range | None:
    """Give where a suppression stands: a tag at its cell's first line, the notebook's list nowhere in the cells."""
    if suppression.cell is None:
        return None
    cell = notebook.cells[suppression.cell]
    lines = cell.source.split("\n")
    comment = suppression.comment
    if comment is None:
        return Range(cell.index, 0, 0, 0, max(len(lines[0].rstrip()), 1))
    text = lines[comment.line]
    base = column_of(text, comment)
    if base is None:
        return Range(cell.index, comment.line, 0, comment.line, max(len(text), 1))
    return Range(cell.index, comment.line, base + comment.start, comment.line, base + comment.end)


def without(
    notebook: Notebook, suppression: Suppression, names: Sequence[str]
) -> tuple[Edit, ...] | tuple[FieldEdit, ...]:
    """Give the edits that leave a suppression these names only, or take it away where there are none.

    None at all where the comment stands in a line that IPython rewrites, so that its place is not known.
    """
    if suppression.cell is None:
        return (_in_notebook(notebook, names),)
    cell = notebook.cells[suppression.cell]
    if suppression.comment is None:
        return (_in_tags(cell, suppression.tag, names),)
    return _in_comment(cell, suppression.comment, names)


def _in_notebook(notebook: Notebook, names: Sequence[str]) -> FieldEdit:
    section = {**notebook.metadata["nbpipe"], "ignore": list(names)}
    if not names:
        del section["ignore"]
    metadata = {**notebook.metadata, "nbpipe": section}
    if not section:
        del metadata["nbpipe"]
    return FieldEdit(None, "metadata", metadata)


def _in_tags(cell: Cell, tag: str, names: Sequence[str]) -> FieldEdit:
    new = [f"{TAG}:{name}" for name in names]  # nbformat allows no commas in a tag
    at = cell.metadata["tags"].index(tag)
    tags = [*cell.metadata["tags"][:at], *new, *cell.metadata["tags"][at + 1 :]]
    metadata = {**cell.metadata, "tags": tags}
    if not tags:
        del metadata["tags"]
    return FieldEdit(cell.index, "metadata", metadata)


def _in_comment(cell: Cell, comment: IgnoreComment, names: Sequence[str]) -> tuple[Edit, ...]:
    lines = cell.source.split("\n")
    text = lines[comment.line]
    base = column_of(text, comment)
    if base is None:
        return ()
    if names:
        start, end = base + comment.names_start, base + comment.names_end
        return (Edit(Range(cell.index, comment.line, start, comment.line, end), ", ".join(names)),)
    # The reason goes with it, another comment in the same line stays.
    follows = text.find("#", base + comment.end)
    before = text[: base + comment.start].rstrip()
    if follows >= 0:
        keep = f"{before}  " if before else text[:base]
        return (Edit(Range(cell.index, comment.line, 0, comment.line, follows), keep),)
    if before:
        return (Edit(Range(cell.index, comment.line, len(before), comment.line, len(text)), ""),)
    if comment.line + 1 < len(lines):
        return (Edit(Range(cell.index, comment.line, 0, comment.line + 1, 0), ""),)
    above = max(comment.line - 1, 0)
    start = len(lines[above]) if comment.line else 0
    return (Edit(Range(cell.index, above, start, comment.line, len(text)), ""),)


def column_of(text: str, comment: IgnoreComment) -> int | None:
    """Give where the comment begins in its line of the source; None where it is not there as it is."""
    whole = comment.comment.rstrip()
    return len(text.rstrip()) - len(whole) if text.rstrip().endswith(whole) else None
