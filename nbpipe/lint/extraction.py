"""The fix that all rules about settings share: a literal becomes a parameter.

The literal goes to the parameters cell under a name, and the name takes its place. Where an assignment gives the
literal to a name already, the assignment itself moves. All fixes of one notebook agree on names, values and place, so
that any of them can be made in one pass, together or alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbpipe.keeping import kept
from nbpipe.lint.diagnostic import Applicability, CellEdit, Edit, FieldEdit, Fix
from nbpipe.lint.replacement import evaluates_to, replacement, written
from nbpipe.notebook.model import Range
from nbpipe.settings.bindings import bindings_of
from nbpipe.settings.configuration import PARAMETERS
from nbpipe.settings.destination import destination
from nbpipe.settings.endpoint_shape import has_secret
from nbpipe.settings.finding import find_settings
from nbpipe.settings.naming import parameters_of_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.settings.bindings import Assignment
    from nbpipe.settings.setting import Setting

    Edits = tuple[Edit | CellEdit | FieldEdit, ...]

TAGGING: Final = "tag the cell as parameters"
_LONGEST_LINE: Final = 300


class Extraction:
    """How the settings of one notebook become parameters.

    Args:
        analysis: of the notebook.
        settings: those that may, with their names; by default all.
    """

    def __init__(self, analysis: Analysis, settings: Sequence[Setting] | None = None) -> None:
        self._analysis = analysis
        self._bindings = bindings_of(analysis)
        self._destination = destination(analysis)
        self._existing = parameters_of_cells(analysis, self._bindings)
        self._lines: dict[str, str] = {}
        self._moving: dict[tuple[int, int], int] = {}  # cell and the line behind a statement, to its first line
        self._edits: dict[tuple[int, ...], Edits | None] = {}
        if self._destination is not None:
            settings = find_settings(analysis) if settings is None else settings
            self._declare(settings)
            for setting in settings:
                self._edits.setdefault(setting.range.key(), self._edits_for(setting))

    def fix(self, settings: Sequence[Setting]) -> Fix | None:
        """Give the fix that makes parameters of all these settings, None where it would not be right for each."""
        edits: dict[int, Edit | CellEdit | FieldEdit] = {}
        for setting in settings:
            own = self._edits.get(setting.range.key())
            if own is None:
                return None
            edits.update((id(edit), edit) for edit in own)
        if not edits:
            return None
        if all(isinstance(edit, FieldEdit) for edit in edits.values()):
            return Fix(TAGGING, tuple(edits.values()), Applicability.UNSAFE)
        names = list(dict.fromkeys(setting.name for setting in settings))
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        where = "the parameters cell" if self._is_there else "a parameters cell"
        return Fix(f"move {listed} to {where}", tuple(edits.values()), Applicability.UNSAFE)

    def declaration(self, name: str) -> str:
        """Give the line that makes a name a parameter, "" where it is one already."""
        return "" if name in self._existing else self._lines[name]

    def movable(self, settings: Sequence[Setting]) -> list[Setting]:
        """Give those of the settings for which there is a fix."""
        return [setting for setting in settings if self._edits.get(setting.range.key())]

    @property
    def _is_there(self) -> bool:
        return self._destination is not None and self._destination.cell is not None

    def _declare(self, settings: Sequence[Setting]) -> None:
        """Set down the line that gives each name its value: one for all that use it."""
        for setting in settings:
            assignment = self._bindings.assignment(setting.node)
            if assignment is not None:
                self._lines.setdefault(setting.name, assignment.text)
                self._moving[assignment.home, assignment.lines[1]] = assignment.lines[0]
        for setting in settings:
            self._lines.setdefault(setting.name, f"{setting.name} = {self._literal_text(setting)}")

    def _literal_text(self, setting: Setting) -> str:
        """Give the literal as it is written, where that is one line and a literal by itself; else as Python would."""
        text = written(self._analysis, setting)
        if setting.node is not None and "\n" not in text and evaluates_to(text, setting.value):
            return text
        return repr(setting.value)

    # Edits

    def _edits_for(self, setting: Setting) -> Edits | None:
        place = self._destination
        assert place is not None  # noqa: S101 - asked only where there is one
        if isinstance(setting.value, str) and has_secret(setting.value):
            return None  # it belongs in no cell
        assignment = self._bindings.assignment(setting.node)
        if assignment is not None and assignment.home == place.cell:
            return self._tag() or None
        home = setting.range.cell
        if self._is_locked(home) or (place.cell is not None and self._is_locked(place.cell)):
            return None
        if not place.precedes(home) or len(self._lines[setting.name]) > _LONGEST_LINE:
            return None
        change = self._removal(assignment) if assignment is not None else replacement(self._analysis, setting)
        return (change, *self._declaring(setting.name)) if change is not None else None

    def _is_locked(self, cell: int) -> bool:
        """Tell whether a cell's author has said that nobody is to change it."""
        return self._analysis.notebook.cells[cell].metadata.get("editable") is False

    def _declaring(self, name: str) -> Edits:
        """Give the edits that make a name a parameter."""
        place = self._destination
        assert place is not None  # noqa: S101 - asked only where there is one
        line = self._lines[name]
        if place.cell is None:
            return (CellEdit("insert-cell", after=place.after, tags=(PARAMETERS,), content=line),)
        if name in self._existing:
            return ()
        lines = self._analysis.notebook.cells[place.cell].source.split("\n")
        end = len(lines) - 1
        here = Range(place.cell, end, len(lines[end]), end, len(lines[end]))
        return (Edit(here, f"\n{line}" if lines[end] else f"{line}\n"), *self._tag())

    def _tag(self) -> Edits:
        place = self._destination
        if place is None or place.cell is None or place.tagged:
            return ()
        cell = self._analysis.notebook.cells[place.cell]
        return (FieldEdit(place.cell, "metadata", {**cell.metadata, "tags": [*cell.tags, PARAMETERS]}),)

    def _removal(self, assignment: Assignment) -> Edit:
        """Give the edit that takes a statement's lines away.

        Those at the end of a cell go with the line ends before them, all others with those behind them, so that no two
        removals overlap and no empty line is left at the end.
        """
        lines = self._analysis.notebook.cells[assignment.home].source.split("\n")
        first, behind = assignment.lines
        if first < self._end(assignment.home, len(lines)):
            where = Range(assignment.home, first, 0, behind, 0)
        elif first > 0:
            where = Range(assignment.home, first - 1, len(lines[first - 1]), behind - 1, len(lines[behind - 1]))
        else:
            where = Range(assignment.home, 0, 0, behind - 1, len(lines[behind - 1]))
        return Edit(where, "")

    def _end(self, cell: int, count: int) -> int:
        """Give the line from which on a cell of so many lines holds nothing but statements that move."""
        while (cell, count) in self._moving:
            count = self._moving[cell, count]
        return count


@kept
def extraction_of(analysis: Analysis) -> Extraction:
    """Give how a notebook's settings become parameters, worked out once for all rules."""
    return Extraction(analysis)
