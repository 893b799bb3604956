"""Runs a notebook or a pipeline: what `nbpipe run` and `nbpipe.run` call."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, Interrupted, TrackingError
from nbpipe.events import as_one
from nbpipe.execute.isolation import allowed_environment
from nbpipe.execute.limits import OUTPUT, Limits
from nbpipe.execute.listener import Listener
from nbpipe.execute.remote import is_remote
from nbpipe.execute.stop import Stop
from nbpipe.records import RunRecord, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.settings.parameters import Parameter
    from nbpipe.tracking.notebook import NotebookTracking


@dataclass(frozen=True, slots=True)
class NotebookOptions:
    """How notebooks are run.

    Attributes:
        cell_timeout: seconds that one cell may take.
        timeout: seconds that all cells may take.
        idle_timeout: seconds in which a cell may show nothing and compute nothing.
        max_memory: bytes that the kernel and what it started may have in memory.
        max_output: bytes that one cell may print, and a tenth of those it may display; the rest is cut, and said so.
        kernel: kernelspec to use instead of the one that a notebook names.
        allow_errors: go on behind cells that raise an exception.
        network: whether the kernel has a network.
        pass_env: names of the environment variables that the kernel gets beside what programs need to run; None for
            all.
        in_place: write the result into the notebook.
        tags: labels for the record and MLflow, name to value.
        note: what to say about the run there.
        observe: note the files that are read and written, seeds, and effects.
        html: also write the executed notebook as a page, beside it.
        tracking: whether to record the run in MLflow.
        require_tracking: whether a run that MLflow does not get has failed.
    """

    cell_timeout: float | None = None
    timeout: float | None = None
    idle_timeout: float | None = None
    max_memory: int | None = None
    max_output: int = OUTPUT
    kernel: str | None = None
    allow_errors: bool = False
    network: bool = True
    pass_env: Sequence[str] | None = None
    in_place: bool = False
    tags: Mapping[str, str] | None = None
    note: str = ""
    observe: bool = True
    html: bool = False
    tracking: bool = True
    require_tracking: bool = False

    @property
    def limits(self) -> Limits:
        """What a run may take."""
        return Limits(
            cell=self.cell_timeout,
            total=self.timeout,
            idle=self.idle_timeout,
            memory=self.max_memory,
            output=self.max_output,
        )


def run(  # noqa: PLR0913 - the options of a run
    path: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    jobs: int = 1,
    python: str | None = None,
    listeners: Sequence[Listener | PipelineListener] = (),
    **options: Any,
) -> RunRecord:
    """Run a notebook from top to bottom in a fresh kernel, or a pipeline (a folder with ``.nbpipe/``) step by step.

    A notebook is not changed: the executed one goes to `output` (by default ``<stem>.executed.ipynb`` beside it),
    its record beside that. A failed cell or step is told by the record's status, not by an exception.

    Args:
        path: the notebook (also an address that papermill knows: https, s3, gs...), or the pipeline's folder.
        output: where the executed notebook goes; an address as well.
        parameters: values, or text to be read as the parameter's type, by name.
        jobs: how many steps of a pipeline may run side by side.
        python: the interpreter that a pipeline's steps run in, where nbpipe need not be installed.
        listeners: hear how it goes: `Listener` for a notebook, `PipelineListener` for a pipeline.
        options: see `NotebookOptions`; a pipeline takes `tracking`, `timeout`, `tags` and `note`.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: a parameter, the output or the path is wrong.
        ExecutionError: the kernel cannot be started, or the result not be saved.
        TrackingError: tracking is required, and MLflow cannot be reached.
        Interrupted: somebody asked to stop (INT, TERM); the partial result is saved.
    """
    source = Path(path)
    if not is_remote(path) and source.is_dir():
        return _run_pipeline(source, output, parameters, jobs, python, listeners, options)
    if jobs != 1 or python is not None:
        raise ConfigError(f"{path}: is a notebook; jobs and the interpreter of steps are for pipelines")
    stop = Stop()
    hearing = [item for item in listeners if isinstance(item, Listener)]
    with stop.listening():
        arguments = (parameters or {}, notebook_options(options), hearing, stop)
        if is_remote(path) or is_remote(output):
            from nbpipe.api.run_remote import run_remote

            record = run_remote(run_one, path, output, *arguments)
        else:
            record = run_one(source, output, *arguments)
    return finished(record, stop)


def notebook_options(options: Mapping[str, Any]) -> NotebookOptions:
    """Give the options of a run.

    Raises:
        TypeError: there is no such option.
    """
    return NotebookOptions(**options)


def run_one(  # noqa: PLR0913 - what a run needs
    source: Path,
    output: str | os.PathLike[str] | None,
    parameters: Mapping[str, Any],
    options: NotebookOptions,
    listeners: Sequence[Listener],
    stop: Stop,
    **more: Any,
) -> RunRecord:
    """Run one notebook with all that listens to it; raises as `run`, but for being stopped."""
    from nbpipe.execute import run_notebook
    from nbpipe.tracking.history import Keeping

    source = Path(source)
    told = as_one(Listener, listeners)
    keeping = Keeping(told)
    hearing = [*listeners, keeping]
    if options.html:
        from nbpipe.execute.html import PageWriter

        hearing.append(PageWriter(told))
    tracking = _tracking(source, told, keeping, options)
    # MLflow's own end comes last, so that listeners hear how the run ended before they wait for a server.
    hearing += [] if tracking is None else [tracking]
    record = run_notebook(
        source,
        output,
        parameters=parameters,
        limits=options.limits,
        kernel=options.kernel,
        in_place=options.in_place,
        listener=as_one(Listener, hearing),
        stop=stop,
        allow_errors=options.allow_errors,
        tags=options.tags,
        note=options.note,
        observe=options.observe,
        network=options.network,
        env=allowed_environment(more.pop("env", os.environ), options.pass_env),
        **more,
    )
    if options.require_tracking and tracking is not None and tracking.failure:
        raise TrackingError(f"{source}: {tracking.failure} (--require-tracking)")
    return record


def _tracking(source: Path, told: Listener, keeping: Any, options: NotebookOptions) -> NotebookTracking | None:
    """Give what records the run in MLflow, if it is to be.

    Raises:
        TrackingError: it must be, and MLflow does not answer.
    """
    if not options.tracking:
        return None
    from nbpipe.tracking.notebook import NotebookTracking

    if options.require_tracking:
        from nbpipe.tracking.store import open_store

        open_store(source.resolve().parent)
    return NotebookTracking(told, keeping)


def _run_pipeline(  # noqa: PLR0913 - the options of a run
    source: Path,
    output: object,
    parameters: Mapping[str, Any] | None,
    jobs: int,
    python: str | None,
    listeners: Sequence[Listener | PipelineListener],
    options: Mapping[str, Any],
) -> RunRecord:
    from nbpipe.api.pipeline_options import PipelineOptions
    from nbpipe.api.run_pipeline import run_pipeline
    from nbpipe.pipeline.listener import PipelineListener

    if output is not None:
        raise ConfigError(f"{source}: is a folder; an output file is for notebooks")
    settings = PipelineOptions.of(options, source)
    return run_pipeline(
        source,
        parameters=parameters,
        tracking=settings.tracking,
        options=settings.run_options(source, jobs, python),
        environment=settings.environment,
        store=settings.store,
        listeners=[item for item in listeners if isinstance(item, PipelineListener)],
    )


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


def read_parameters(files: Sequence[str] = (), texts: Sequence[str] = ()) -> dict[str, Any]:
    """Give the values of parameter files (YAML, which JSON is too) and of JSON texts; what comes later wins.

    Raises:
        ConfigError: one cannot be read, or is no mapping of names to values.
    """
    from nbpipe.pipeline.params import read_values
    from nbpipe.settings.parameters import values_from_json

    values: dict[str, Any] = {}
    for name in files:
        if not Path(name).is_file():
            raise ConfigError(f"{name}: does not exist")
        values.update(read_values(Path(name)))
    for text in texts:
        values.update(values_from_json(text))
    return values
