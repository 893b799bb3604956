"""Results of checking as plain lists that JSON can hold, and back: what the cache keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import (
    Applicability,
    CellEdit,
    CellReference,
    Diagnostic,
    Edit,
    FieldEdit,
    FileResult,
    Fix,
    FormatEdit,
    Related,
    Severity,
)
from nbpipe.lint.registry import BY_CODE
from nbpipe.notebook.model import Cell, Range

if TYPE_CHECKING:
    from collections.abc import Iterator


def encode(result: FileResult) -> list[Any]:
    """Give a result without failures as lists, texts and numbers."""
    cells = {
        number: [cell.cell_type, cell.id, cell.execution_count, cell.source]
        for number in sorted(_cells_of(result))
        if (cell := result.cells[number])
    }
    return [[_encode(item) for item in result.diagnostics], cells, dict(result.fragments)]


def decode(path: str, data: list[Any]) -> FileResult:
    """Give the result for the file at `path` that `encode` made `data` of.

    Raises:
        KeyError, IndexError, TypeError, ValueError: it was not made by `encode`.
    """
    diagnostics, cells, fragments = data
    references = {
        int(number): CellReference(Cell(int(number), kind, source, id=name, execution_count=count))
        for number, (kind, name, count, source) in cells.items()
    }
    found = tuple(_decode(path, item) for item in diagnostics)
    return FileResult(path, found, references, fragments=fragments)


def _cells_of(result: FileResult) -> Iterator[int]:
    """Yield the indices of the cells that reports may show."""
    for item in result.diagnostics:
        if item.range is not None:
            yield item.range.cell
        for other in item.related:
            yield other.range.cell
        for edit in item.fix.edits if item.fix is not None else ():
            cell = edit.range.cell if isinstance(edit, Edit) else getattr(edit, "cell", None)
            if cell is not None:
                yield cell


def _encode(item: Diagnostic) -> list[Any]:
    related = [[_range(other.range), other.message, other.json_line] for other in item.related]
    fix = None
    if item.fix is not None:
        fix = [item.fix.title, item.fix.applicability.value, [_edit(edit) for edit in item.fix.edits]]
    lines = [item.json_line, item.json_end_line]
    return [item.code, int(item.severity), item.message, _range(item.range), related, fix, lines]


def _range(place: Range | None) -> list[int] | None:
    return None if place is None else list(place.key())


def _edit(edit: Edit | CellEdit | FieldEdit | FormatEdit) -> list[Any]:
    if isinstance(edit, Edit):
        return ["text", _range(edit.range), edit.content]
    if isinstance(edit, FieldEdit):
        return ["field", edit.cell, edit.name, edit.value]
    if isinstance(edit, FormatEdit):
        return ["format", edit.nbformat]
    return ["cell", edit.kind, edit.cell, edit.after, edit.cell_type, list(edit.tags), edit.content]


def _decode(path: str, data: list[Any]) -> Diagnostic:
    code, severity, message, place, related, fix, (json_line, json_end_line) = data
    found = Diagnostic(
        code,
        BY_CODE[code].name,
        message,
        Severity(severity),
        path=path,
        range=None if place is None else Range(*place),
        related=tuple(_decode_related(*other) for other in related),
        fix=None if fix is None else Fix(fix[0], tuple(map(_decode_edit, fix[2])), Applicability(fix[1])),
        json_line=json_line,
    )
    found.json_end_line = json_end_line
    return found


def _decode_related(where: list[int], message: str, json_line: int | None) -> Related:
    other = Related(Range(*where), message)
    other.json_line = json_line
    return other


def _decode_edit(data: list[Any]) -> Edit | CellEdit | FieldEdit | FormatEdit:
    kind = data[0]
    if kind == "text":
        return Edit(Range(*data[1]), data[2])
    if kind == "field":
        return FieldEdit(*data[1:])
    if kind == "format":
        return FormatEdit(*data[1:])
    _, name, cell, after, cell_type, tags, content = data
    return CellEdit(name, cell=cell, after=after, cell_type=cell_type, tags=tuple(tags), content=content)
