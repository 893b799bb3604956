"""Where parameters go: the parameters cell, the cell that is it in all but the tag, or a new one at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbpipe.settings.configuration import TAGS, is_assignment, parameters_cells, untagged_parameters_cell

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis

# Commands that take names away, whoever has bound them.
_FORGETTING: Final = frozenset(["%reset", "%reset_selective", "%xdel"])


class Destination:
    """The place of the parameters.

    Attributes:
        cell: index of the cell that takes them; None where a new one is needed.
        tagged: the cell is tagged ``parameters`` already.
        after: index of the cell behind which a new one goes, -1 for the top.
    """

    __slots__ = ("after", "cell", "tagged")

    def __init__(self, cell: int | None, *, tagged: bool = False, after: int = -1) -> None:
        self.cell = cell
        self.tagged = tagged
        self.after = after

    def precedes(self, home: int) -> bool:
        """Tell whether parameters are bound before code of this cell runs."""
        return home > (self.after if self.cell is None else self.cell)


def destination(analysis: Analysis) -> Destination | None:
    """Give where the parameters of a notebook go, None where a name bound at its top may not stay what it was.

    None for assignments of nbgrader's, too, whose cells are not ours to change.

    papermill takes the first cell tagged ``parameters`` and puts the values of a run behind it. Where there is none,
    the first code cell's place is theirs: Markdown stays above, imports come below.
    """
    if is_assignment(analysis.notebook) or _may_rebind_anything(analysis):
        return None
    tagged = parameters_cells(analysis.notebook)
    if tagged:
        return Destination(tagged[0], tagged=True) if _can_grow(analysis, tagged[0]) else None
    if parameters_cells(analysis.notebook, TAGS):
        return None  # values of a run, without the cell that they are for
    untagged = untagged_parameters_cell(analysis)
    if untagged is not None:
        return Destination(untagged) if _can_grow(analysis, untagged) else None
    first = min(analysis.codes, default=None)
    return Destination(None, after=first - 1) if first is not None else None


def _may_rebind_anything(analysis: Analysis) -> bool:
    """Tell whether something in the notebook may bind or unbind names that cannot be seen."""
    if analysis.hides_names:
        return True
    return any(
        any(magic.name in _FORGETTING for magic in code.code.magics)
        or ("reset" in code.code.text and "magic(" in code.code.text)
        for code in analysis.codes.values()
    )


def _can_grow(analysis: Analysis, cell: int) -> bool:
    """Tell whether a statement may be appended to a cell as a line of its own."""
    code, source = analysis.codes[cell], analysis.notebook.cells[cell].source
    if code.tree is None or not code.code.is_python or source[:1].isspace():
        return False
    return not any(magic.name.startswith("%%") for magic in code.code.magics) and not source.endswith("\\")
