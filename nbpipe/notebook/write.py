"""Writing changes back into a notebook file: every byte that does not have to change stays."""

from __future__ import annotations

from nbpipe.errors import NotebookError
from nbpipe.notebook.cell_id import new_cell_id
from nbpipe.notebook.json_text import Style, member_indent, patched, separators, source_text, with_members
from nbpipe.notebook.locate import SOURCES, scan_object
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from nbpipe.notebook.locate import CellList
    from nbpipe.notebook.model import Notebook

    Change: TypeAlias = "SetField | InsertCell | DeleteCell | MoveCell"

_OLD_NAMES = {"execution_count": "prompt_number"}
_WITH_IDS = (4, 5)
_HEADING = pattern(r"^#+ ")


class SetField:
    """Give a cell, or the notebook when `cell` is None, another value for one field.

    Attributes:
        cell: index of the cell.
        name: as nbformat 4 names it: ``source`` (text), ``outputs``, ``execution_count``, ``metadata``, ``id``.
        value: what JSON can hold; of an object only the members that differ are written.
    """

    __slots__ = ("cell", "name", "value")

    def __init__(self, cell: int | None, name: str, value: Any) -> None:
        self.cell = cell
        self.name = name
        self.value = value


class InsertCell:
    """Insert a new cell behind the cell `after` (-1: before all); several behind one cell come in the order given."""

    __slots__ = ("after", "cell_type", "metadata", "source")

    def __init__(self, after: int, cell_type: str, source: str, metadata: Mapping[str, Any] | None = None) -> None:
        self.after = after
        self.cell_type = cell_type
        self.source = source
        self.metadata = metadata or {}


class DeleteCell:
    """Take a cell out."""

    __slots__ = ("cell",)

    def __init__(self, cell: int) -> None:
        self.cell = cell


class MoveCell:
    """Put a cell behind the cell `after` (-1: before all)."""

    __slots__ = ("after", "cell")

    def __init__(self, cell: int, after: int) -> None:
        self.cell = cell
        self.after = after


def apply_changes(notebook: Notebook, changes: Iterable[Change]) -> str:
    """Give the text of the notebook file with all changes made at once.

    Indexes are those of `notebook`, whatever the other changes do; a cell that is deleted loses its other changes.

    Raises:
        NotebookError: the file's format cannot hold the changes, such as a moved cell in nbformat 3 or older.
        IndexError: there is no such cell.
    """
    changes = list(changes)
    _check_indexes(notebook, changes)
    if notebook.is_text:
        from nbpipe.notebook.text.writing import rewritten

        return rewritten(notebook, changes)
    text, places = notebook.text, notebook.places
    style = Style(text, places.members)
    fields = _fields(changes)
    cells = {number: text[place.start : place.end] for number, place in enumerate(places.cells)}
    for cell, values in fields.items():
        if cell is not None:
            cells[cell] = _cell_text(notebook, cell, values, style)
    if any(not isinstance(change, SetField) for change in changes):
        if notebook.nbformat < _WITH_IDS[0] or len(places.lists) != 1:
            raise NotebookError("is too old a format to insert, delete or move cells: save it as nbformat 4 first")
        body = places.lists[0]
        written = _list_text(text, body, cells, _Arrangement(notebook, changes, style))
        edited = text[: body.start] + written + text[body.end :]
    else:
        edited = _spliced(text, {(place.start, place.end): cells[at] for at, place in enumerate(places.cells)})
    return _with_fields(edited, fields[None], style) if None in fields else edited


def _with_fields(text: str, fields: Mapping[str, Any], style: Style) -> str:
    """Write the notebook's own fields."""
    start = text.index("{")
    members, end = scan_object(text, start)
    indent = member_indent(text, start, members, style)
    updates: dict[str, str | None] = {
        name: patched(text, members[name].start, value, style) if name in members else style.value(value, indent)
        for name, value in fields.items()
    }
    return text[:start] + with_members(text, start, updates, style) + text[end:]


def _check_indexes(notebook: Notebook, changes: Iterable[Change]) -> None:
    """See that each change names a cell that is there."""
    count = len(notebook.cells)
    for change in changes:
        cell = None if isinstance(change, InsertCell) else change.cell
        after = change.after if isinstance(change, InsertCell | MoveCell) else -1
        if not (-1 <= after < count and (cell is None or 0 <= cell < count)):
            raise IndexError(f"no cell {after if cell is None else cell} in a notebook of {count} cells")


