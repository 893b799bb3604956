"""Which fixes can be made in one pass: those that agree are combined, those that overlap wait for the next."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import CellEdit, Edit, FieldEdit, FormatEdit
from nbpipe.notebook.parsing import parsed
from nbpipe.notebook.write import DeleteCell, InsertCell, MoveCell, SetField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbpipe.lint.diagnostic import Fix
    from nbpipe.notebook import Notebook, Range
    from nbpipe.notebook.write import Change

    Span = tuple[int, int, str]
    NewCell = tuple[int, str, tuple[str, ...]]


class Plan:
    """The edits of one pass over a notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._spans: dict[int, list[Span]] = {}
        self._fields: dict[tuple[int | None, str], Any] = {}
        self._inserted: dict[NewCell, list[str]] = {}
        self._moves: list[tuple[int, int]] = []
        self._deleted: set[int] = set()

    def take(self, fix: Fix) -> bool:
        """Take all edits of a fix, or none of them where one does not go together with what was taken before.

        Raises:
            ValueError: the fix is wrong in itself: its edits overlap or lie outside of their cells.
        """
        part = Plan(self._notebook)
        for edit in fix.edits:
            part._add(edit)
        if not self._agrees(part):
            return False
        for cell, spans in part._spans.items():
            known = self._spans.setdefault(cell, [])
            known += [span for span in spans if span not in known]
        self._fields |= part._fields
        for key, contents in part._inserted.items():
            self._inserted.setdefault(key, []).extend(contents)
        self._moves = self._moves or part._moves
        self._deleted |= part._deleted
        return True

    def changes(self) -> list[Change]:
        """Give the changes to write."""
        changes: list[Change] = [SetField(cell, name, value) for (cell, name), value in self._fields.items()]
        for cell, spans in self._spans.items():
            changes.append(SetField(cell, "source", _edited(self._notebook.cells[cell].source, spans)))
        for (after, cell_type, tags), contents in self._inserted.items():
            metadata = {"tags": list(tags)} if tags else {}
            source = _merged(contents) if cell_type == "code" else "\n\n".join(dict.fromkeys(contents))
            changes.append(InsertCell(after, cell_type, source, metadata))
        changes += [MoveCell(cell, after) for cell, after in self._moves]
        changes += [DeleteCell(cell) for cell in sorted(self._deleted)]
        return changes

    def _add(self, edit: Edit | CellEdit | FieldEdit | FormatEdit) -> None:
        """Add an edit of one and the same fix."""
        if isinstance(edit, Edit):
            span = (*_offsets(self._notebook, edit.range), edit.content)
            spans = self._spans.setdefault(edit.range.cell, [])
            if span in spans:
                return
            if any(_overlap(span, other) for other in spans):
                raise ValueError(f"the edits of a fix overlap in cell {edit.range.cell + 1}")
            spans.append(span)
        elif isinstance(edit, FieldEdit):
            self._fields[edit.cell, edit.name] = edit.value
        elif isinstance(edit, FormatEdit):
            raise ValueError("a change of format goes by itself")  # noqa: TRY004 - the fix is wrong, not its type
        elif edit.kind == "insert-cell" and edit.after is not None:
            self._inserted.setdefault((edit.after, edit.cell_type, edit.tags), []).append(edit.content)
        elif edit.kind == "delete-cell" and edit.cell is not None:
            self._deleted.add(edit.cell)
        elif edit.kind == "move-cell" and edit.cell is not None and edit.after is not None:
            self._moves.append((edit.cell, edit.after))
        else:
            raise ValueError(f"an edit of the kind {edit.kind!r} lacks its cells")

    def _agrees(self, part: Plan) -> bool:
        """Tell whether another fix's edits can be made in the same pass."""
        return (
            self._spans_agree(part)
            and all(self._fields.get(key, value) == value for key, value in part._fields.items())
            and self._insertions_agree(part)
            and (not part._moves or not self._moves or part._moves == self._moves)
            and not self._touches(part)
            and not part._touches(self)
        )

    def _touches(self, part: Plan) -> bool:
        """Tell whether what this plan moves, deletes or writes as a whole is something that another one edits."""
        anchors = {after for after, _, _ in part._inserted} | {after for _, after in part._moves}
        edited = {*part._spans, *(cell for cell, _ in part._fields)}
        moved = {cell for cell, _ in self._moves} if self._moves != part._moves else set()
        insert_anchors = {after for after, _, _ in self._inserted}
        return bool(
            self._deleted & (edited | anchors | {cell for cell, _ in part._moves})
            or moved & (set(part._spans) | anchors)
            or (part._moves != self._moves and insert_anchors & {after for _, after in part._moves})
            or any(name == "source" and cell in part._spans for cell, name in self._fields)
        )

    def _spans_agree(self, part: Plan) -> bool:
        for cell, spans in part._spans.items():
            known = self._spans.get(cell, ())
            for span in spans:
                if span in known:
                    continue
                if any(_overlap(span, other) for other in known):
                    return False
                here = [other[2] for other in known if span[:2] == other[:2]]
                if any(_bound_names(span[2]) & _bound_names(other) for other in here):
                    return False
        return True

    def _insertions_agree(self, part: Plan) -> bool:
        """Tell whether new cells that become one do not bind a name to two things."""
        for key, contents in part._inserted.items():
            known = {block for content in self._inserted.get(key, ()) for block in _blocks(content)}
            names = {name for block in known for name in _bound_names(block)}
            for block in (block for content in contents for block in _blocks(content)):
                if block not in known and _bound_names(block) & names:
                    return False
        return True


