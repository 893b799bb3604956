"""The local engine: each step in a process of its own, in order or side by side; a record of all of it."""

from __future__ import annotations

import queue
import signal
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from nbpipe import provenance
from nbpipe.errors import PipelineError
from nbpipe.pipeline.listener import PipelineListener, PipelinePlan, StepStart
from nbpipe.pipeline.process import RuntimeProcess, interpreter
from nbpipe.pipeline.results import step_result, warnings_of
from nbpipe.pipeline.runs import write_record
from nbpipe.pipeline.schedule import Schedule
from nbpipe.records import RunError, RunRecord, RunStatus, StepResult
from nbpipe.runtime.parameters import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project


_GRACE_SECONDS = 3.0


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
    """

    jobs: int = 1
    python: str | None = None
    timeout: float | None = None
    generators: dict[str, Any] | None = None


def run(
    project: Project,
    parameters: Mapping[str, Any],
    options: RunOptions | None = None,
    *,
    listener: PipelineListener | None = None,
    stop: Stop | None = None,
) -> RunRecord:
    """Run all steps of a pipeline; what failed is told by the record, and the steps after it do not run.

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
    values = project.settle(parameters)
    plan = PipelinePlan(provenance.new_run_id(), project, values)
    engine = _Engine(plan, options or RunOptions(), listener or PipelineListener(), stop)
    try:
        return engine.run()
    except BaseException as error:
        engine.listener.run_aborted(str(error) or type(error).__name__)
        raise


