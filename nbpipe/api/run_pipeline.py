"""Runs a pipeline: what `nbpipe run FOLDER` and `nbpipe.run` call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.api.run import finished
from nbpipe.events import as_one
from nbpipe.execute.stop import Stop
from nbpipe.pipeline.listener import PipelineListener
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import RunOptions, run

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from nbpipe.records import RunRecord
    from nbpipe.settings.parameters import Parameter


def run_pipeline(  # noqa: PLR0913 - the options of a run
    folder: str | os.PathLike[str],
    *,
    parameters: Mapping[str, Any] | None = None,
    tracking: bool = True,
    jobs: int = 1,
    python: str | None = None,
    timeout: float | None = None,
    generators: dict[str, Any] | None = None,
    listeners: Sequence[PipelineListener] = (),
) -> RunRecord:
    """Run the pipeline of a project's folder, each step in a process of its own.

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
        listeners: hear how it goes.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load, or its result cannot be saved.
        Interrupted: somebody asked to stop (INT, TERM); what ended before is recorded.
    """
    stop = Stop()
    with stop.listening():
        options = RunOptions(jobs=jobs, python=python, timeout=timeout, generators=generators)
        listener = _with_tracking(listeners, tracking=tracking)
        record = run(load_project(folder), parameters or {}, options, listener=listener, stop=stop)
    return finished(record, stop)


def pipeline_parameters(folder: str | os.PathLike[str]) -> tuple[Parameter, ...]:
    """Give the parameters that a pipeline takes, with types.

    Raises:
        ConfigError: the folder is no pipeline, or a parameter is wrong.
        PipelineError: the pipeline does not load.
    """
    return load_project(folder).parameters


def _with_tracking(listeners: Sequence[PipelineListener], *, tracking: bool) -> PipelineListener:
    if not tracking:
        return as_one(PipelineListener, listeners)
    from nbpipe.tracking.pipeline import PipelineTracking

    # MLflow's own end comes last, so that listeners hear how the run ended before they wait for a server.
    return as_one(PipelineListener, (*listeners, PipelineTracking(as_one(PipelineListener, listeners))))
