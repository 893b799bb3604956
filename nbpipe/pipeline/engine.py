"""The local engine: steps in processes of their own, in order or side by side, and nothing twice that is known."""

from __future__ import annotations

import json
import queue
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nbpipe import provenance
from nbpipe.errors import PipelineError
from nbpipe.pipeline.attempt import Attempt, Launcher
from nbpipe.pipeline.decision import Decider, encoded
from nbpipe.pipeline.flow import Flow
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.listener import PipelineListener, StepRetry, StepStart
from nbpipe.pipeline.results import is_worth_trying_again, reused_result, step_result, warnings_of
from nbpipe.pipeline.runs import earlier_runs, ignore_own_files, write_plan, write_record
from nbpipe.pipeline.schedule import Schedule
from nbpipe.records import RunError, RunRecord, RunStatus, StepResult
from nbpipe.runtime.store import StoreFault, content_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nbpipe.pipeline.decision import Decision
    from nbpipe.pipeline.listener import PipelinePlan
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.runner import RunOptions

_GOOD = (RunStatus.OK, RunStatus.CACHED, RunStatus.SKIPPED)


@dataclass(slots=True)
class Engine:
    """One run in progress.

    Attributes:
        plan: what runs.
        options: how.
        listener: hears of it.
    """

    plan: PipelinePlan
    options: RunOptions
    listener: PipelineListener
    flow: Flow = field(init=False)
    decider: Decider = field(init=False)
    launcher: Launcher = field(init=False)
    parameters: dict[str, Any] = field(init=False)
    running: dict[str, Attempt] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    ended: queue.Queue[tuple[Attempt, dict[str, Any] | None]] = field(default_factory=queue.Queue)
    halted: RunStatus | None = None

    @property
    def work(self) -> Path:
        """The folder of this run's logs and details."""
        return self.plan.project.runs / self.plan.id

    def run(self, telling: AbstractContextManager[None], stopped_by: Callable[[], int | None]) -> RunRecord:
        """Run what must be run, and save the record.

        Args:
            telling: within it, requests to stop are told to `interrupt` and `kill`.
            stopped_by: gives the number of the signal that came, if one did.
        """
        started, clock = datetime.now(UTC), time.perf_counter()
        self._prepare()
        self.listener.run_started(self.plan)
        origin = _Later(lambda: provenance.capture(self.plan.project.folder))
        try:
            with telling:
                self._loop(None if self.options.timeout is None else clock + self.options.timeout)
        finally:
            for attempt in self.running.values():
                attempt.process.end()
            self.launcher.close()
            self.decider.world.hashes.save()
        self.flow.finish_held(self._finish)
        for step in self.plan.project.pipeline.steps:
            if step.name not in self.flow.results:
                self._finish(StepResult(step.name, RunStatus.NOT_RUN))
        results = tuple(self.flow.results[name] for name in self.plan.steps)
        record = RunRecord(
            id=self.plan.id,
            kind="pipeline",
            source=str(self.plan.project.folder),
            status=self._status(results),
            started=started.isoformat(timespec="milliseconds"),
            seconds=time.perf_counter() - clock,
            parameters=dict(self.plan.parameters),
            steps=results,
            provenance=origin.value(),
            error=self._error(results, stopped_by()),
        )
        self.listener.run_finished(record, self._save(record))
        return record

    def _prepare(self) -> None:
        project, options = self.plan.project, self.options
        mark = project.folder / ".nbpipe"
        self.parameters = encoded(self.plan.parameters)
        selection = options.selection
        selected, needed = selection.selected(project.pipeline), selection.needed(project.pipeline)
        earlier = earlier_runs(project.runs, options.resume) if options.resume or needed else ()
        try:
            self.work.mkdir(parents=True)
            ignore_own_files(mark)
            write_plan(self.work, self.parameters, project.environment)
        except OSError as error:
            raise PipelineError(f"{mark}: cannot be written: {error.strerror}") from None
        self.launcher = Launcher(options.python, fork=options.fork, server=options.server)
        resumed = earlier if options.resume else ()
        self.decider = Decider(project, self.parameters, options.python, options.cache, resumed, earlier)
        schedule = Schedule(project.pipeline, options.generators, self.decider.known_uses())
        self.flow = Flow(project.pipeline, schedule, selected, needed)
        self._protect()
        for step in project.pipeline.steps:
            if step.name not in selected | needed:
                self.flow.skip(step)
                self._finish(StepResult(step.name, RunStatus.SKIPPED))

    def _protect(self) -> None:
        """Tell whoever collects garbage in the store what this run uses."""
        keys = [key for result in self.flow.results.values() for key in (*result.outputs.values(), *result.figures.values())]
        content = {
            "project": str(self.plan.project.folder),
            "run": self.plan.id,
            "when": time.time(),
            "keys": sorted({content_key(key) for key in keys}),
        }
        with suppress(StoreFault):
            self.decider.cache.store.write(f"roots/{self.plan.id}.json", json.dumps(content).encode())

    def _save(self, record: RunRecord) -> Path:
        self._protect()
        try:
            return write_record(record, self.plan.project.runs)
        except OSError as error:
            raise PipelineError(f"the record cannot be written to {self.plan.project.runs}: {error.strerror}") from None

    def _loop(self, deadline: float | None) -> None:
        """Start what may start, take what has ended, until nothing is left or something failed."""
        while True:
            while self._goes_on() and any([self._begin(step) for step in self.flow.ready()]):
                pass
            if not self.running and not (self.delays and self._goes_on()):
                return
            times = [time for time in (deadline, *self.delays.values()) if time is not None]
            times += [at for attempt in self.running.values() if (at := attempt.deadline) is not None]
            try:
                wait = None if not times else max(0.0, min(times) - time.perf_counter())
                self._take(*self.ended.get(timeout=wait))
            except queue.Empty:
                if deadline is not None and time.perf_counter() >= deadline:
                    deadline = None
                    self._halt(RunStatus.TIMED_OUT)
                self._end_slow()

    def _end_slow(self) -> None:
        now = time.perf_counter()
        for attempt in self.running.values():
            if attempt.deadline is not None and attempt.deadline <= now:
                attempt.stop(RunStatus.TIMED_OUT)

    def _goes_on(self) -> bool:
        return self.halted is None and all(result.status in _GOOD for result in self.flow.results.values())

    def _begin(self, step: Step) -> bool:
        """Take the result of a step that is known, or start it if there is room; tell whether anything was done."""
        if step.name in self.running or not self._goes_on():
            return False
        if step.name in self.delays and self.delays[step.name] > time.perf_counter():
            return False
        decision = self.decisions.get(step.name) or self._decide(step)
        self.decisions[step.name] = decision
        if decision.answer is not None:
            return self._reuse(step, decision)
        if not self.flow.may_run(step):
            self._announce(step, decision)
            self._finish(self._missing(step, decision))
            return True
        if len(self.running) >= max(1, self.options.jobs):
            return False
        self._start(step, decision)
        return True

    def _decide(self, step: Step) -> Decision:
        generators = self.flow.schedule.states(step)
        if step.name in self.flow.forced:
            decision = self.decider.decide(step, self.flow.inputs(step), generators, reuse=False)
            return decision._replace(why=self.flow.forced[step.name])
        return self.decider.decide(step, self.flow.inputs(step), generators, any_run=not self.flow.may_run(step))

    def _announce(self, step: Step, decision: Decision) -> None:
        values = {name: self.plan.parameters[name] for name in step.parameters}
        place = self.plan.steps.index(step.name) + 1
        self.listener.step_started(StepStart(step.name, place, len(self.plan.steps), values, decision.why))

    def _reuse(self, step: Step, decision: Decision) -> bool:
        answer = dict(decision.answer or {})
        clock = time.perf_counter()
        log = self.work / f"{step.name}.log"
        lost = self.decider.cache.replay(answer, log)
        if lost:
            self.decisions[step.name] = decision._replace(answer=None, why=lost)
            return True
        self._announce(step, decision)
        self.flow.schedule.start(step)
        self.flow.schedule.end(step, answer)
        self.flow.answers[step.name] = answer
        self._write_answer(step, {**answer, "key": decision.key, "reused": decision.why})
        self._finish(reused_result(step, answer, time.perf_counter() - clock, decision.why))
        return True

    def _write_answer(self, step: Step, answer: dict[str, Any]) -> None:
        with suppress(OSError):
            (self.work / f"{step.name}.json").write_text(json.dumps(answer), encoding="utf-8")

    def _missing(self, step: Step, decision: Decision) -> StepResult:
        message = f"step '{step.name}' is left out, but has no result that still holds ({decision.why}): let it run"
        return StepResult(step.name, RunStatus.FAILED, error=RunError("PipelineError", message))

    def _start(self, step: Step, decision: Decision) -> None:
        again = self.tried.get(step.name, 0)
        if step.name not in self.delays:
            self._announce(step, decision)
        self.delays.pop(step.name, None)
        self.tried[step.name] = again + 1
        self.flow.schedule.start(step)
        self.launcher.prepare(self._libraries(), [str(self.plan.project.folder)])
        answer, log = self.work / f"{step.name}.json", self.work / f"{step.name}.log"
        process = self.launcher.start(self._request(step, decision), answer, log)
        limits = Limits.of(step, self.options.limits)
        self.running[step.name] = Attempt(step, again + 1, process, limits, lambda *end: self.ended.put(end))

    def _libraries(self) -> list[str]:
        steps = self.plan.project.pipeline.steps
        return sorted({name for step in steps for name in self.decider.code(step).imports})

    def _request(self, step: Step, decision: Decision) -> dict[str, Any]:
        project = self.plan.project
        return {
            "project": str(project.folder),
            "folder": str(project.base),
            "store": str(project.store),
            "function": step.function,
            "inputs": {name: artifact.key for name, artifact in self.flow.inputs(step).items()},
            "parameters": {name: self.parameters[name] for name in step.parameters},
            "outputs": step.outputs,
            "metrics": step.metrics,
            "generators": self.flow.schedule.states(step),
            "watched": [name for name in step.inputs if self.flow.is_read_later(step, name)],
            "local": [project.package],
            "libraries": sorted(self.decider.code(step).imports),
            "key": decision.key,
        }

    def _take(self, attempt: Attempt, answer: dict[str, Any] | None) -> None:
        step = attempt.step
        del self.running[step.name]
        seconds = time.perf_counter() - attempt.started
        if attempt.is_discarded:
            return
        if answer is None and self.halted is None and self.launcher.falls_back():
            self.flow.schedule.again({step.name})
            self.listener.warned("the process with the libraries loaded ended: steps start afresh from now on")
            return
        if answer is not None and self._repair(step, answer):
            return
        if answer is None:
            status, error = attempt.death()
            halted = self.halted is not None
            result = StepResult(step.name, self.halted or status, seconds, error=None if halted else error)
            answer = {}
        else:
            result = step_result(step, answer, seconds, self.plan.project.source_map)
        if result.status not in _GOOD and self._tries_again(attempt, result):
            return
        self._settle(attempt, result, answer)

    def _settle(self, attempt: Attempt, result: StepResult, answer: dict[str, Any]) -> None:
        """Take the end of a step for good, but for what it turns out to have met too early."""
        step, decision = attempt.step, self.decisions[attempt.step.name]
        settled = self.flow.settle(step, replace(result, reason=decision.why, attempts=attempt.number), answer)
        for name, why in settled.again.items():
            self.listener.noted(f"step '{name}' runs again: {why}")
            self._discard(name)
        if settled.result is not None:
            if settled.result.status is RunStatus.OK:
                self._keep(step, decision, answer)
            for message in warnings_of(step, answer):
                self.listener.warned(message)
            self._finish(settled.result)
        self.flow.finish_held(self._finish, only_certain=True)

    def _discard(self, name: str) -> None:
        self.decisions.pop(name, None)
        if name in self.running:
            self.running[name].is_discarded = True
            self.running[name].stop(RunStatus.NOT_RUN)

    def _keep(self, step: Step, decision: Decision, answer: dict[str, Any]) -> None:
        try:
            why = self.decider.keep(self.plan.id, step, decision, answer, self.work / f"{step.name}.log")
        except (StoreFault, OSError) as error:
            self.listener.warned(f"step '{step.name}': its result is not kept for later runs: {error}")
        else:
            self.listener.step_kept(step.name, why)

    def _repair(self, step: Step, answer: dict[str, Any]) -> bool:
        """Where an input of a step is damaged in the store, let the step that gave it run again; tell whether so."""
        damaged = answer.get("damaged")
        producer = None if not damaged else self.flow.producer_of(content_key(damaged))
        if producer is None or producer.name in self.flow.forced or not self.flow.may_run(producer):
            return False
        self.listener.warned(f"{answer['error']['message']}; step '{producer.name}' runs again")
        with suppress(StoreFault, OSError):
            self.decider.cache.store.remove(content_key(damaged))
            self.decider.cache.forget(self.decisions[producer.name].key)
        for name in (producer.name, step.name):
            self.decisions.pop(name, None)
        self.flow.repair(producer, step, "its result was damaged in the store")
        return True

    def _tries_again(self, attempt: Attempt, result: StepResult) -> bool:
        limits = Limits.of(attempt.step, self.options.limits)
        if self.halted is not None or attempt.number > limits.retries or not is_worth_trying_again(result):
            return False
        delay = limits.delay(attempt.number)
        self.delays[attempt.step.name] = time.perf_counter() + delay
        self.flow.schedule.again({attempt.step.name})
        message = "" if result.error is None else f"{result.error.name}: {result.error.message}"
        self.listener.step_retried(StepRetry(attempt.step.name, attempt.number, limits.retries, delay, message))
        return True

    def _finish(self, result: StepResult) -> None:
        self.flow.results[result.name] = result
        self.listener.step_finished(result)

    def interrupt(self) -> None:
        """End all processes, as somebody asked to stop."""
        self._halt(RunStatus.INTERRUPTED)

    def _halt(self, status: RunStatus) -> None:
        """End all processes without waiting for them; the loop takes them as they end."""
        self.halted = self.halted or status
        for attempt in list(self.running.values()):
            attempt.stop(status)
        if not self.running:
            self.delays.clear()

    def kill(self) -> None:
        """End all processes now."""
        for attempt in list(self.running.values()):
            attempt.process.kill()

    def _status(self, results: tuple[StepResult, ...]) -> RunStatus:
        if self.halted is not None:
            return self.halted
        bad = [result.status for result in results if result.status not in _GOOD]
        return next((status for status in bad if status is not RunStatus.NOT_RUN), RunStatus.OK)

    def _error(self, results: tuple[StepResult, ...], number: int | None) -> RunError | None:
        if self.halted is RunStatus.INTERRUPTED:
            return RunError(signal.Signals(number or signal.SIGINT).name, "somebody asked to stop")
        if self.halted is RunStatus.TIMED_OUT:
            return RunError("TimeoutError", f"the run took longer than {self.options.timeout:g} s")
        failed = next((result for result in results if result.error is not None), None)
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
