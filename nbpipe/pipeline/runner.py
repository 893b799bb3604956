"""Running a pipeline: what can be asked of a run, and the call that does it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from nbpipe import provenance
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.listener import PipelineListener, PipelinePlan
from nbpipe.pipeline.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbpipe.pipeline.fork_server import ForkServer
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord


class Stop(Protocol):
    """How somebody asks to stop: `signal` is the number of the one that came, or None."""

    signal: int | None

    def telling(self, told: Callable[[], None], forced: Callable[[], None]) -> AbstractContextManager[None]:
        """Tell `told` at the first request, within the block, and `forced` at each further one."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run.

    Attributes:
        jobs: how many steps may run side by side.
        python: the interpreter that steps run in; None for this one.
        timeout: seconds that the run may take, or None.
        generators: states of the global random generators before the first step (see `nbpipe.runtime.generators`);
            None leaves them as a fresh interpreter has them.
        cache: whether results of earlier runs are used.
        fork: whether steps are forked from one process that has the libraries loaded; else each starts afresh.
        selection: which steps run.
        limits: what steps may take that do not say so themselves.
        resume: run whose finished steps are not run again; None for none.
        server: a fork server to use, that somebody else ends.
    """

    jobs: int = 1
    python: str | None = None
    timeout: float | None = None
    generators: dict[str, Any] | None = None
    cache: bool = True
    fork: bool = True
    selection: Selection = field(default_factory=Selection)
    limits: Limits = field(default_factory=Limits)
    resume: str | None = None
    server: ForkServer | None = None


def run(
    project: Project,
    parameters: Mapping[str, Any],
    options: RunOptions | None = None,
    *,
    listener: PipelineListener | None = None,
    stop: Stop | None = None,
) -> RunRecord:
    """Run the steps of a pipeline; what failed is told by the record, and the steps after it do not run.

    Args:
        project: see `nbpipe.pipeline.project.load_project`.
        parameters: values, or text to be read as the parameter's type, by name.
        options: how to run.
        listener: hears how it goes.
        stop: how somebody asks to stop; without one, nobody can.

    Raises:
        ConfigError: a parameter is unknown, ill-typed or has no value.
        PipelineError: a process cannot be started, or the result not be saved.
    """
    from nbpipe.pipeline.engine import Engine

    values = project.settle(parameters)
    plan = PipelinePlan(provenance.new_run_id(), project, values)
    engine = Engine(plan, options or RunOptions(), listener or PipelineListener())
    telling = nullcontext() if stop is None else stop.telling(engine.interrupt, engine.kill)
    try:
        return engine.run(telling, lambda: None if stop is None else stop.signal)
    except BaseException as error:
        engine.listener.run_aborted(str(error) or type(error).__name__)
        raise
