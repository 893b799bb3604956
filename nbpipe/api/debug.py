"""Opens a step with its inputs of a past run: what `nbpipe debug` calls."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import PipelineError
from nbpipe.pipeline.decision import encoded
from nbpipe.pipeline.process import environment, interpreter, read_answer
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runs import read_plan, read_record
from nbpipe.runtime.inject import FOLDER
from nbpipe.runtime.parameters import decode

if TYPE_CHECKING:
    import os

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord


def debug(
    folder: str | os.PathLike[str],
    step: str,
    *,
    run: str = "latest",
    python: str | None = None,
    by_line: bool = False,
) -> int:
    """Open a prompt in which the inputs and parameters of a step are loaded; give the exit code of its process.

    The code is that of today, the values are those of the run.

    Args:
        folder: the pipeline's.
        step: name of the step.
        run: id of the run, a unique beginning of it, or ``latest``.
        python: the interpreter; None for this one.
        by_line: step through the call with pdb instead.

    Raises:
        ConfigError: the folder is no pipeline.
        PipelineError: there is no such step or run, or the step's inputs were not made in it.
    """
    request = {**request_for(folder, step, run), "pdb": by_line}
    with tempfile.TemporaryDirectory(prefix="nbpipe-debug-") as place:
        file = Path(place) / "request.json"
        file.write_text(json.dumps(request), encoding="utf-8")
        command = [interpreter(python), str(FOLDER), "debug", str(file)]
        try:
            return subprocess.run(command, env=environment(), check=False).returncode  # noqa: S603 - no shell
        except OSError as error:
            raise PipelineError(f"the interpreter {command[0]} cannot be started: {error.strerror}") from None


def request_for(folder: str | os.PathLike[str], name: str, run: str) -> dict[str, Any]:
    """Give what `nbpipe.runtime.debugging.debug` is asked.

    Raises:
        ConfigError: the folder is no pipeline.
        PipelineError: there is no such step or run, or the step's inputs were not made in it.
    """
    project, record = project_of(folder, run)
    step = project.pipeline.step(name)
    work = project.runs / record.id
    answer = read_answer(work / f"{name}.json") or {}
    return {
        "project": str(project.folder),
        "folder": str(project.base),
        "store": str(project.store),
        "function": step.function,
        "inputs": keys_of(project, record, step),
        "parameters": encoded(parameters_of(project, record, step)),
        "generators": answer.get("before") or None,
        "step": name,
        "run": record.id,
    }


def project_of(folder: str | os.PathLike[str], run: str) -> tuple[Project, RunRecord]:
    """Give a pipeline's project with the store of a run, and the run's record.

    Raises:
        ConfigError: the folder is no pipeline.
        PipelineError: there is no such run.
    """
    project = load_project(folder)
    record = read_record(project.runs, run)
    return replace(project, place=record.provenance.get("store") or project.place), record


def keys_of(project: Project, record: RunRecord, step: Step) -> dict[str, str]:
    """Give the keys of a step's inputs in the store.

    Raises:
        PipelineError: one was not made in the run.
    """
    results = {result.name: result for result in record.steps}
    found = {}
    for name, source in project.pipeline.sources(step).items():
        outputs = results[source].outputs if source in results else {}
        if name not in outputs:
            raise PipelineError(
                f"step '{step.name}': its input '{name}' was not made in run {record.id}: "
                f"step '{source}' {results[source].status.value if source in results else 'was not there'}"
            )
        found[name] = outputs[name]
    return found


def parameters_of(project: Project, record: RunRecord, step: Step) -> dict[str, Any]:
    """Give the parameters of a step as they were in a run; of those that are new, the values of today.

    Raises:
        ConfigError: one has no value.
        PipelineError: what the run was asked for cannot be read.
    """
    asked = read_plan(project.runs / record.id)["parameters"]
    then = {name: decode(value) for name, value in asked.items()}
    missing = [name for name in step.parameters if name not in then]
    now = project.settle({}) if missing else {}
    return {name: then.get(name, now.get(name)) for name in step.parameters}
