"""Writes a notebook with a step's code, its inputs of a past run loaded: what `nbpipe debug --notebook` calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.api.debug import keys_of, parameters_of, project_of
from nbpipe.errors import ConfigError, PipelineError
from nbpipe.execute.saving import write_atomically

if TYPE_CHECKING:
    import os

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord


def write_debug_notebook(
    folder: str | os.PathLike[str], name: str, target: str | os.PathLike[str], *, run: str = "latest"
) -> None:
    """Write the notebook: the inputs, the parameters, the module of the step, the call.

    Args:
        folder: the pipeline's.
        name: of the step.
        target: the file, which must not be there.
        run: id of the run, a unique beginning of it, or ``latest``.

    Raises:
        ConfigError: the folder is no pipeline, or the file is there.
        PipelineError: there is no such step or run, or the step's inputs were not made in it.
        ExecutionError: the file cannot be written.
    """
    import nbformat

    if Path(target).exists():
        raise ConfigError(f"{target}: is there; name another file")
    project, record = project_of(folder, run)
    step = project.pipeline.step(name)
    keys_of(project, record, step)
    new: Any = nbformat.v4
    cells = [
        new.new_markdown_cell(f"# Step {name} of run {record.id}"),
        new.new_code_cell(_setup(project)),
        new.new_code_cell(_inputs(project, record, step)),
        new.new_code_cell(_parameters(project, record, step), metadata={"tags": ["parameters"]}),
        new.new_code_cell(_module(project, step)),
        new.new_code_cell(_call(step)),
    ]
    notebook = new.new_notebook(cells=cells)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    write_atomically(Path(target), text.encode())


def _setup(project: Project) -> str:
    places = f"sys.path.insert(0, {str(project.folder)!r})\nos.chdir({str(project.base)!r})"
    return f"import os\nimport sys\n\nimport nbpipe\n\n{places}"


def _inputs(project: Project, record: RunRecord, step: Step) -> str:
    lines = [
        f"{name} = nbpipe.load({record.id!r}, {source!r}, {name!r}, folder={str(project.folder)!r})"
        for name, source in project.pipeline.sources(step).items()
    ]
    return "\n".join(lines) or "# the step takes nothing"


def _parameters(project: Project, record: RunRecord, step: Step) -> str:
    values = parameters_of(project, record, step)
    return "\n".join(f"{name} = {value!r}" for name, value in values.items()) or "# the step has no parameters"


def _module(project: Project, step: Step) -> str:
    module = step.function.partition(":")[0]
    base = project.folder.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            return "\n".join(line for line in lines if not line.startswith("from __future__ "))
    raise PipelineError(f"step '{step.name}': there is no file of {module}")


def _call(step: Step) -> str:
    given = ", ".join(f"{name}={name}" for name in (*step.inputs, *step.parameters))
    names = ", ".join(step.returns)
    call = f"{step.function.partition(':')[2]}({given})"
    return f"{names} = {call}" if names else call
