"""Tags for a notebook that has none: its steps by data flow and by what code does, or by headings."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nbpipe.errors import ConversionError
from nbpipe.notebook import Cell, Notebook
from nbpipe.steps.dividing import Part, divide
from nbpipe.steps.exploration import explored
from nbpipe.steps.headings import beginning, best_level, headings, step_name
from nbpipe.steps.plan import identifier, plan_steps
from nbpipe.steps.stages import CellStage, Stage, stages_of
from nbpipe.steps.tags import is_role_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.steps.headings import Heading
    from nbpipe.steps.plan import StepPlan

WAYS: Final = ("stages", "headings")
TAGS: Final = "tags"
_TOOLS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SHOWN = 4  # names


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The tags of one code cell, and why.

    Attributes:
        cell: index of the cell.
        tags: to add.
    """

    cell: int
    tags: tuple[str, ...]
    reason: str


def suggest(analysis: Analysis, way: str = "stages") -> tuple[Suggestion, ...]:
    """Suggest tags for all code cells of a notebook, in document order.

    Args:
        analysis: of the notebook; what tags it has does not count.
        way: ``stages``, by data flow and by what code does, or ``headings``.

    Raises:
        ConversionError: nothing is left to be a step, or there are no headings to divide by.
    """
    stages = stages_of(analysis)
    found = dict(_prelude(analysis))
    rest = [index for index, code in analysis.codes.items() if code.body and index not in found]
    skipped = explored(analysis, stages, set(rest))
    found |= {cell: Suggestion(cell, ("skip",), reason) for cell, reason in skipped.items()}
    kept = [cell for cell in rest if cell not in skipped]
    if not kept:
        raise ConversionError("there is nothing to make a step of: no cell computes anything that is kept")
    headed = headings(analysis.notebook, kept)
    parts = _by_heading(headed, kept) if way == "headings" else _by_stage(analysis, stages, kept, headed)
    for name, part, why in parts:
        for place, cell in enumerate(part.cells):
            tags = (f"step:{name}", *(["metrics"] if stages[cell].measures else []))
            found[cell] = Suggestion(cell, tags, _why(stages[cell], part, why, first=not place))
    return tuple(found[cell] for cell in sorted(found))


def retagged(cell: Cell, suggestion: Suggestion) -> tuple[str, ...]:
    """Give all tags of a cell once a suggestion is taken: those that are not the pipeline's stay."""
    others = [tag for tag in cell.tags if not is_role_tag(tag)]
    return (*others, *suggestion.tags)


def with_tags(notebook: Notebook, suggestions: Iterable[Suggestion]) -> Notebook:
    """Give a notebook as it would be with the suggested tags; its text and places stay those of the file."""
    chosen = {suggestion.cell: suggestion for suggestion in suggestions}
    cells = tuple(
        Cell(
            cell.index,
            cell.cell_type,
            cell.source,
            id=cell.id,
            execution_count=cell.execution_count,
            metadata={**cell.metadata, "tags": list(retagged(cell, chosen[cell.index]))},
            raw_outputs=cell.raw_outputs,
        )
        if cell.index in chosen
        else cell
        for cell in notebook.cells
    )
    return notebook.with_cells(cells)


def split_plan(analysis: Analysis, split: str = TAGS, merged: Mapping[str, Sequence[str]] | None = None) -> StepPlan:
    """Give the steps of a notebook.

    Args:
        analysis: of the notebook.
        split: where the steps come from: its ``tags``, or one of the `WAYS` of suggesting them.
        merged: the steps that are to be one, by the name that it had when they were merged; those that are no longer
            there are left alone.

    Raises:
        ConversionError: a tag is wrong, or there are no steps.
    """
    notebook = analysis.notebook if split == TAGS else with_tags(analysis.notebook, suggest(analysis, split))
    plan = plan_steps(notebook)
    for parts in (merged or {}).values():
        if {parts[0], parts[-1]} <= {step.name for step in plan.steps}:
            plan, _ = plan.merged(parts[0], parts[-1])
    return plan


def _why(stage: CellStage, part: Part, why: str, *, first: bool) -> str:
    parts = [why] if first and why else []
    if first and part.crossing:
        shown = ", ".join(part.crossing[:_SHOWN])
        more = f" and {len(part.crossing) - _SHOWN} more" if len(part.crossing) > _SHOWN else ""
        parts.append(f"takes {shown}{more}")
    return "; ".join([stage.reason or "goes on", *parts])