@dataclass(slots=True)
class _Engine:
    """One run in progress."""

    plan: PipelinePlan
    options: RunOptions
    listener: PipelineListener
    stop: Stop | None
    schedule: Schedule = field(init=False)
    running: dict[str, tuple[RuntimeProcess, float]] = field(default_factory=dict)
    results: dict[str, StepResult] = field(default_factory=dict)
    ended: queue.Queue[tuple[Step, dict[str, Any] | None] | None] = field(default_factory=queue.Queue)
    halted: RunStatus | None = None
    encoded: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.schedule = Schedule(self.plan.project.pipeline, self.options.generators)
        self.encoded = {name: _encoded(name, value) for name, value in self.plan.parameters.items()}

    @property
    def work(self) -> Path:
        """The folder of this run's logs and details."""
        return self.plan.project.runs / self.plan.id

    def run(self) -> RunRecord:
        """Run what can be run, and save the record."""
        started, clock = datetime.now(UTC), time.perf_counter()
        self._prepare()
        self.listener.run_started(self.plan)
        origin = _Later(lambda: provenance.capture(self.plan.project.folder))
        telling = nullcontext() if self.stop is None else self.stop.telling(self._interrupt, self._kill)
        try:
            with telling:
                self._loop(None if self.options.timeout is None else clock + self.options.timeout)
        finally:
            for process, _ in self.running.values():
                process.end()
        for step in self.plan.project.pipeline.steps:
            if step.name not in self.results:
                self._finish(StepResult(step.name, RunStatus.NOT_RUN))
        record = RunRecord(
            id=self.plan.id,
            kind="pipeline",
            source=str(self.plan.project.folder),
            status=self._status(),
            started=started.isoformat(timespec="milliseconds"),
            seconds=time.perf_counter() - clock,
            parameters=dict(self.plan.parameters),
            steps=tuple(self.results[name] for name in self.plan.steps),
            provenance=origin.value(),
            error=self._error(),
        )
        self.listener.run_finished(record, self._save(record))
        return record

    def _prepare(self) -> None:
        mark = self.plan.project.folder / ".nbpipe"
        try:
            self.work.mkdir(parents=True)
            ignore = mark / ".gitignore"
            if not ignore.exists():
                ignore.write_text("/runs/\n/store/\n", encoding="utf-8")
        except OSError as error:
            raise PipelineError(f"{mark}: cannot be written: {error.strerror}") from None

    def _save(self, record: RunRecord) -> Path:
        try:
            return write_record(record, self.plan.project.runs)
        except OSError as error:
            raise PipelineError(f"the record cannot be written to {self.plan.project.runs}: {error.strerror}") from None

    def _loop(self, deadline: float | None) -> None:
        """Start what may start, take what has ended, until nothing is left or something failed."""
        while True:
            for step in self.schedule.ready() if self._goes_on() else ():
                if len(self.running) < max(1, self.options.jobs):
                    self._start(step)
            if not self.running:
                return
            try:
                ended = self.ended.get(timeout=None if deadline is None else max(0.0, deadline - time.perf_counter()))
            except queue.Empty:
                deadline = None
                self._halt(RunStatus.TIMED_OUT)
                continue
            if ended is not None:
                self._take(*ended)

    def _goes_on(self) -> bool:
        good = (RunStatus.OK, RunStatus.CACHED)
        return self.halted is None and all(result.status in good for result in self.results.values())

    def _start(self, step: Step) -> None:
        names = [other.name for other in self.plan.project.pipeline.steps]
        values = {name: self.plan.parameters[name] for name in step.parameters}
        self.listener.step_started(StepStart(step.name, names.index(step.name) + 1, len(names), values))
        self.schedule.start(step)
        clock = time.perf_counter()
        answer, log = self.work / f"{step.name}.json", self.work / f"{step.name}.log"
        process = RuntimeProcess("step", self._request(step), answer, log, interpreter(self.options.python))
        self.running[step.name] = process, clock
        threading.Thread(target=lambda: self.ended.put((step, process.wait())), daemon=True).start()

    def _request(self, step: Step) -> dict[str, Any]:
        project = self.plan.project
        sources = project.pipeline.sources(step)
        return {
            "project": str(project.folder),
            "folder": str(project.base),
            "store": str(project.store),
            "function": step.function,
            "inputs": {name: self.results[sources[name]].outputs[name] for name in step.inputs},
            "parameters": {name: self.encoded[name] for name in step.parameters},
            "outputs": step.outputs,
            "metrics": step.metrics,
            "generators": self.schedule.generators,
            "watched": [name for name in step.inputs if self._is_read_later(step, name)],
            "local": [project.package],
        }

    def _is_read_later(self, step: Step, name: str) -> bool:
        """Tell whether a later step reads the version of a value that this one does."""
        producer = self.plan.project.pipeline.sources(step)[name]
        after = self.plan.steps[self.plan.steps.index(step.name) + 1 :]
        edges = self.plan.project.pipeline.edges()
        return any(edge.name == name and edge.producer == producer and edge.consumer in after for edge in edges)

    def _take(self, step: Step, answer: dict[str, Any] | None) -> None:
        process, clock = self.running.pop(step.name)
        seconds = time.perf_counter() - clock
        if answer is None:
            error = RunError("Died", f"step '{step.name}': {process.ending()}; its output is in {process.log}")
            status = self.halted or RunStatus.DIED
            self._finish(StepResult(step.name, status, seconds, error=None if self.halted else error))
            return
        doubt = self.schedule.end(step, answer)
        for message in warnings_of(step, answer):
            self.listener.warned(message)
        self._finish(step_result(step, answer, seconds, doubt, self.plan.project.source_map))

    def _finish(self, result: StepResult) -> None:
        self.results[result.name] = result
        self.listener.step_finished(result)

    def _interrupt(self) -> None:
        self._halt(RunStatus.INTERRUPTED)

    def _halt(self, status: RunStatus) -> None:
        """End all processes without waiting for them; the loop takes them as they end."""
        self.halted = status
        for process, _ in list(self.running.values()):
            process.terminate()
        # Those that do not end when asked are killed; the loop hears of their end as of any other.
        timer = threading.Timer(_GRACE_SECONDS, self._kill)
        timer.daemon = True
        timer.start()

    def _kill(self) -> None:
        for process, _ in list(self.running.values()):
            process.kill()

    def _status(self) -> RunStatus:
        if self.halted is not None:
            return self.halted
        bad = [result.status for result in self.results.values() if result.status is not RunStatus.OK]
        return next((status for status in bad if status is not RunStatus.NOT_RUN), RunStatus.OK)

    def _error(self) -> RunError | None:
        if self.halted is RunStatus.INTERRUPTED and self.stop is not None:
            return RunError(signal.Signals(self.stop.signal or signal.SIGINT).name, "somebody asked to stop")
        if self.halted is RunStatus.TIMED_OUT:
            return RunError("TimeoutError", f"the run took longer than {self.options.timeout:g} s")
        failed = next((result for result in self.results.values() if result.error is not None), None)
        return None if failed is None else failed.error


class _Later:
    """A value that is worked out by a thread while other things go on."""

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        self._value: dict[str, Any] = {}
        self._thread = threading.Thread(target=lambda: self._value.update(work()), daemon=True)
        self._thread.start()

    def value(self) -> dict[str, Any]:
        """Wait for the value."""
        self._thread.join()
        return self._value


def _encoded(name: str, value: Any) -> Any:
    try:
        return encode(value)
    except TypeError as error:
        raise PipelineError(f"parameter '{name}': {error}") from None
