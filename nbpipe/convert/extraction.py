"""Settings that stand in the code become parameters of the pipeline; the notebook stays as it is.

The linter's fix finds, names and replaces them (`nbpipe.lint.extraction`). Here its edits are made on the notebook that
is converted, in memory, so that each cell and each line keeps its number: assignments leave empty lines, and no cell is
inserted. What would be no parameter that an engineer expects, or would make the conversion refuse, stays in the code.
"""

from __future__ import annotations

import ast
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nbpipe.analysis import analyze
from nbpipe.errors import NotebookError
from nbpipe.lint.diagnostic import Applicability, Edit, Fix
from nbpipe.lint.extraction import Extraction
from nbpipe.lint.fixing import written
from nbpipe.lint.plan import Plan
from nbpipe.lint.replacement import replacement
from nbpipe.notebook.model import Range
from nbpipe.settings.bindings import bindings_of
from nbpipe.settings.configuration import untagged_parameters_cell
from nbpipe.settings.finding import find_settings
from nbpipe.settings.naming import name_all
from nbpipe.settings.parameters import Parameter, parameters_of
from nbpipe.steps import CellRole, Note, Role, StepPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.settings.bindings import Assignment
    from nbpipe.settings.setting import Setting

# A list may be changed by whoever gets it, which the recorded run shows of the notebook's own names only.
_KINDS: Final = (bool, int, float, str)
_SHOWN, _LONGEST = 40, 100  # characters of a value, of a comment
_BLOCKS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Extracted:
    """A notebook as it is converted: with names where its settings were.

    Attributes:
        plan: its steps; those that held nothing but settings are gone.
        parameters: the settings, as parameters.
        notes: what could not be one, and why.
    """

    analysis: Analysis
    plan: StepPlan
    parameters: tuple[Parameter, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One name, the literals that it would replace, and the edits that do it."""

    settings: tuple[Setting, ...]
    edits: tuple[Edit, ...]
    parameters: tuple[Parameter, ...]


def extract(analysis: Analysis, plan: StepPlan, refusal: Callable[[Extracted], str]) -> Extracted:
    """Make parameters of a notebook's settings.

    Args:
        analysis: of the notebook.
        plan: its steps.
        refusal: says why a notebook cannot be converted, "" where it can, as far as reading tells.
    """
    bare = Extracted(analysis, plan)
    before = refusal(bare)
    told = Extracted(analysis, _with_parameters_cell(analysis, plan))
    if told.plan is not plan and refusal(told) == before:
        bare = told
    left: list[tuple[Setting, str]] = []
    found = list(_candidates(analysis, bare.plan, left))
    whole = _rewritten(bare, found)
    if not found or refusal(whole) == before:
        return replace(whole, notes=_notes(left))
    taken: list[_Candidate] = []
    for candidate in found:
        why = refusal(_rewritten(bare, [*taken, candidate]))
        if why == before:
            taken.append(candidate)
        else:
            left += ((setting, f"as a parameter, {why or 'it hides what is wrong'}") for setting in candidate.settings)
    return replace(_rewritten(bare, taken), notes=_notes(left))


def _candidates(analysis: Analysis, plan: StepPlan, left: list[tuple[Setting, str]]) -> Iterator[_Candidate]:
    """Yield the names that settings of the pipeline's cells would get; add those that can have none, with why."""
    settings: dict[tuple[int, ...], Setting] = {}
    for found in find_settings(analysis):
        role = plan.roles.get(found.range.cell)
        if role is None or role.role in (Role.SKIP, Role.SERVE, Role.PARAMETERS):
            continue
        reason = _reason(analysis, found)
        if reason:
            left.append((found, reason))
        else:
            settings.setdefault(found.range.key(), copy(found))
    # Named anew: what stays in the code takes no name away.
    name_all(list(settings.values()), analysis)
    extraction, bindings = Extraction(analysis, list(settings.values())), bindings_of(analysis)
    groups: dict[str, list[Setting]] = {}
    for setting in settings.values():
        groups.setdefault(setting.name, []).append(setting)
    for name, group in groups.items():
        if len(extraction.movable(group)) < len(group):
            left += ((setting, "a name cannot safely take its place") for setting in group)
            continue
        edits, remark = [], ""
        for setting in group:
            assignment = bindings.assignment(setting.node)
            if assignment is not None:
                edit, remark = _removal(analysis, assignment)
                edits.append(edit)
            else:
                edits += filter(None, [replacement(analysis, setting)])
        parameters = parameters_of(extraction.declaration(name))
        told = (replace(each, help=each.help or remark or _origin(group[0])) for each in parameters)
        yield _Candidate(tuple(group), tuple(edits), tuple(told))


def _reason(analysis: Analysis, setting: Setting) -> str:
    """Say why a setting cannot be a parameter of the pipeline, "" where nothing of its kind and place is against it."""
    if not isinstance(setting.value, _KINDS):
        return f"a {setting.type} is no plain value"
    if setting.node is None:
        return "it stands in a command"
    if bindings_of(analysis).assignment(setting.node) is not None:
        return ""
    block = _block_of(analysis, setting)
    if block is not None:
        return f"make it an argument of {block.name} first"
    return "it runs over several lines" if setting.range.start_line != setting.range.end_line else ""


def _block_of(analysis: Analysis, setting: Setting) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    """Give the function or class of a cell in which a literal stands."""
    for statement in analysis.codes[setting.range.cell].body:
        if isinstance(statement, _BLOCKS) and any(node is setting.node for node in ast.walk(statement)):
            return statement
    return None


def _removal(analysis: Analysis, assignment: Assignment) -> tuple[Edit, str]:
    """Give the edit that leaves empty lines in place of a statement and the comments right above it, and these."""
    lines = analysis.notebook.cells[assignment.home].source.split("\n")
    first, behind = assignment.lines
    while first and lines[first - 1].startswith("#"):
        first -= 1
    remark = " ".join(line.lstrip("# ").strip() for line in lines[first : assignment.lines[0]])
    where = Range(assignment.home, first, 0, behind - 1, len(lines[behind - 1]))
    return Edit(where, "\n" * (behind - 1 - first)), remark if len(remark) <= _LONGEST else ""


def _rewritten(bare: Extracted, candidates: list[_Candidate]) -> Extracted:
    """Make the edits of some candidates."""
    if not candidates:
        return bare
    plan = Plan(bare.analysis.notebook)
    parameters: dict[str, Parameter] = {}
    for candidate in candidates:
        if plan.take(Fix("extract", candidate.edits, Applicability.UNSAFE)):
            parameters.update((parameter.name, parameter) for parameter in candidate.parameters)
    try:
        notebook, _ = written(bare.analysis.notebook, plan)
    except NotebookError:  # the format of a text notebook cannot hold it
        return bare
    analysis = analyze(notebook)
    return Extracted(analysis, _without_empty_steps(bare.plan, analysis), tuple(parameters.values()))


def _with_parameters_cell(analysis: Analysis, plan: StepPlan) -> StepPlan:
    """Take the cell that is the parameters cell in all but the tag as what it is."""
    cell = untagged_parameters_cell(analysis)
    role = plan.roles.get(cell) if cell is not None else None
    if role is None or role.role in (Role.SKIP, Role.SERVE, Role.PARAMETERS):
        return plan
    return _with_parameters(plan, {role.index})


def _without_empty_steps(plan: StepPlan, analysis: Analysis) -> StepPlan:
    """Take away the steps that held nothing but settings."""
    empty = [step for step in plan.steps if not any(analysis.codes[cell].body for cell in step.cells)]
    return _with_parameters(plan, {cell for step in empty for cell in step.cells})


def _with_parameters(plan: StepPlan, cells: set[int]) -> StepPlan:
    """Take cells out of their steps, as cells of parameters, unless no step would be left."""
    own = {step.name: tuple(cell for cell in step.cells if cell not in cells) for step in plan.steps}
    if not cells or not any(own.values()):
        return plan
    steps = tuple(
        replace(
            step,
            cells=own[step.name],
            metrics_cells=tuple(cell for cell in step.metrics_cells if cell not in cells),
            after=tuple(name for name in step.after if own[name]),
        )
        for step in plan.steps
        if own[step.name]
    )
    roles = {cell: CellRole(cell, Role.PARAMETERS) if cell in cells else role for cell, role in plan.roles.items()}
    return StepPlan(roles, steps, plan.notes)


def _notes(left: list[tuple[Setting, str]]) -> tuple[Note, ...]:
    """Tell which settings stay in the code, those of one cell with one reason together."""
    told: dict[tuple[int, str], list[str]] = {}
    for setting, reason in left:
        value = repr(setting.value)
        shown = f"{setting.name} = {value if len(value) <= _SHOWN else f'{value[: _SHOWN - 3]}...'}"
        names = told.setdefault((setting.range.cell, reason), [])
        if shown not in names:
            names.append(shown)
    return tuple(
        Note(cell, f"{', '.join(names)} {'stays' if len(names) == 1 else 'stay'} in the code: {reason}")
        for (cell, reason), names in sorted(told.items())
    )


def _origin(setting: Setting) -> str:
    """Say what a parameter is for."""
    sink = setting.sink.rpartition(".")[2]
    where = f"cell {setting.range.cell + 1}"
    return f"{sink} in {where}" if sink else f"set in {where}"
