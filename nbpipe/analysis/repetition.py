"""What running the cells of a notebook a second time changes once more, or fails at."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.cell_repetition import CellRepetitions
from nbpipe.analysis.outside_effects import effects_again
from nbpipe.analysis.repetition_table import RepetitionTable

if TYPE_CHECKING:
    from nbpipe.analysis.cell_repetition import Repetition
    from nbpipe.analysis.code import CellCode
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.repetition_table import Again


class Repetitions:
    """What the second runs of a notebook's cells do."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._table = RepetitionTable(_imported(analysis))
        self._first: dict[str, int] = {}  # the first cell that binds a name, by the looks
        for index, name in analysis.nodes(ast.Name):
            if isinstance(name.ctx, ast.Store) and index <= self._first.get(name.id, index):
                self._first[name.id] = index

    def updates(self, code: CellCode) -> list[Repetition]:
        """Give what a second run of a cell changes of what earlier cells made, or fails at: one thing a name."""
        earlier = {name for name, cell in self._first.items() if cell < code.index}
        if code.code.scratch or not earlier:
            return []
        return list(CellRepetitions(self._analysis, self._table, code, earlier).found())

    def effects(self, code: CellCode) -> list[tuple[ast.expr | int, Again]]:
        """Give what a second run does once more outside the notebook; see `effects_again`."""
        return [] if code.code.scratch else list(effects_again(self._analysis, self._table, code))


def _imported(analysis: Analysis) -> set[str]:
    """Give the top-level modules that the notebook imports from."""
    found = {alias.name for _, node in analysis.nodes(ast.Import) for alias in node.names}
    found.update(node.module or "" for _, node in analysis.nodes(ast.ImportFrom))
    return {name.partition(".")[0] for name in found}