def _prelude(analysis: Analysis) -> Iterator[tuple[int, Suggestion]]:
    """Yield the cells that belong to no step: imports, definitions, and one cell of settings before all else."""
    begun = parameters = False
    for index, code in analysis.codes.items():
        if not code.body:
            continue
        tools = [isinstance(statement, _TOOLS) for statement in code.body]
        if any(tools) and all(
            # Settings further down hold from there on: they belong to a step.
            tool or (not begun and _is_setting(analysis, statement))
            for tool, statement in zip(tools, code.body, strict=True)
        ):
            yield index, Suggestion(index, ("imports",), "imports")
        elif all(isinstance(statement, (*_TOOLS, *_DEFINITIONS)) for statement in code.body) and not (
            _is_bound_again(analysis, code)
        ):
            yield index, Suggestion(index, ("definitions",), "defines functions or classes")
        elif not begun and not parameters and all(map(_is_literal, code.body)):
            parameters = True
            yield index, Suggestion(index, ("parameters",), "sets names to literals before anything is computed")
        elif not begun and all(_is_setting(analysis, statement) for statement in code.body):
            yield index, Suggestion(index, ("imports",), "sets options of libraries")
        else:
            begun = True


def _is_bound_again(analysis: Analysis, code: CellCode) -> bool:
    """Tell whether another cell gives the name of a function or class another meaning: ``result = result(data)``."""
    names = {statement.name for statement in code.body if isinstance(statement, _DEFINITIONS)}
    changes = analysis.top_down.changes
    return any(not names.isdisjoint(changes[other].binds) for other in analysis.codes if other != code.index)


def _is_literal(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    try:
        ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return all(isinstance(target, ast.Name) for target in targets)


def _is_setting(analysis: Analysis, statement: ast.stmt) -> bool:
    """Tell whether a statement sets options or a seed and gives nothing."""
    if isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    ):
        return True
    if not isinstance(statement, ast.Expr | ast.Assign) or _binds(statement):
        return False
    inside = {id(node) for node in ast.walk(statement)}
    effects = {access.effect for access in analysis.top_down.global_state if id(access.node) in inside}
    return bool(effects) and effects <= {"set", "seed"}


def _binds(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) for node in ast.walk(statement)
    )


def _by_stage(
    analysis: Analysis, stages: Mapping[int, CellStage], cells: Sequence[int], headed: Mapping[int, list[Heading]]
) -> list[tuple[str, Part, str]]:
    level = best_level(headed)  # above it stands the title
    texts = {cell: each[-1].text for cell, each in headed.items() if 0 < level <= each[-1].level}
    parts = divide(analysis, stages, cells, texts)
    wanted = []
    for part in parts:
        text = texts.get(part.cells[0], "")
        name = step_name(text)
        whole = name and len(part.cells) >= _cells_under(part.cells[0], cells, headed)
        wanted.append((name if whole else part.stage.value, part, f"heading '{text}'" if text else ""))
    return _unique(wanted, stages)


def _cells_under(first: int, cells: Sequence[int], headed: Mapping[int, list[Heading]]) -> int:
    """Give how many cells stand under the heading of a cell, up to the next heading."""
    count = 0
    for cell in cells[cells.index(first) :]:
        if count and cell in headed:
            break
        count += 1
    return count


def _by_heading(headed: dict[int, list[Heading]], cells: Sequence[int]) -> list[tuple[str, Part, str]]:
    level = best_level(headed)
    if not level:
        raise ConversionError("there are no headings to divide by: put one above each step, or use --split stages")
    found: list[tuple[str, list[int], str]] = []
    for cell in cells:
        own = [heading for heading in headed.get(cell, ()) if heading.level <= level]
        if own or not found:
            text = own[-1].text if own else ""
            name = step_name(text) or beginning(text) or ("part" if text else "start")
            found.append((name, [], f"heading '{text}'" if text else ""))
        found[-1][1].append(cell)
    parts = [(name, Part(tuple(own), Stage.OTHER, ()), why) for name, own, why in found]
    return _unique(parts, {})


def _unique(parts: Sequence[tuple[str, Part, str]], stages: Mapping[int, CellStage]) -> list[tuple[str, Part, str]]:
    """Tell steps of one name apart: by the class that is trained, else by a number."""
    counts: dict[str, int] = {}
    for name, _, _ in parts:
        counts[identifier(name)] = counts.get(identifier(name), 0) + 1
    taken: set[str] = set()
    found = []
    for name, part, why in parts:
        chosen = name
        if counts[identifier(name)] > 1:
            subject = next((stages[cell].subject for cell in part.cells if cell in stages and stages[cell].subject), "")
            chosen = f"{name}_{snake(subject)}" if subject and part.stage is Stage.TRAIN else name
        number = 2
        base = chosen
        while chosen in taken:
            chosen, number = f"{base}_{number}", number + 1
        taken.add(chosen)
        found.append((chosen, replace(part), why))
    return found


def snake(name: str) -> str:
    """Give the name of a class as a function would be named: RandomForestClassifier is random_forest_classifier."""
    letters = [
        f"_{letter}" if place and letter.isupper() and not name[place - 1].isupper() else letter
        for place, letter in enumerate(name)
    ]
    return "".join(letters).lower()