def _offsets(notebook: Notebook, place: Range) -> tuple[int, int]:
    """Give start and end of a range in its cell's source; ValueError where it is not in there."""
    if not 0 <= place.cell < len(notebook.cells):
        raise ValueError(f"no cell {place.cell + 1}")
    lines = notebook.cells[place.cell].source.split("\n")
    found = []
    for line, column in ((place.start_line, place.start_column), (place.end_line, place.end_column)):
        if not (0 <= line < len(lines) and 0 <= column <= len(lines[line])):
            raise ValueError(f"no line {line + 1}, column {column + 1} in cell {place.cell + 1}")
        found.append(sum(len(text) + 1 for text in lines[:line]) + column)
    if found[0] > found[1]:
        raise ValueError(f"a range in cell {place.cell + 1} ends before it starts")
    return found[0], found[1]


def _overlap(one: Span, other: Span) -> bool:
    """Tell whether two ranges share a character, or one inserts within the other."""
    return one[0] < other[1] and other[0] < one[1]


def _edited(source: str, spans: Iterable[Span]) -> str:
    """Give a source with stretches of it replaced; insertions at one place come in the order they were taken."""
    parts, done = [], 0
    for start, end, content in sorted(spans, key=lambda span: span[:2]):
        parts += [source[done:start], content]
        done = end
    return "".join(parts) + source[done:]


def _merged(contents: Iterable[str]) -> str:
    """Join the code of several new cells; a statement that stands in several of them comes once."""
    return "\n".join(dict.fromkeys(block for content in contents for block in _blocks(content)))


def _blocks(content: str) -> Iterator[str]:
    """Yield the statements of some code, each with the comments above it; the whole where it does not parse."""
    text = content.rstrip("\n")
    tree = parsed(text)
    if tree is None or not tree.body:
        yield text
        return
    lines = text.split("\n")
    start = 0
    ends = [node.end_lineno or node.lineno for node in tree.body]
    for number, end in enumerate(ends):
        if number + 1 < len(ends) and ends[number + 1] == end:
            continue  # several on one line
        yield "\n".join(lines[start : end if number + 1 < len(ends) else len(lines)])
        start = end


def _bound_names(content: str) -> set[str]:
    """Give the names that some code binds at its top level, where it parses."""
    tree = parsed(content)
    found: set[str] = set()
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        else:
            names = (part for part in ast.walk(node) if isinstance(part, ast.Name))
            found.update(name.id for name in names if isinstance(name.ctx, ast.Store))
    return found
