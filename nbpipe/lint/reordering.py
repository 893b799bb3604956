"""The fix of cells in an order that does not run, or does not give what is stored: moving as few as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis import analyze
from nbpipe.analysis.order import CONCEIVABLE
from nbpipe.analysis.rearranging import OUTSIDE, effects_of, rearranged
from nbpipe.analysis.undefined import LATER, MAYBE
from nbpipe.lint.diagnostic import Applicability, CellEdit, Fix
from nbpipe.notebook.model import Cell, Notebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.rearranging import Effects
    from nbpipe.config import Settings

    Turned = dict[tuple[int, int], set[str]]

# Every two cells are compared; a notebook beyond this is not one that somebody looks through in a diff.
MOST_CELLS = 300


def reordering(analysis: Analysis, settings: Settings) -> Fix | None:
    """Give the fix that moves cells into an order that runs top-down and gives what the recorded order gave.

    Where the counts tell the whole order (each cell ran once after all that cannot be seen, none failed), the order of
    every two cells that touch something in common is kept as it was recorded. Else it is kept as in the document, but
    that the one cell that defines a name comes before those that use it. The result is analysed again: it must have
    nothing undefined and no new order finding.
    """
    if len(analysis.codes) > MOST_CELLS:
        return None
    complete = _is_complete(analysis)
    turned = {} if complete else _turned(analysis)
    if turned is None or not (complete or turned):
        return None
    reference = [index for index in (analysis.session.order if complete else analysis.codes) if index in analysis.codes]
    before = _constraints(effects_of(analysis, analysis.simulated(reference)), reference, turned)
    cells = [index for index in analysis.codes if index in before]
    found = rearranged(cells, before)
    if found is None or not found[1]:
        return None
    order, moved = found
    # What a cell does may show only now that the names it uses are there.
    after = _constraints(effects_of(analysis, analysis.simulated(order)), reference, turned)
    place = {cell: number for number, cell in enumerate(order)}
    if any(place[other] > place[cell] for cell in order for other in after[cell]):
        return None
    edits = _edits(analysis.notebook, order, moved)
    if not _runs(analysis, settings, _applied(len(analysis.notebook.cells), edits)):
        return None
    noun = "cell" if len(moved) == 1 else "cells"
    numbers = ", ".join(str(index + 1) for index in sorted(moved))
    return Fix(f"Move {noun} {numbers} so that the notebook runs from the top", edits, Applicability.UNSAFE)


def _is_complete(analysis: Analysis) -> bool:
    """Tell whether the counts show one run of every cell, in one session, without anything in between."""
    session = analysis.session
    counts = sorted(session.counts.values())
    ran = all(index in session.counts for index, code in analysis.codes.items() if code.body or code.tree is None)
    return ran and bool(counts) and not session.failed and counts == list(range(counts[0], counts[0] + len(counts)))


def _turned(analysis: Analysis) -> Turned | None:
    """Give the pairs of cells of which the second must come first, and the names for which; None where that is open."""
    turned: Turned = {}
    for found in analysis.undefined_uses:
        if found.kind == LATER and found.certain and not found.use.local:
            definers = {definition.cell for definition in found.definitions}
            if len(definers) > 1 or found.use.cell in definers:
                return None  # which of them was meant, or in which state, is not known
            turned.setdefault((found.use.cell, min(definers)), set()).add(found.use.name)
    return turned


def _constraints(effects: Mapping[int, Effects], reference: Sequence[int], turned: Turned) -> dict[int, set[int]]:
    """Give what must come before each cell: of two that conflict the first in the reference, but for turned pairs."""
    cells = [cell for cell in reference if cell in effects]
    before: dict[int, set[int]] = {cell: set() for cell in cells}
    for number, cell in enumerate(cells):
        for other in cells[:number]:
            shared = effects[cell].conflicts(effects[other])
            names = turned.get((other, cell))
            if names:
                before[other].add(cell)
                shared = shared - names - {OUTSIDE}
            if shared:
                before[cell].add(other)
    return before


def _edits(notebook: Notebook, order: Sequence[int], moved: set[int]) -> tuple[CellEdit, ...]:
    """Give the moves: each cell with the text that introduces it, behind a cell that stays."""
    edits: list[CellEdit] = []
    anchor = _top(notebook)
    for cell in order:
        if cell in moved:
            run = [*_introduction(notebook, cell, moved), cell]
            edits += [CellEdit("move-cell", cell=index, after=anchor) for index in run]
        else:
            anchor = cell
    return tuple(edits)


def _top(notebook: Notebook) -> int:
    """Give behind which cell the notebook begins: its title, or none."""
    first = notebook.cells[0]
    return 0 if first.cell_type == "markdown" and first.source.startswith("# ") and len(notebook.cells) > 1 else -1


def _introduction(notebook: Notebook, cell: int, moved: set[int]) -> list[int]:
    """Give the Markdown cells directly above a cell that speak of it, not of what stays below it."""
    start = cell
    while start > 0 and notebook.cells[start - 1].cell_type == "markdown":
        start -= 1
    if start == 0 and _top(notebook) == 0:
        start = min(1, cell)
    texts = list(range(start, cell))
    following = notebook.cells[cell + 1 : cell + 2]
    if following and following[0].cell_type == "code" and following[0].index not in moved:
        while texts and any(notebook.cells[index].source.lstrip().startswith("#") for index in texts):
            texts.pop(0)  # a heading over this cell and the next stays with the next
    return texts


def _applied(count: int, edits: Sequence[CellEdit]) -> list[int]:
    """Give the order of all cells after the moves."""
    gone = {edit.cell for edit in edits}
    order = []
    for index in range(-1, count):
        if index >= 0 and index not in gone:
            order.append(index)
        order += [edit.cell for edit in edits if edit.after == index and edit.cell is not None]
    return order


def _runs(analysis: Analysis, settings: Settings, order: Sequence[int]) -> bool:
    """Analyse the notebook with its cells in another order: nothing may be undefined, and no finding may be new."""
    old = analysis.notebook
    cells = tuple(_renumbered(old.cells[index], number) for number, index in enumerate(order))
    moved = Notebook(cells, old.metadata, nbformat=old.nbformat, nbformat_minor=old.nbformat_minor, path=old.path)
    again = analyze(moved, python_magics=settings.python_magics, opaque_magics=settings.opaque_magics)
    meant = {cell.index for cell in cells if "raises-exception" in cell.tags}
    known = {(found.use.cell, found.use.name) for found in analysis.undefined_uses if found.kind == MAYBE}
    for found in again.undefined_uses:
        if found.use.cell not in meant and (order[found.use.cell], found.use.name) not in known:
            return False
    complete = _is_complete(analysis)
    seen = set() if complete else {(found.use.cell, found.use.name) for found in analysis.order_findings}
    return all(
        found.grade == CONCEIVABLE or (order[found.use.cell], found.use.name) in seen for found in again.order_findings
    )


def _renumbered(cell: Cell, index: int) -> Cell:
    return Cell(
        index,
        cell.cell_type,
        cell.source,
        id=cell.id,
        execution_count=cell.execution_count,
        metadata=cell.metadata,
        raw_outputs=cell.raw_outputs,
    )
