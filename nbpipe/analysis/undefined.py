"""Uses that no definition, or not every path, reaches top-down, told apart by why."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.analysis.notebook_analysis import Analysis

_GAP = pattern(r"\[your(?: ?- ?\w+)+\]")

STALE = "stale"  # no definition exists, yet the cell ran
LATER = "later"  # the only definitions come later
NEVER = "never"  # no definition exists, or it was deleted before
MAYBE = "maybe"  # an earlier cell defines it on some paths only


class UndefinedUse:
    """A use that raises NameError top-down, surely or on some path.

    Attributes:
        kind: STALE, LATER, NEVER or MAYBE; the first that holds.
        definitions: for LATER those that come too late; for MAYBE those on some paths; for NEVER the deletion.
        certain: nothing that cannot be seen (a star import, ``%run``) may define the name.
    """

    __slots__ = ("certain", "definitions", "kind", "use")

    def __init__(self, use: Use, kind: str, definitions: tuple[Definition, ...], *, certain: bool) -> None:
        self.use = use
        self.kind = kind
        self.definitions = definitions
        self.certain = certain


def undefined_uses(analysis: Analysis) -> list[UndefinedUse]:
    """Give the undefined uses in order of execution: each place once, and of each name the first in each cell."""
    found: dict[tuple[int, str], UndefinedUse] = {}
    places: set[int] = set()
    for use in sorted(analysis.top_down.uses.values(), key=lambda use: use.trouble):
        if not use.trouble or use.guarded or not use.name.isidentifier():
            continue
        if (use.cell, use.name) in found or id(use.node) in places:
            continue
        judged = _judge(analysis, use)
        if judged is not None and not _is_placeholder(analysis, use):
            found[use.cell, use.name] = judged
            places.add(id(use.node))
    return list(found.values())


def _judge(analysis: Analysis, use: Use) -> UndefinedUse | None:
    # ``if i > 0`` in a loop that goes on to bind the name: the first round stays away from the use.
    guarded = not use.plainly_missing and any(definition.bound for definition in use.definitions)
    if use.local:
        # Within a function only what surely fails is told: its paths are the reader's to judge.
        fails = use.missing and not use.maybe_missing and not guarded
        return UndefinedUse(use, LATER, (), certain=True) if fails else None
    known = tuple(analysis.top_down.definitions.get(use.name, ()))
    if use.uncalled:
        return UndefinedUse(use, NEVER, (), certain=False) if not known and not use.opaque else None
    if not use.missing or guarded:
        return _judge_paths(use)
    if not known:
        if use.opaque:
            return None
        return UndefinedUse(use, STALE if use.certain and _ran(analysis, use.cell) else NEVER, (), certain=True)
    if use.opaque and _may_be_hidden(analysis, use):
        return None
    deleted = tuple(definition for definition in use.definitions if definition.kind == "deleted")
    if deleted:
        return UndefinedUse(use, NEVER, deleted, certain=not use.opaque)
    later = tuple(definition for definition in known if definition.order >= use.trouble)
    if later and (use.deferred or (use.opaque and _is_there(analysis, use, later))):
        return None
    if later:
        return UndefinedUse(use, LATER, later, certain=not use.opaque)
    return None if use.opaque else UndefinedUse(use, NEVER, (), certain=True)


def _is_placeholder(analysis: Analysis, use: Use) -> bool:
    """Tell whether a name is a word of a gap for the reader: ``[your - project - id]``, as formatters write it."""
    code = analysis.codes.get(use.home)
    if code is None or "[your" not in analysis.notebook.cells[use.home].source:
        return False
    place = code.range(use.node)
    line = analysis.notebook.cells[use.home].source.split("\n")[place.start_line]
    return any(gap.start() < place.start_column < gap.end() for gap in _GAP.finditer(line))


def _may_be_hidden(analysis: Analysis, use: Use) -> bool:
    """Tell whether a cell above that cannot be read, such as one that does not parse, speaks of the name."""
    return any(
        mark.binds and mark.cell < use.cell and re.search(rf"\b{use.name}\b", analysis.notebook.cells[mark.cell].source)
        for mark in analysis.top_down.opaque
    )


def _judge_paths(use: Use) -> UndefinedUse | None:
    """Judge a use that some path leaves unbound: told where an earlier cell is the reason."""
    bound = tuple(definition for definition in use.definitions if definition.bound)
    if use.opaque or any(definition.cell >= use.cell for definition in bound):
        return None
    if any(step.kind == "loop" and _takes_first(step.node) for definition in bound for step in definition.paths):
        return None
    return UndefinedUse(use, MAYBE, bound, certain=True)


def _ran(analysis: Analysis, index: int) -> bool:
    """Tell whether a cell's stored state shows that it ran: a count and an output that is no error."""
    cell = analysis.notebook.cells[index]
    outputs = cell.outputs
    return (
        cell.execution_count is not None
        and bool(outputs)
        and not any(output.get("output_type") == "error" for output in outputs)
    )


def _is_there(analysis: Analysis, use: Use, later: tuple[Definition, ...]) -> bool:
    """Tell whether something that cannot be seen has defined a name, as its cell was run and left no error.

    So it has mostly where the definitions below are imports: a star import or ``%run`` brings those in, too.
    """
    cell = analysis.notebook.cells[use.cell]
    return (cell.execution_count is not None and not cell.has_error) or all(each.kind == "import" for each in later)


def _takes_first(loop: ast.AST | None) -> bool:
    """Tell whether a loop only fetches first elements: its author knows that there are some."""
    if not isinstance(loop, ast.For | ast.AsyncFor):
        return False
    if isinstance(loop.body[-1], ast.Break):
        return True
    taken = loop.iter
    while isinstance(taken, ast.Call):
        if isinstance(taken.func, ast.Attribute) and taken.func.attr in ("take", "head", "islice", "sample"):
            return True
        taken = taken.args[0] if taken.args else taken.func
    return False
