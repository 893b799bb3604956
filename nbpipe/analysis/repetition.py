"""What running the cells of a notebook a second time changes once more, or fails at."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.cell_repetition import CellRepetitions
from nbpipe.analysis.cell_statements import statements
from nbpipe.analysis.dependence import root_name, targets_of
from nbpipe.analysis.outside_effects import effects_again, has_signs
from nbpipe.analysis.repetition_table import table_for

if TYPE_CHECKING:
    from nbpipe.analysis.cell_repetition import Repetition
    from nbpipe.analysis.code import CellCode
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.repetition_table import Again


class Repetitions:
    """What the second runs of a notebook's cells do."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._table = table_for(analysis.imported)
        self._reaches_out = has_signs("\n".join([code.code.text for code in analysis.codes.values()]))
        self._first: dict[str, int] = {}  # the first cell that binds a name, by the looks
        first = self._first
        for index, name in analysis.nodes(ast.Name):
            if name.ctx.__class__ is ast.Store and index <= first.get(name.id, index):
                first[name.id] = index

    def updates(self, code: CellCode) -> list[Repetition]:
        """Give what a second run of a cell changes of what earlier cells made, or fails at: one thing a name."""
        if code.code.scratch:
            return []
        own = list(statements(code.body))
        if not any(self._may_update(statement, code.index) for statement, _ in own):
            return []
        earlier = {name for name, cell in self._first.items() if cell < code.index}
        return list(CellRepetitions(self._analysis, self._table, code.index, own, earlier).found())

    def _may_update(self, statement: ast.stmt, index: int) -> bool:
        """Tell by the looks whether a statement can be one that updates what an earlier cell made."""
        kind = statement.__class__
        if kind is ast.Delete:
            return True
        if kind is ast.Expr:
            return self._may_change(statement.value, index)  # type: ignore[attr-defined]
        if kind is not ast.Assign and kind is not ast.AugAssign:
            return False
        roots = [root for target in targets_of(statement) if self._is_earlier(root := root_name(target), index)]
        if isinstance(statement, ast.AugAssign):
            return bool(roots)
        if not isinstance(statement, ast.Assign):
            return False
        return bool(roots and _reads(statement, roots)) or self._may_change(statement.value, index)

    def _may_change(self, call: ast.expr, index: int) -> bool:
        """Tell by the looks whether a call can change what an earlier cell made."""
        if not isinstance(call, ast.Call):
            return False
        function = call.func
        method = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if call.args and self._table.may_change_argument(method) and self._is_earlier(root_name(call.args[0]), index):
            return True
        changing = self._table.may_change(method) or any(keyword.arg == "inplace" for keyword in call.keywords)
        return changing and self._is_earlier(root_name(function), index)

    def _is_earlier(self, root: ast.Name | None, index: int) -> bool:
        return root is not None and self._first.get(root.id, index) < index

    def effects(self, code: CellCode) -> list[tuple[ast.expr | int, Again]]:
        """Give what a second run does once more outside the notebook; see `effects_again`."""
        if code.code.scratch or not (code.code.magics or self._reaches_out):
            return []
        return list(effects_again(self._analysis, self._table, code))


def names_in(root: ast.expr) -> set[str]:
    """Give the names in an expression."""
    found: set[str] = set()
    pending: list[ast.AST] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
            continue
        for value in node.__dict__.values():
            if value.__class__ is list:
                pending += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.expr):
                pending.append(value)
    return found


def _reads(statement: ast.Assign, roots: list[ast.Name | None]) -> bool:
    """Tell whether an assignment's value, or a subscript in its targets, uses one of these names."""
    names = {root.id for root in roots if root is not None}
    slices = [target.slice for target in targets_of(statement) if isinstance(target, ast.Subscript)]
    return any(not names.isdisjoint(names_in(part)) for part in (statement.value, *slices))
