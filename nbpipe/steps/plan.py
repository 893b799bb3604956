"""Which cells form which step: the tags of all cells together."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbpipe.errors import ConversionError
from nbpipe.steps.tags import CellTags, Role, read_tags, unknown_step

if TYPE_CHECKING:
    from nbpipe.notebook import Notebook
    from nbpipe.steps.options import OptionValue

NO_STEPS = (
    "no cell is tagged as a step: tag the cells that belong together with step:<name> "
    "(and the one with the settings with parameters), then convert again"
)


@dataclass(frozen=True, slots=True)
class CellRole:
    """What one code cell is in the pipeline.

    Attributes:
        index: of the cell, from 0.
        step: name of its step, "" where it belongs to none.
        is_metrics: its numbers are metrics of the step.
        tagged: a tag gave the role; else it follows from the place.
    """

    index: int
    role: Role
    step: str = ""
    is_metrics: bool = False
    tagged: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the author should know, about the cell at `cell` (from 0)."""

    cell: int
    message: str


@dataclass(frozen=True, slots=True)
class StepCells:
    """One step.

    Attributes:
        name: a Python identifier.
        title: the name as the tag has it.
        cells: indices, in document order.
        metrics_cells: those of them whose numbers are metrics.
        after: names (identifiers) of earlier steps that must have ended before.
    """

    name: str
    title: str
    cells: tuple[int, ...]
    metrics_cells: tuple[int, ...] = ()
    after: tuple[str, ...] = ()
    options: dict[str, OptionValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepPlan:
    """All code cells of a notebook, each with its role, and the steps in document order."""

    roles: dict[int, CellRole]
    steps: tuple[StepCells, ...]
    notes: tuple[Note, ...] = ()

    def step_of(self, cell: int) -> str:
        """Give the name of the step that a cell belongs to, "" for none."""
        role = self.roles.get(cell)
        return role.step if role is not None else ""

    def cells_of(self, *roles: Role) -> tuple[int, ...]:
        """Give the indices of the cells of these roles."""
        return tuple(cell.index for cell in self.roles.values() if cell.role in roles)


def plan_steps(notebook: Notebook) -> StepPlan:
    """Read the tags of a notebook.

    An untagged code cell joins the step before it, with a note; before the first step it counts as definitions.

    Raises:
        ConversionError: a tag is wrong, no cell is tagged as a step, or a step's cells do not stand together.
    """
    return _Planner(notebook).plan()


def identifier(title: str, number: int) -> str:
    """Make a step's name, as the tag of cell `number` has it, a Python identifier.

    Raises:
        ConversionError: nothing is left of it.
    """
    name = re.sub(r"\W+", "_", title.strip().lower()).strip("_")
    if not name:
        raise ConversionError(f"cell {number}: step '{title}' has no letter or digit in its name")
    if not name[0].isalpha():
        name = f"step_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


class _Planner:
    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.roles: dict[int, CellRole] = {}
        self.notes: list[Note] = []
        self.titles: dict[str, str] = {}
        self.after: dict[str, list[str]] = {}
        self.options: dict[str, dict[str, OptionValue]] = {}
        self.current = ""

    def plan(self) -> StepPlan:
        for cell in self.notebook.cells:
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            tags = read_tags(cell.tags, cell.index + 1)
            self.roles[cell.index] = self._role(cell.index, tags)
            self._keep_settings(cell.index, tags)
        if not self.titles:
            raise ConversionError(NO_STEPS)
        return StepPlan(self.roles, tuple(self._step(name) for name in self.titles), tuple(self.notes))

    def _role(self, index: int, tags: CellTags) -> CellRole:
        if tags.role is Role.STEP:
            self._enter(index, tags.step)
        if tags.role not in (None, Role.STEP):
            return CellRole(index, tags.role)
        if not self.current:
            if tags.is_metrics:
                raise ConversionError(f"cell {index + 1}: is tagged metrics, but there is no step before it")
            return CellRole(index, Role.DEFINITIONS, tagged=False)
        tagged = tags.role is Role.STEP or tags.is_metrics
        if not tagged:
            self.notes.append(Note(index, f"is untagged: it joins step '{self.current}'"))
        return CellRole(index, Role.STEP, self.current, tags.is_metrics, tagged)

    def _enter(self, index: int, title: str) -> None:
        name = identifier(title, index + 1)
        known = self.titles.setdefault(name, title)
        if known != title:
            raise ConversionError(
                f"cell {index + 1}: steps '{known}' and '{title}' would both be named {name}: rename one"
            )
        earlier = [role.step for role in self.roles.values() if role.step]
        if name in earlier and earlier[-1] != name:
            raise ConversionError(
                f"cell {index + 1}: step '{title}' goes on after step '{self.titles[earlier[-1]]}' began: "
                "the cells of a step must stand together, so move the cell or give it a step of its own"
            )
        self.current = name

    def _keep_settings(self, index: int, tags: CellTags) -> None:
        if (tags.after or tags.options) and self.roles[index].role is not Role.STEP:
            raise ConversionError(f"cell {index + 1}: 'after' and 'option' tags belong to a cell of a step")
        earlier = {title: name for name, title in self.titles.items() if name != self.current}
        for title in tags.after:
            name = earlier.get(title) or next((name for name in earlier.values() if name == title), None)
            if name is None:
                raise unknown_step(title, index + 1, list(earlier))
            self.after.setdefault(self.current, []).append(name)
        if tags.options:
            self.options.setdefault(self.current, {}).update(tags.options)
            keys = ", ".join(tags.options)
            self.notes.append(
                Note(index, f"option {keys} is kept in the description; the local engine has no use for it")
            )

    def _step(self, name: str) -> StepCells:
        cells = tuple(role.index for role in self.roles.values() if role.step == name)
        metrics = tuple(index for index in cells if self.roles[index].is_metrics)
        after = tuple(dict.fromkeys(self.after.get(name, ())))
        return StepCells(name, self.titles[name], cells, metrics, after, self.options.get(name, {}))