def arranged(count: int, changes: Iterable[Change]) -> list[int | InsertCell]:
    """Give which cells a notebook of `count` cells holds after the changes: indexes of old ones, and new ones."""
    structural = [change for change in changes if not isinstance(change, SetField)]
    gone = {change.cell for change in structural if not isinstance(change, InsertCell)}
    deleted = {change.cell for change in structural if isinstance(change, DeleteCell)}
    order: list[int | InsertCell] = []
    for number in range(-1, count):
        if number >= 0 and number not in gone:
            order.append(number)
        for change in structural:
            if isinstance(change, DeleteCell) or change.after != number:
                continue
            if isinstance(change, InsertCell):
                order.append(change)
            elif change.cell not in deleted:
                order.append(change.cell)
    return order


class _Arrangement:
    """Which cells a list of cells holds in the end: indexes of old ones, texts of new ones."""

    def __init__(self, notebook: Notebook, changes: Iterable[Change], style: Style) -> None:
        self.style = style
        self._ids = {cell.id for cell in notebook.cells}
        self.order: list[int | Mapping[str, Any]] = [
            self._new_cell(notebook, entry) if isinstance(entry, InsertCell) else entry
            for entry in arranged(len(notebook.cells), changes)
        ]

    def _new_cell(self, notebook: Notebook, change: InsertCell) -> Mapping[str, Any]:
        """Give a new cell in the order nbformat writes its members in."""
        cell: dict[str, Any] = {"cell_type": change.cell_type}
        if change.cell_type == "code":
            cell["execution_count"] = None
        if (notebook.nbformat, notebook.nbformat_minor) >= _WITH_IDS:
            cell["id"] = self._new_id(change.source)
        cell["metadata"] = dict(change.metadata)
        if change.cell_type == "code":
            cell["outputs"] = []
        cell["source"] = change.source.splitlines(keepends=True)
        return cell

    def _new_id(self, source: str) -> str:
        """Give an id that no cell has."""
        new = new_cell_id(source, self._ids)
        self._ids.add(new)
        return new


def _fields(changes: Iterable[Any]) -> dict[int | None, dict[str, Any]]:
    """Give the new values of fields by cell and name; of several for one field the last counts."""
    fields: dict[int | None, dict[str, Any]] = {}
    for change in changes:
        if isinstance(change, SetField):
            fields.setdefault(change.cell, {})[change.name] = change.value
    return fields


def _cell_text(notebook: Notebook, cell: int, fields: Mapping[str, Any], style: Style) -> str:
    """Write one cell with some fields changed."""
    text = notebook.text
    place = notebook.places.cells[cell]
    updates: dict[str, str | None] = {}
    for field, value in fields.items():
        name = field
        if field == "source":
            name = next((other for other in SOURCES if other in place.members), field)
        elif field not in place.members and _OLD_NAMES.get(field) in place.members:
            name = _OLD_NAMES[field]
        member = place.members.get(name)
        if member is None:
            indent = member_indent(text, place.start, place.members, style)
            updates[name] = style.value(value.splitlines(keepends=True) if field == "source" else value, indent)
        elif field == "source":
            # The heading cells of nbformat 3 hold their level apart; reading has put it into the text.
            plain = _HEADING.sub("", value) if "level" in place.members else value
            updates[name] = source_text(text, member.start, plain, style)
        else:
            updates[name] = patched(text, member.start, value, style)
    return with_members(text, place.start, updates, style)


def _list_text(text: str, body: CellList, cells: Mapping[int, str], wanted: _Arrangement) -> str:
    """Write a list of cells in another order, with cells left out and new ones."""
    style, old = wanted.style, body.cells
    lead, comma, tail = separators(text, (body.start, body.end), [(cell.start, cell.end) for cell in old], style)
    indent = lead.rpartition("\n")[2]
    parts = ["[", lead] if wanted.order else ["["]
    before: object = None
    for entry in wanted.order:
        if before is not None:
            follows = isinstance(entry, int) and isinstance(before, int) and entry == before + 1
            parts.append(text[old[entry - 1].end : old[entry].start] if follows and isinstance(entry, int) else comma)
        parts.append(cells[entry] if isinstance(entry, int) else style.value(entry, indent))
        before = entry
    return "".join(parts) + (tail if wanted.order else "") + "]"


def _spliced(text: str, edits: Mapping[tuple[int, int], str]) -> str:
    """Put new text in the place of stretches of the old; they do not overlap."""
    parts, done = [], 0
    for (start, end), new in sorted(edits.items()):
        parts += [text[done:start], new]
        done = end
    return "".join(parts) + text[done:]
