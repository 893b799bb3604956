"""Running a pipeline: what can be asked of a run, and the call that does it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from nbpipe import provenance
from nbpipe.errors import PipelineError
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.listener import PipelineListener, PipelinePlan
from nbpipe.pipeline.origin import observed, origin_of, without_secrets
from nbpipe.pipeline.requests import Later
from nbpipe.pipeline.results import error_of, status_of
from nbpipe.pipeline.runs import write_record
from nbpipe.pipeline.selection import Selection
from nbpipe.records import RunRecord
from nbpipe.secrets.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbpipe.pipeline.engine import Engine
    from nbpipe.pipeline.project import Project
    from nbpipe.pipeline.requests import Tracked
    from nbpipe.pipeline.together import Together


class Stop(Protocol):
    """How somebody asks to stop."""

    @property
    def signal(self) -> int | None:
        """The number of the signal that came, or None."""

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
        together: what this run shares with others in this process, or None.
        tracked: where what steps log themselves goes; None: where they say.
        tags: labels for the record, name to value.
        note: what to say about the run there.
        hash_seed: of the hashes that sets are ordered by; "": what ``PYTHONHASHSEED`` says, else 0.
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
    together: Together | None = None
    tracked: Tracked | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    hash_seed: str = ""


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
        return _recorded(engine, telling, lambda: None if stop is None else stop.signal)
    except BaseException as error:
        engine.listener.run_aborted(str(error) or type(error).__name__)
        raise


def _recorded(engine: Engine, telling: AbstractContextManager[None], stopped_by: Callable[[], int | None]) -> RunRecord:
    plan, timeout = engine.plan, engine.options.timeout
    started, clock = datetime.now(UTC), time.perf_counter()
    engine.prepare()
    engine.listener.run_started(plan)
    redactor = Redactor(plan.parameters)
    origin = Later(lambda: origin_of(engine.decider, redactor))
    engine.skip()
    ended = engine.run(telling, None if timeout is None else clock + timeout)
    results = tuple(without_secrets(redactor, result) for result in ended)
    record = RunRecord(
        id=plan.id,
        kind="pipeline",
        source=str(plan.project.place_of_runs),
        status=status_of(results, engine.halted),
        started=started.isoformat(timespec="milliseconds"),
        seconds=time.perf_counter() - clock,
        parameters=redactor.parameters(plan.parameters),
        steps=results,
        provenance=origin.value(),
        error=error_of(results, engine.halted, stopped_by(), timeout),
        tags=redactor.value(dict(engine.options.tags)),
        note=redactor.text(engine.options.note),
        observed=observed(results),
    )
    engine.protect()
    try:
        path = write_record(record, plan.project.runs)
    except OSError as error:
        raise PipelineError(f"the record cannot be written to {plan.project.runs}: {error.strerror}") from None
    engine.listener.run_finished(record, path)
    return record
