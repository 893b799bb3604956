"""Makes the fixes of one pass: equal edits once, insertions at one place joined, new cells for one place merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.config import Settings
from nbpipe.lint.diagnostic import CellEdit, Edit, FieldEdit
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from nbpipe.notebook import parse_notebook
from nbpipe.notebook.write import InsertCell, SetField, apply_changes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.lint.diagnostic import Diagnostic, Fix
    from nbpipe.notebook import Notebook
    from nbpipe.notebook.write import Change

    Span = tuple[int, int, str]

PASSES = 10


def findings(notebook: Notebook, *rules: str) -> list[Diagnostic]:
    """Check a notebook with some rules."""
    settings = Settings({"select": rules, "hyperparameters-per-call": 1})
    result = Linter(settings, Selection(settings)).check_notebook(notebook, "notebook.ipynb")
    assert not result.failures, result.failures[0]
    return list(result.diagnostics)


def fixed(notebook: Notebook, *rules: str) -> Notebook:
    """Make all fixes of some rules until there are none."""
    for _ in range(PASSES):
        fixes = [item.fix for item in findings(notebook, *rules) if item.fix is not None]
        if not fixes:
            return notebook
        notebook = applied(notebook, fixes)
    raise AssertionError("fixing comes to no end")


def applied(notebook: Notebook, fixes: Iterable[Fix]) -> Notebook:
    """Make those fixes that do not overlap with one before."""
    spans: dict[int, list[Span]] = {}
    fields: dict[tuple[int | None, str], object] = {}
    inserted: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for fix in fixes:
        own = [(edit.range.cell, _span(notebook, edit)) for edit in fix.edits if isinstance(edit, Edit)]
        for number, (cell, span) in enumerate(own):
            assert not any(cell == other and _overlap(span, each) for other, each in own[:number] if span != each)
        if any(_overlap(span, other) for cell, span in own for other in spans.get(cell, ()) if span != other):
            continue
        for cell, span in own:
            known = spans.setdefault(cell, [])
            if span not in known:
                known.append(span)
        for edit in fix.edits:
            if isinstance(edit, FieldEdit):
                fields[edit.cell, edit.name] = edit.value
            elif isinstance(edit, CellEdit):
                assert edit.kind == "insert-cell"
                assert edit.after is not None
                lines = inserted.setdefault((edit.after, edit.tags), [])
                lines += [line for line in edit.content.split("\n") if line not in lines]
    changes: list[Change] = [
        SetField(cell, "source", _edited(notebook.cells[cell].source, known)) for cell, known in spans.items()
    ]
    changes += [SetField(cell, name, value) for (cell, name), value in fields.items()]
    changes += [
        InsertCell(after, "code", "\n".join(lines), {"tags": list(tags)}) for (after, tags), lines in inserted.items()
    ]
    return parse_notebook(apply_changes(notebook, changes).encode())


def _span(notebook: Notebook, edit: Edit) -> Span:
    lines = notebook.cells[edit.range.cell].source.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    place = edit.range
    return starts[place.start_line] + place.start_column, starts[place.end_line] + place.end_column, edit.content


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _edited(source: str, spans: list[Span]) -> str:
    done, parts = 0, []
    for start, end, content in sorted(spans, key=lambda span: span[:2]):
        parts += [source[done:start], content]
        done = end
    return "".join(parts) + source[done:]
