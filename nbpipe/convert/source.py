"""The code of a notebook as a sequence of statements, each with its cell and its step."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from nbpipe.convert.local_modules import LocalModules
from nbpipe.convert.magics import dropped_lines, is_scratch
from nbpipe.convert.refusal import refuse
from nbpipe.convert.scopes import Names, names_of
from nbpipe.steps import Note, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.settings.parameters import Parameter
    from nbpipe.steps import StepCells, StepPlan


class Statement:
    """One top-level statement of a cell.

    Attributes:
        cell: index of its cell, from 0.
        place: its number among the cell's statements, from 0.
        node: its syntax tree; lines count from 1 in the cell.
        step: name of the step it belongs to, "" outside steps.
        is_dropped: nothing of it goes into the pipeline.
    """

    __slots__ = ("__dict__", "cell", "is_dropped", "node", "place", "step")

    def __init__(self, cell: int, place: int, node: ast.stmt, step: str, *, is_dropped: bool) -> None:
        self.cell = cell
        self.place = place
        self.node = node
        self.step = step
        self.is_dropped = is_dropped

    @cached_property
    def names(self) -> Names:
        """The notebook's names in it."""
        return names_of([self.node])

    @cached_property
    def parts(self) -> frozenset[int]:
        """The ids of all nodes of its syntax tree."""
        return frozenset(map(id, ast.walk(self.node)))

    @property
    def shown(self) -> str:
        """Its first line, short enough for a message."""
        text = ast.unparse(self.node).splitlines()[0]
        return text if len(text) < 60 else f"{text[:57].strip()}..."  # noqa: PLR2004 - characters of a message

    def __repr__(self) -> str:
        return f"<cell {self.cell}: {self.shown}>"


@dataclass(frozen=True, slots=True)
class Source:
    """A notebook that is being converted.

    Attributes:
        statements: of all code cells that have a role, in document order; those of skipped cells are not among them.
        declared: parameters that no cell gives a value: literals of the cells, extracted.
        local: the author's own modules that it imports.
    """

    analysis: Analysis
    plan: StepPlan
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...] = field(default=())
    declared: tuple[Parameter, ...] = ()
    local: LocalModules = field(default_factory=LocalModules)

    def of_step(self, step: str) -> tuple[Statement, ...]:
        """Give the statements of a step."""
        return tuple(statement for statement in self.statements if statement.step == step)

    def outside(self, *roles: Role) -> tuple[Statement, ...]:
        """Give the statements of cells of these roles."""
        return tuple(statement for statement in self.statements if self.plan.roles[statement.cell].role in roles)

    @property
    def steps(self) -> tuple[StepCells, ...]:
        """The steps, in order."""
        return self.plan.steps


def read_source(
    analysis: Analysis,
    plan: StepPlan,
    declared: tuple[Parameter, ...] = (),
    reasons: Mapping[int, str] = MappingProxyType({}),
) -> Source:
    """Take a notebook's cells apart.

    Args:
        analysis: of the notebook.
        plan: its steps.
        declared: parameters that no cell gives a value.
        reasons: see `nbpipe.convert.plain.notebook.PlainNotebook`.

    Raises:
        ConversionError: a cell does not parse, or has a magic that has no counterpart.
    """
    statements: list[Statement] = []
    notes = list(plan.notes)
    for index, role in plan.roles.items():
        if role.role in (Role.SKIP, Role.SERVE):
            if role.role is Role.SERVE:
                notes.append(Note(index, "defines predictions for deployment: it is left out of the pipeline"))
            continue
        code = analysis.codes[index]
        if code.error is not None:
            raise refuse(index, f"is not Python ({code.error[0]}): mend it, or tag it skip")
        if "raises-exception" in analysis.notebook.cells[index].tags:
            raise refuse(
                index, "is meant to raise an exception, so that what it leaves behind is not known: tag it skip"
            )
        dropped, told = dropped_lines(code, reasons.get(index, ""))
        notes.extend(Note(index, message) for message in told)
        statements.extend(_statements(code, role.step, dropped))
    return Source(analysis, plan, tuple(statements), tuple(notes), declared)


def _statements(code: CellCode, step: str, dropped: set[int]) -> list[Statement]:
    scratch = {magic.line: magic for magic in code.code.magics if is_scratch(magic)}
    for line, magic in scratch.items():
        if not code.code.scratch and line + 1 not in {node.lineno for node in code.body}:
            raise refuse(code.index, f"'{magic.name}' stands inside a block, where it cannot be left out: remove it")
    found = []
    for place, node in enumerate(code.body):
        line = node.lineno - 1
        gone = code.code.scratch or line in scratch or (line in dropped and isinstance(node, ast.Pass))
        found.append(Statement(code.index, place, node, step, is_dropped=gone))
    return found
