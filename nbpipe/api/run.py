"""Runs a notebook or a pipeline: what `nbpipe run` and `nbpipe.run` call."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, Interrupted
from nbpipe.events import as_one
from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import Listener
from nbpipe.execute.stop import Stop
from nbpipe.records import RunRecord, RunStatus

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.settings.parameters import Parameter


def run(  # noqa: PLR0913 - the options of a run
    path: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    tracking: bool = True,
    cell_timeout: float | None = None,
    timeout: float | None = None,
    kernel: str | None = None,
    in_place: bool = False,
    jobs: int = 1,
    python: str | None = None,
    listeners: Sequence[Listener | PipelineListener] = (),
) -> RunRecord:
    """Run a notebook from top to bottom in a fresh kernel, or a pipeline (a folder with ``.nbpipe/``) step by step.

    A notebook is not changed: the executed one goes to `output` (by default ``<stem>.executed.ipynb`` beside it),
    its record beside that. A failed cell or step is told by the record's status, not by an exception.

    Args:
        path: the notebook, or the pipeline's folder.
        output: where the executed notebook goes.
        parameters: values, or text to be read as the parameter's type, by name.
        tracking: whether to record the run in MLflow.
        cell_timeout: seconds that one cell may take.
        timeout: seconds that all may take.
        kernel: kernelspec to use instead of the one that the notebook names.
        in_place: write the result into the notebook.
        jobs: how many steps of a pipeline may run side by side.
        python: the interpreter that a pipeline's steps run in, where nbpipe need not be installed.
        listeners: hear how it goes: `Listener` for a notebook, `PipelineListener` for a pipeline.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: a parameter, the output or the path is wrong.
        ExecutionError: the kernel cannot be started, or the result not be saved.
        Interrupted: somebody asked to stop (INT, TERM); the partial result is saved.
    """
    source = Path(path)
    if source.is_dir():
        if output is not None or in_place or kernel is not None or cell_timeout is not None:
            raise ConfigError(
                f"{path}: is a folder; an output file and options for cells and kernels are for notebooks"
            )
        from nbpipe.api.run_pipeline import run_pipeline
        from nbpipe.pipeline.listener import PipelineListener

        hearing = [item for item in listeners if isinstance(item, PipelineListener)]
        return run_pipeline(
            source,
            parameters=parameters,
            tracking=tracking,
            timeout=timeout,
            jobs=jobs,
            python=python,
            listeners=hearing,
        )
    if jobs != 1 or python is not None:
        raise ConfigError(f"{path}: is a notebook; jobs and the interpreter of steps are for pipelines")
    stop = Stop()
    with stop.listening():
        record = _run_notebook(
            source,
            output,
            parameters=parameters,
            limits=Limits(cell=cell_timeout, total=timeout),
            kernel=kernel,
            in_place=in_place,
            listener=_with_tracking([item for item in listeners if isinstance(item, Listener)], tracking=tracking),
            stop=stop,
        )
    return finished(record, stop)


def finished(record: RunRecord, stop: Stop) -> RunRecord:
    """Give the record of a run that nobody stopped.

    Raises:
        Interrupted: somebody did.
    """
    if stop.signal is not None or record.status is RunStatus.INTERRUPTED:
        raise Interrupted(stop.signal or signal.SIGINT, f"{record.source}: interrupted; what ran is saved")
    return record


def parameters_of(path: str | os.PathLike[str]) -> tuple[Parameter, ...]:
    """Give the parameters that a notebook (those of its cell tagged ``parameters``) or a pipeline takes.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: the folder is no pipeline, or there is nothing.
        PipelineError: the pipeline does not load.
    """
    if Path(path).is_dir():
        from nbpipe.api.run_pipeline import pipeline_parameters

        return pipeline_parameters(path)
    from nbpipe.execute.document import load_notebook
    from nbpipe.execute.parameters import notebook_parameters

    return notebook_parameters(load_notebook(Path(path))[1]) or ()


def _run_notebook(source: Path, output: str | os.PathLike[str] | None, **options: Any) -> RunRecord:
    from nbpipe.execute import run_notebook

    return run_notebook(source, output, **options)


def _with_tracking(listeners: Sequence[Listener], *, tracking: bool) -> Listener:
    if not tracking:
        return as_one(Listener, listeners)
    from nbpipe.tracking.notebook import NotebookTracking

    # MLflow's own end comes last, so that listeners hear how the run ended before they wait for a server.
    return as_one(Listener, (*listeners, NotebookTracking(as_one(Listener, listeners))))
