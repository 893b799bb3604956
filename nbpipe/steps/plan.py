"""Which cells form which step: the tags of all cells together."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbpipe.errors import ConversionError
from nbpipe.steps.tags import CellTags, Role, TagProblem, is_step_tag, read_tags, unknown_step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.notebook import Notebook
    from nbpipe.steps.options import OptionValue

NO_STEPS = (
    "no cell is tagged as a step: tag the cells that belong together with step:<name> "
    "(and the one with the settings with parameters), or let `nbpipe tag` suggest it, then convert again"
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

    def title_of(self, name: str) -> str:
        """Give the name of a step as its tag has it."""
        return next((step.title for step in self.steps if step.name == name), name)

    def merged(self, first: str, last: str) -> tuple[StepPlan, str]:
        """Make one step of a step, a later one and those between; give the plan and the name of that step."""
        names = [step.name for step in self.steps]
        begin, end = names.index(first), names.index(last) + 1
        parts = self.steps[begin:end]
        name = _joined([step.name for step in parts], {*names[:begin], *names[end:]})
        gone = {step.name for step in parts}
        whole = StepCells(
            name,
            name,
            tuple(cell for step in parts for cell in step.cells),
            tuple(cell for step in parts for cell in step.metrics_cells),
            tuple(dict.fromkeys(other for step in parts for other in step.after if other not in gone)),
            {key: value for step in parts for key, value in step.options.items()},
        )
        later = (
            replace(step, after=tuple(dict.fromkeys(name if other in gone else other for other in step.after)))
            for step in self.steps[end:]
        )
        roles = {cell: replace(role, step=name) if role.step in gone else role for cell, role in self.roles.items()}
        return StepPlan(roles, (*self.steps[:begin], whole, *later), self.notes), name

    def without(self, names: Iterable[str]) -> StepPlan:
        """Give the plan without steps whose cells only import and define: such cells belong to no step."""
        gone = set(names)
        roles = {
            cell: replace(role, role=Role.IMPORTS, step="") if role.step in gone else role
            for cell, role in self.roles.items()
        }
        steps = (step for step in self.steps if step.name not in gone)
        kept = tuple(replace(step, after=tuple(name for name in step.after if name not in gone)) for step in steps)
        return StepPlan(roles, kept, self.notes)

    def keeping(self, cells: Iterable[int]) -> StepPlan:
        """Give the plan with cells that are tagged ``skip`` kept, each in the step that begins before it."""
        roles, steps = dict(self.roles), list(self.steps)
        for cell in sorted(cells):
            role = roles.get(cell)
            place = max((at for at, step in enumerate(steps) if step.cells[0] < cell), default=None)
            if role is not None and role.role is Role.SKIP and place is not None:
                step = steps[place]
                roles[cell] = CellRole(cell, Role.STEP, step.name)
                steps[place] = replace(step, cells=tuple(sorted((*step.cells, cell))))
        return StepPlan(roles, tuple(steps), self.notes)

    def cells_of(self, *roles: Role) -> tuple[int, ...]:
        """Give the indices of the cells of these roles."""
        return tuple(cell.index for cell in self.roles.values() if cell.role in roles)


def plan_steps(notebook: Notebook) -> StepPlan:
    """Read the tags of a notebook.

    An untagged code cell joins the step before it, with a note; before the first step it counts as definitions.

    Raises:
        ConversionError: a tag is wrong, no cell is tagged as a step, or a step's cells do not stand together.
    """
    plan, problems = survey(notebook)
    if problems:
        raise ConversionError(f"cell {problems[0].cell + 1}: {problems[0].message}")
    if not plan.steps:
        raise ConversionError(NO_STEPS)
    return plan


def survey(notebook: Notebook) -> tuple[StepPlan, tuple[TagProblem, ...]]:
    """Read the tags of a notebook as far as they can be understood; give also all that is wrong, in document order."""
    planner = _Planner(notebook)
    plan = planner.plan()
    return plan, tuple(sorted(planner.problems, key=lambda problem: problem.cell))


def understood(notebook: Notebook) -> StepPlan | None:
    """Give the plan of a notebook that has steps, None where it has none, or a wrong tag makes it another plan."""
    plan, problems = survey(notebook)
    return plan if plan.steps and all(problem.apart for problem in problems) else None


def has_steps(notebook: Notebook) -> bool:
    """Tell whether a cell is tagged as a step's, be it with a misspelt tag."""
    return any(is_step_tag(tag) for cell in notebook.cells if cell.cell_type == "code" for tag in cell.tags)


def identifier(title: str) -> str:
    """Make a step's name, as its tag has it, a Python identifier; "" where nothing is left of it."""
    name = re.sub(r"\W+", "_", title.strip().lower()).strip("_")
    if name and not name[0].isalpha():
        name = f"step_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


_LONGEST = 40  # characters of the name of a step that was several


def _joined(names: list[str], taken: set[str]) -> str:
    """Name the step that several become."""
    name = "_".join(names)
    if len(name) > _LONGEST:
        name = f"{names[0]}_to_{names[-1]}"
    return f"{name}_" if name in taken else name


class _Planner:
    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.problems: list[TagProblem] = []
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
            tags, problems = read_tags(cell.tags, cell.index)
            self.problems += problems
            self.roles[cell.index] = self._role(cell.index, tags)
            self._keep_settings(cell.index, tags)
        return StepPlan(self.roles, tuple(self._step(name) for name in self.titles), tuple(self.notes))

    def _problem(self, index: int, message: str, *, apart: bool = False) -> None:
        self.problems.append(TagProblem(index, message, apart))

    def _role(self, index: int, tags: CellTags) -> CellRole:
        if tags.role is Role.STEP:
            self._enter(index, tags.step)
        if tags.role not in (None, Role.STEP):
            return CellRole(index, tags.role)
        if not self.current:
            if tags.is_metrics:
                self._problem(index, "is tagged metrics, but there is no step before it")
            return CellRole(index, Role.DEFINITIONS, tagged=False)
        tagged = tags.role is Role.STEP or tags.is_metrics
        if not tagged:
            self.notes.append(Note(index, f"is untagged: it joins step '{self.current}'"))
        return CellRole(index, Role.STEP, self.current, tags.is_metrics, tagged)

    def _enter(self, index: int, title: str) -> None:
        name = identifier(title)
        if not name:
            self._problem(index, f"step '{title}' has no letter or digit in its name")
            return
        known = self.titles.setdefault(name, title)
        if known != title:
            self._problem(index, f"steps '{known}' and '{title}' would both be named {name}: rename one")
        earlier = [role.step for role in self.roles.values() if role.step]
        if name in earlier and earlier[-1] != name:
            message = (
                f"step '{title}' goes on after step '{self.titles[earlier[-1]]}' began: "
                "the cells of a step must stand together, so move the cell or give it a step of its own"
            )
            self._problem(index, message, apart=True)
        self.current = name

    def _keep_settings(self, index: int, tags: CellTags) -> None:
        if self.roles[index].role is not Role.STEP:
            wanted = [tag for _, tag in tags.after if not tag.startswith("prev:")]  # Kale leaves it on cells to skip
            if wanted or tags.options:
                self._problem(index, "'after' and 'option' tags belong to a cell of a step")
            return
        earlier = {title: name for name, title in self.titles.items() if name != self.current}
        for title, tag in tags.after:
            name = earlier.get(title) or next((name for name in earlier.values() if name == title), None)
            if name is None:
                self._problem(index, unknown_step(tag, list(earlier)))
            else:
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
