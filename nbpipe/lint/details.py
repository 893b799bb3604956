"""What only some reports show: lines of the file, fixes as lines of the file, names that flow between cells."""

from __future__ import annotations

import ast
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from nbpipe.errors import NotebookError
from nbpipe.lint.diagnostic import CellEdit, Edit, FieldEdit, FileEdit
from nbpipe.notebook.write import DeleteCell, InsertCell, MoveCell, SetField, apply_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.lint.diagnostic import FileResult, Fix, Flows
    from nbpipe.notebook.model import Notebook, Range
    from nbpipe.notebook.write import Change


def add_lines(notebook: Notebook, result: FileResult) -> None:
    """Give the diagnostics, and the places related to them, their lines in the file."""
    for item in result.diagnostics:
        if item.range is not None:
            item.json_line = notebook.json_line(item.range.cell, item.range.start_line)
            item.json_end_line = notebook.json_line(item.range.cell, last_line(item.range))
        for other in item.related:
            other.json_line = notebook.json_line(other.range.cell, other.range.start_line)


def last_line(place: Range) -> int:
    """Give the last line of which something is in the range."""
    beyond = place.end_column == 0 and place.end_line > place.start_line
    return place.end_line - beyond


def add_file_edits(notebook: Notebook, result: FileResult) -> None:
    """Give the fixes as lines of the file, where that can be done."""
    for item in result.diagnostics:
        if item.fix is not None:
            item.fix.file_edits = _file_edits(notebook, item.fix)


def flows(analysis: Analysis) -> Flows:
    """Give the names that flow from one cell to another, by the two indexes; what is imported is left out.

    Most cells use what the first ones import: a drawing of that shows nothing else.
    """
    nodes: list[tuple[int, ast.Import | ast.ImportFrom]] = [*analysis.nodes(ast.Import)]
    nodes += analysis.nodes(ast.ImportFrom)
    imported = {alias.asname or alias.name.partition(".")[0] for _, node in nodes for alias in node.names}
    kept = {
        cells: tuple(name for name in names if name not in imported) for cells, names in analysis.graph.edges.items()
    }
    return {cells: names for cells, names in kept.items() if names}


def _file_edits(notebook: Notebook, fix: Fix) -> tuple[FileEdit, ...]:
    if not (notebook.text and fix.edits):
        return ()
    try:
        edited = apply_changes(notebook, _changes(notebook, fix))
    except (NotebookError, IndexError):
        return ()
    return line_edits(notebook.text.split("\n"), edited.split("\n"))


def _changes(notebook: Notebook, fix: Fix) -> Iterator[Change]:
    texts: dict[int, list[Edit]] = {}
    for edit in fix.edits:
        if isinstance(edit, Edit):
            texts.setdefault(edit.range.cell, []).append(edit)
        elif isinstance(edit, FieldEdit):
            yield SetField(edit.cell, edit.name, edit.value)
        elif isinstance(edit, CellEdit):
            yield _whole(edit)
        else:
            raise NotebookError(f"has no lines for {edit!r}")
    for cell, edits in texts.items():
        yield SetField(cell, "source", _edited(notebook.cells[cell].source, edits))


def _whole(edit: CellEdit) -> Change:
    after = edit.after if edit.after is not None else -1
    if edit.kind == "insert-cell":
        return InsertCell(after, edit.cell_type, edit.content, {"tags": list(edit.tags)} if edit.tags else None)
    if edit.cell is None:
        raise IndexError(edit.kind)
    return DeleteCell(edit.cell) if edit.kind == "delete-cell" else MoveCell(edit.cell, after)


def _edited(source: str, edits: list[Edit]) -> str:
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: edit.range.key(), reverse=True):  # from the end: offsets stay true
        place = edit.range
        start, end = starts[place.start_line] + place.start_column, starts[place.end_line] + place.end_column
        source = source[:start] + edit.content + source[end:]
    return source


def line_edits(old: list[str], new: list[str]) -> tuple[FileEdit, ...]:
    """Give the lines that are others, each time at least one, from the bottom up: so applied one by one they stay true.

    The text between a new cell of parameters and their uses, outputs with their pictures, is megabytes.
    """
    shorter = min(len(old), len(new))
    top = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    bottom = next((at for at in range(shorter - top) if old[-1 - at] != new[-1 - at]), shorter - top)
    matcher = SequenceMatcher(None, old[top : len(old) - bottom], new[top : len(new) - bottom])
    changed: list[tuple[int, int, int, int]] = []
    for tag, *places in matcher.get_opcodes():
        start, end, first, last = (place + top for place in places)
        if tag == "equal":
            continue
        if start == end or first == last:  # only new, or only lost: take the line before, or after, along
            start, first, end, last = (start - 1, first - 1, end, last) if start else (0, 0, end + 1, last + 1)
        if changed and start <= changed[-1][1]:
            start, _, first, _ = changed.pop()
        changed.append((start, end, first, last))
    return tuple(FileEdit(start + 1, end, "\n".join(new[first:last])) for start, end, first, last in reversed(changed))
