"""One JSON document, version 1 of the diagnostics schema: docs/pages/schema/diagnostics.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbpipe.lint import reporting
from nbpipe.lint.diagnostic import Edit, FieldEdit, FormatEdit, Severity
from nbpipe.lint.registry import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import CellEdit, CellReference, Cells, Diagnostic, FileResult, Fix
    from nbpipe.notebook.model import Range

VERSION = 1


class Reporter(reporting.Reporter):
    """Collects all findings and writes them at the end."""

    locates = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._found: list[dict[str, Any]] = []

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        self._found += [diagnostic_object(item, result.cells) for item in result.diagnostics]
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:
        """Yield the document."""
        document = {"version": VERSION, "diagnostics": self._found, "summary": summary_object(summary)}
        yield json.dumps(document, indent=1)


def summary_object(summary: reporting.Summary) -> dict[str, Any]:
    """Give the counts as the schema has them."""
    counts = {f"{severity.label}s": summary.counts[severity] for severity in sorted(Severity, reverse=True)}
    return {"notebooks": summary.notebooks, **counts, "fixable": summary.fixable}


def diagnostic_object(item: Diagnostic, cells: Cells) -> dict[str, Any]:
    """Give a diagnostic as the schema has it."""
    return {
        "code": item.code,
        "rule": item.rule,
        "severity": item.severity.label,
        "message": item.message,
        "path": item.path,
        "cell": None if item.range is None else _cell(cells[item.range.cell]),
        "range": None if item.range is None else _range(item.range),
        "json_line": item.json_line,
        "related": [
            {
                "message": other.message,
                "cell": _cell(cells[other.range.cell]),
                "range": _range(other.range),
                "json_line": other.json_line,
            }
            for other in item.related
        ],
        "fix": None if item.fix is None else _fix(item.fix, cells),
        "url": BY_CODE[item.code].url,
    }


def _cell(cell: CellReference) -> dict[str, Any]:
    return {"number": cell.number, "id": cell.id, "execution_count": cell.execution_count}


def _range(place: Range) -> dict[str, Any]:
    return {
        "start": {"line": place.start_line + 1, "column": place.start_column + 1},
        "end": {"line": place.end_line + 1, "column": place.end_column + 1},
    }


def _fix(fix: Fix, cells: Cells) -> dict[str, Any]:
    edits = [_edit(edit, cells) for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability.value, "edits": edits}


def _edit(edit: Edit | CellEdit | FieldEdit | FormatEdit, cells: Cells) -> dict[str, Any]:
    if isinstance(edit, Edit):
        return _text(edit, cells)
    if isinstance(edit, FormatEdit):
        return {"kind": "convert-format", "nbformat": edit.nbformat}
    return _field(edit, cells) if isinstance(edit, FieldEdit) else _whole(edit, cells)


def _text(edit: Edit, cells: Cells) -> dict[str, Any]:
    cell = _short(edit.range.cell, cells)
    return {"kind": "text", "cell": cell, "range": _range(edit.range), "content": edit.content}


def _field(edit: FieldEdit, cells: Cells) -> dict[str, Any]:
    cell = None if edit.cell is None else _short(edit.cell, cells)
    return {"kind": "set-field", "cell": cell, "field": edit.name, "value": edit.value}


def _whole(edit: CellEdit, cells: Cells) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": edit.kind}
    if edit.cell is not None:
        shown["cell"] = _short(edit.cell, cells)
    if edit.after is not None:
        shown["after"] = edit.after + 1
    if edit.kind == "insert-cell":
        shown |= {"cell_type": edit.cell_type, "tags": list(edit.tags), "content": edit.content}
    return shown


def _short(index: int, cells: Cells) -> dict[str, Any]:
    return {"number": cells[index].number, "id": cells[index].id}
