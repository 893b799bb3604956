"""Gives a notebook's steps, what flows between them, and which results are out of date: what JupyterLab shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from nbpipe.analysis import analyze
from nbpipe.api.graph import step_graph
from nbpipe.graphs import Graph
from nbpipe.notebook.formats import parse_any
from nbpipe.steps import survey

if TYPE_CHECKING:
    from collections.abc import Collection

    from nbpipe.analysis import Analysis
    from nbpipe.config import Settings
    from nbpipe.notebook import Notebook
    from nbpipe.steps import CellRole, StepCells, TagProblem


@dataclass(frozen=True, slots=True)
class StaleCell:
    """A cell whose stored results are not those that its code would give now; `reason` says why, as of the cell."""

    cell: int
    reason: str


@dataclass(frozen=True, slots=True)
class Structure:
    """What stands in a notebook.

    Attributes:
        roles: of the code cells; those whose tags are wrong have what can be understood of them.
        steps: in document order.
        graph: of the steps, as `nbpipe graph` draws it.
        problems: tags that are wrong.
        stale: cells whose results are out of date.
    """

    roles: tuple[CellRole, ...]
    steps: tuple[StepCells, ...]
    graph: Graph
    problems: tuple[TagProblem, ...]
    stale: tuple[StaleCell, ...]


def structure(data: bytes, path: str, settings: Settings, *, edited: Collection[str] = ()) -> Structure:
    """Give the structure of a notebook that is not (yet) in its file.

    Args:
        data: the bytes that the file would have.
        path: what the file is called.
        settings: those in force for it.
        edited: ids of cells that were edited since they ran.

    Raises:
        NotebookError: it is not a notebook.
    """
    notebook = parse_any(data, path)
    plan, problems = survey(notebook)
    title = PurePath(path).name
    if not notebook.is_python:
        return Structure(tuple(plan.roles.values()), plan.steps, Graph(title, "steps", ()), problems, ())
    analysis = analyze(
        notebook,
        python_magics=settings.python_magics,
        opaque_magics=settings.opaque_magics,
        library_versions=settings.library_versions,
    )
    changed = {cell.index for cell in notebook.cells if cell.id in edited}
    graph = step_graph(notebook, analysis, plan, title) if plan.steps else Graph(title, "steps", ())
    return Structure(tuple(plan.roles.values()), plan.steps, graph, problems, _stale(notebook, analysis, changed))


def _stale(notebook: Notebook, analysis: Analysis, edited: Collection[int]) -> tuple[StaleCell, ...]:
    """Follow what was edited, or ran again, down the cell graph: only what has run can be out of date."""
    counts = {cell.index: cell.execution_count for cell in notebook.cells}
    reasons: dict[int, str] = {}
    for cell in notebook.cells:
        count = cell.execution_count
        if cell.cell_type != "code" or count is None:
            continue
        if cell.index in edited:
            reasons[cell.index] = "was edited since it ran"
            continue
        for parent in analysis.graph.parents(cell.index):
            why = _outdates(counts[parent], count, is_edited=parent in edited, is_stale=parent in reasons)
            if why:
                names = ", ".join(analysis.graph.edges[parent, cell.index])
                reasons[cell.index] = f"uses {names} of cell {parent + 1}, which {why}"
                break
    return tuple(StaleCell(index, reason) for index, reason in reasons.items())


def _outdates(parent: int | None, child: int, *, is_edited: bool, is_stale: bool) -> str:
    """Say what happened to a cell since another used it, "" for nothing; the numbers are their execution counts."""
    if is_edited:
        return "was edited since it ran"
    if is_stale:
        return "is out of date itself"
    if parent is None:
        return "has not run"
    return "ran again since" if parent > child else ""
