"""What fixes changed in a notebook, cell by cell, as people read it: no JSON, the sources as a unified diff."""

from __future__ import annotations

from bisect import bisect_left
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from nbpipe.lint.reporting import plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.lint.fixing import Fixed
    from nbpipe.lint.reporting import Paint
    from nbpipe.notebook import Cell

_COLOURS = {"@": "cyan", "+": "green", "-": "red"}


def differences(fixed: Fixed, paint: Paint) -> Iterator[str]:
    """Yield the lines that show what was changed; none where nothing was."""
    before, after, path = fixed.before, fixed.after, printable(fixed.path)
    yield from _field(f"{path}, metadata", before.metadata, after.metadata, paint)
    moved = _moved(fixed.origins)
    kept = set(fixed.origins)
    for cell in before.cells:
        if cell.index not in kept:
            yield paint(f"{path}, {_name(cell)}: deleted", "bold")
            yield from (paint(f"-{printable(line)}", _COLOURS["-"]) for line in cell.source.splitlines())
    for cell, origin in zip(after.cells, fixed.origins, strict=True):
        if origin is None:
            tags = f", tagged {', '.join(map(printable, cell.tags))}" if cell.tags else ""
            yield paint(f"{path}, new {_name(cell)}: {cell.cell_type}{tags}", "bold")
            yield from (paint(f"+{printable(line)}", _COLOURS["+"]) for line in cell.source.splitlines())
            continue
        old = before.cells[origin]
        where = f"{path}, {_name(old)}"
        if origin in moved:
            place = f"is now below {_below(fixed, cell.index)}" if cell.index else "is now at the top"
            yield paint(f"{where}: {place}", "bold")
        yield from _cell(where, old, cell, paint)


def _below(fixed: Fixed, index: int) -> str:
    above = fixed.origins[index - 1]
    return "the new cell" if above is None else _name(fixed.before.cells[above])


def _name(cell: Cell) -> str:
    return f"cell {cell.index + 1}" + (f" (id {printable(cell.id)})" if cell.id is not None else "")


def _cell(where: str, old: Cell, new: Cell, paint: Paint) -> Iterator[str]:
    """Yield what differs between a cell before and after."""
    if old.raw_outputs and not new.raw_outputs:
        yield paint(f"{where}: {plural(len(old.raw_outputs), 'output')} cleared", "bold")
    elif list(old.raw_outputs) != list(new.raw_outputs):
        yield paint(f"{where}: outputs changed", "bold")
    if old.execution_count != new.execution_count:
        count = "cleared" if new.execution_count is None else f"is now {new.execution_count}"
        yield paint(f"{where}: execution count {count}", "bold")
    if old.id != new.id:
        yield paint(f"{where}: id is now {printable(str(new.id))}", "bold")
    yield from _field(f"{where}, metadata", old.metadata, new.metadata, paint)
    if old.source != new.source:
        yield paint(where, "bold")
        lines = unified_diff(old.source.splitlines(), new.source.splitlines(), lineterm="")
        for number, line in enumerate(lines):
            if number > 1:  # below the names of files, which there are none of
                shown = line[0] + printable(line[1:])
                yield paint(shown, _COLOURS[line[0]]) if line[0] in _COLOURS else shown


def _field(where: str, old: Mapping[str, Any], new: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    """Yield a line that names the members of an object that were added, removed or changed."""
    words = {
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
        "changed": [name for name in new if name in old and new[name] != old[name]],
    }
    parts = [f"{', '.join(printable(name) for name in names)} {verb}" for verb, names in words.items() if names]
    if parts:
        yield paint(f"{where}: {'; '.join(parts)}", "bold")


def _moved(origins: Sequence[int | None]) -> set[int]:
    """Give the cells that left their place: all but a longest run of cells still in their old order."""
    kept = [origin for origin in origins if origin is not None]
    tails: list[int] = []
    lengths = []
    for origin in kept:
        place = bisect_left(tails, origin)
        tails[place : place + 1] = [origin]
        lengths.append(place)
    still: set[int] = set()
    wanted = len(tails) - 1
    for origin, length in zip(reversed(kept), reversed(lengths), strict=True):
        if length == wanted and (not still or origin < min(still)):
            still.add(origin)
            wanted -= 1
    return set(kept) - still
