"""Gives the graph of a notebook's cells or steps, or of a pipeline's steps: what `nbpipe graph` draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.analysis import Analysis
from nbpipe.analysis.graph import CODE, data_graph, last_change, late_graph
from nbpipe.errors import ConfigError, NotebookError
from nbpipe.graphs import Edge, Graph, Node
from nbpipe.notebook import read_notebook
from nbpipe.steps import Role, crossings, has_steps, late_crossings, plan_steps

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from nbpipe.notebook import Notebook
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.steps import Crossing, StepPlan

MOST_TITLE = 40  # characters of a cell's line
KINDS = ("cells", "steps")


def graph(path: str | os.PathLike[str], *, kind: str | None = None, imports: bool = False) -> Graph:
    """Give the graph of a notebook or of a pipeline.

    Args:
        path: a notebook, or a pipeline's folder.
        kind: what a node is, of `KINDS`; by default a step where the notebook has steps, else a cell.
        imports: whether imports, functions and classes count as what flows between cells, too.

    Raises:
        NotebookError: the file is not a notebook, or not one of Python.
        ConfigError: the folder is no pipeline, or cells of a pipeline are asked for.
        ConversionError: steps are asked for, and the notebook has none, or its tags are wrong.
    """
    place = Path(path)
    if place.is_dir():
        if kind == "cells":
            raise ConfigError(f"{place}: a pipeline has steps, not cells; to see its cells, name the notebook")
        from nbpipe.pipeline.project import load_project

        return _of_pipeline(load_project(place))
    notebook = read_notebook(place)
    if not notebook.is_python:
        raise NotebookError(f"{place}: only the code of Python notebooks can be followed, not {notebook.language}")
    if kind == "steps" or (kind is None and has_steps(notebook)):
        return _of_steps(notebook, place)
    return _of_cells(notebook, place, imports=imports)


def _of_cells(notebook: Notebook, path: Path, *, imports: bool) -> Graph:
    analysis = Analysis(notebook)
    flowing = data_graph(analysis.top_down, code=imports)
    late = late_graph(analysis.undefined_uses)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    nodes = (
        Node(_cell(cell.index), f"cell {cell.index + 1}", telling_line(cell.source), code=cell.source) for cell in cells
    )
    edges = (
        Edge(_cell(source), _cell(target), names, late=graph is late)
        for graph in (flowing, late)
        for (source, target), names in graph.edges.items()
    )
    return Graph(path.name, "cells", tuple(nodes), tuple(edges))


def _cell(index: int) -> str:
    return f"c{index + 1}"


def telling_line(source: str) -> str:
    """Give the first line that is neither comment nor import nor magic, else the first, cut to a title's length."""
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    line = next((line for line in lines if not line.startswith(("#", "%", "import ", "from "))), lines[0])
    return line if len(line) <= MOST_TITLE else f"{line[: MOST_TITLE - 1].rstrip()}…"


def _of_steps(notebook: Notebook, path: Path) -> Graph:
    plan = plan_steps(notebook)
    return step_graph(notebook, Analysis(notebook), plan, path.name)


def step_graph(notebook: Notebook, analysis: Analysis, plan: StepPlan, title: str) -> Graph:
    """Give the graph of a notebook's steps, also where its tags are wrong: of what can be understood of them.

    Args:
        notebook: whose steps.
        analysis: of it.
        plan: the steps.
        title: what the graph is called.
    """
    names: dict[tuple[str, str, bool], dict[str, None]] = {}
    for found in (*crossings(analysis, plan), *late_crossings(analysis, plan)):
        names.setdefault((_giver(analysis, plan, found), found.user, found.late), {})[found.use.name] = None
    edges = [Edge(maker, user, tuple(flowing), late=late) for (maker, user, late), flowing in names.items()]
    known = {step.name for step in plan.steps}
    edges += [
        Edge(other, step.name)
        for step in plan.steps
        for other in step.after
        if other in known and (other, step.name, False) not in names
    ]
    parameters = _parameters(analysis, plan)
    nodes = (
        Node(
            step.name,
            step.title,
            _numbers(step.cells),
            (("parameters", ", ".join(parameters[step.name])),) if step.name in parameters else (),
            "\n\n".join(f"# cell {index + 1}\n{notebook.cells[index].source}" for index in step.cells),
        )
        for step in plan.steps
    )
    notes = tuple(f"cell {note.cell + 1} {note.message}" for note in plan.notes)
    return Graph(title, "steps", tuple(nodes), tuple(edges), notes)


def _giver(analysis: Analysis, plan: StepPlan, found: Crossing) -> str:
    """Give the step that a value comes from: the one that made it, or the last that changed it on the way."""
    if found.late:
        return found.maker
    first = min(step.cells[0] for step in plan.steps if step.name == found.user)
    cell = last_change(analysis.top_down, found.use.name, found.definition.cell, first)
    return plan.step_of(cell) or found.maker


def _parameters(analysis: Analysis, plan: StepPlan) -> dict[str, list[str]]:
    """Give the names of parameters by the step that reads them."""
    cells = plan.cells_of(Role.PARAMETERS)
    found: dict[str, dict[str, None]] = {}
    for use in analysis.top_down.uses.values():
        step = plan.step_of(use.cell)
        if step and not use.local and any(made.cell in cells and made.kind not in CODE for made in use.definitions):
            found.setdefault(step, {})[use.name] = None
    return {step: list(names) for step, names in found.items()}


def _numbers(cells: Sequence[int]) -> str:
    """Say which cells belong to a step."""
    if len(cells) == 1:
        return f"cell {cells[0] + 1}"
    if cells[-1] - cells[0] == len(cells) - 1:
        return f"cells {cells[0] + 1}-{cells[-1] + 1}"
    return f"cells {', '.join(str(cell + 1) for cell in cells)}"


def _of_pipeline(project: Project) -> Graph:
    pipeline = project.pipeline
    names: dict[tuple[str, str], list[str]] = {}
    for edge in pipeline.edges():
        names.setdefault((edge.producer, edge.consumer), []).extend([edge.name] if edge.name else [])
    nodes = (
        Node(step.name, step.name, _signature(step), tuple(_details(step)), _code(project, step))
        for step in pipeline.steps
    )
    edges = (Edge(source, target, tuple(flowing)) for (source, target), flowing in names.items())
    return Graph(pipeline.name, "steps", tuple(nodes), tuple(edges))


def _signature(step: Step) -> str:
    return f"({', '.join(step.parameters)})" if step.parameters else ""


def _details(step: Step) -> Iterator[tuple[str, str]]:
    yield "function", step.function
    for label, names in (("parameters", step.parameters), ("outputs", step.outputs), ("metrics", step.metrics)):
        if names:
            yield label, ", ".join(names)


def _code(project: Project, step: Step) -> str:
    """Give the source of a step's module, "" where there is no file to read."""
    file = project.folder.joinpath(*step.function.partition(":")[0].split(".")).with_suffix(".py")
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
