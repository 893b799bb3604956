"""Runs a pipeline: what `nbpipe run FOLDER` and `nbpipe.run` call."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbpipe.api.run import finished
from nbpipe.events import as_one
from nbpipe.execute.stop import Stop
from nbpipe.pipeline.listener import PipelineListener
from nbpipe.pipeline.planning import plan
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.requests import Tracked
from nbpipe.pipeline.runner import RunOptions, run
from nbpipe.pipeline.runs import earlier_runs, read_plan
from nbpipe.runtime.parameters import decode
from nbpipe.settings.parameters import coerce_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.pipeline.planning import PlannedStep
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord
    from nbpipe.settings.parameters import Parameter

STORE_VARIABLE = "NBPIPE_STORE"


def run_pipeline(  # noqa: PLR0913 - the options of a run
    folder: str | os.PathLike[str],
    *,
    parameters: Mapping[str, Any] | None = None,
    tracking: bool = True,
    jobs: int = 1,
    python: str | None = None,
    timeout: float | None = None,
    generators: dict[str, Any] | None = None,
    options: RunOptions | None = None,
    environment: str | None = None,
    store: str | None = None,
    listeners: Sequence[PipelineListener] = (),
) -> RunRecord:
    """Run the pipeline of a project's folder, each step in a process of its own, where its result is not known.

    Steps run in the order of the pipeline; with more than one job, those that depend on nothing of one another run
    side by side. A failed step is told by the record's status, not by an exception; the steps after it do not run.

    Args:
        folder: the project, a folder with ``.nbpipe/project.json``.
        parameters: values, or text to be read as the parameter's type, by name; they win over params.yaml.
        tracking: whether to record the run in MLflow.
        jobs: how many steps may run side by side.
        python: the interpreter that steps run in, where nbpipe need not be installed; None for this one.
        timeout: seconds that the run may take.
        generators: states of the global random generators before the first step; see `nbpipe.runtime.generators`.
        options: how to run; the arguments before win where they are given.
        environment: NAME, to lay ``params.NAME.yaml`` over params.yaml.
        store: where values are kept, a folder or a URL of fsspec; None for what ``NBPIPE_STORE`` says, else a folder
            of the project's own.
        listeners: hear how it goes.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load, or its result cannot be saved.
        Interrupted: somebody asked to stop (INT, TERM); what ended before is recorded.
    """
    stop = Stop()
    settings = options or RunOptions()
    settings = replace(
        settings,
        jobs=settings.jobs if jobs == 1 else jobs,
        python=python or settings.python,
        timeout=timeout or settings.timeout,
        generators=generators or settings.generators,
    )
    with stop.listening():
        listener = with_tracking(listeners, tracking=tracking)
        project, values = resumed(folder, parameters or {}, settings, environment, store)
        settings = replace(settings, tracked=tracked_at(project) if tracking else None)
        record = run(project, values, settings, listener=listener, stop=stop)
    return finished(record, stop)


def resumed(
    folder: str | os.PathLike[str],
    parameters: Mapping[str, Any],
    options: RunOptions,
    environment: str | None,
    store: str | None,
) -> tuple[Project, dict[str, Any]]:
    """Load a project and give what a run of it is to set: where one is resumed, what that run was asked for.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load, or there is no such run.
    """
    place = store or os.environ.get(STORE_VARIABLE) or None
    project = load_project(folder, environment=environment, store=place)
    if options.resume is None:
        return project, dict(parameters)
    asked = read_plan(earlier_runs(project.runs, options.resume)[0])
    if environment is None and asked["environment"]:
        project = load_project(folder, environment=asked["environment"], store=place)
    known = {parameter.name for parameter in project.parameters}
    before = {name: decode(value) for name, value in asked["parameters"].items() if name in known}
    return project, {**before, **parameters}


def plan_pipeline(
    folder: str | os.PathLike[str],
    *,
    parameters: Mapping[str, Any] | None = None,
    options: RunOptions | None = None,
    environment: str | None = None,
    store: str | None = None,
) -> tuple[PlannedStep, ...]:
    """Say which steps of a pipeline would run now, and why; nothing runs and nothing is written.

    Args:
        folder: the project.
        parameters: values, or text to be read as the parameter's type, by name.
        options: how it would be run.
        environment: see `run_pipeline`.
        store: see `run_pipeline`.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load.
    """
    settings = options or RunOptions()
    project, values = resumed(folder, parameters or {}, settings, environment, store)
    return plan(project, values, settings)


def pipeline_parameters(folder: str | os.PathLike[str]) -> tuple[Parameter, ...]:
    """Give the parameters that a pipeline takes, with types.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load.
    """
    return load_project(folder).parameters


def pipeline_values(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Give the values that the parameters of a pipeline have in a run that sets none; those without one are left out.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load.
    """
    project = load_project(folder)
    defaults = {parameter.name: parameter.default for parameter in project.parameters if parameter.has_value}
    return defaults | coerce_all(project.parameters, project.values)


def tracked_at(project: Project) -> Tracked:
    """Give where the runs of a project are recorded."""
    from nbpipe.tracking.store import files_of, place_of

    uri, folder = place_of(project.place_of_runs)
    return Tracked(uri, files_of(uri, folder))


def with_tracking(listeners: Sequence[PipelineListener], *, tracking: bool) -> PipelineListener:
    """Give one listener for all, for the report, and for MLflow where runs are to be recorded there."""
    from nbpipe.tracking.html.writing import ReportWriter

    told = as_one(PipelineListener, listeners)
    hearing: list[PipelineListener] = [*listeners, ReportWriter(told)]
    if tracking:
        from nbpipe.tracking.pipeline import PipelineTracking

        # MLflow's own end comes last, so that listeners hear how the run ended before they wait for a server.
        hearing.append(PipelineTracking(told))
    return as_one(PipelineListener, hearing)
