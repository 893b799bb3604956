"""The local engine: steps in processes of their own, in order or side by side, and nothing twice that is known."""

from __future__ import annotations

import queue
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.attempt import Attempt, Launcher, Running
from nbpipe.pipeline.backlog import Backlog
from nbpipe.pipeline.decision import encoded
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.listener import PipelineListener, StepRetry, StepStart
from nbpipe.pipeline.planning import flow_of
from nbpipe.pipeline.requests import libraries_of, protect, request_of, surroundings, write_answer
from nbpipe.pipeline.results import (
    GOOD,
    missing_result,
    reused_result,
    step_result,
    warnings_of,
)
from nbpipe.pipeline.runs import begin_run
from nbpipe.records import RunStatus, StepResult
from nbpipe.runtime.store import StoreFault, content_key

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nbpipe.pipeline.decision import Decider, Decision
    from nbpipe.pipeline.flow import Flow
    from nbpipe.pipeline.listener import PipelinePlan
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.runner import RunOptions

_LOOK_SECONDS = 0.05


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
    running: Running = field(default_factory=Running)
    tried: dict[str, int] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    ended: queue.Queue[tuple[Attempt, dict[str, Any] | None]] = field(default_factory=queue.Queue)
    waits: dict[str, float] = field(default_factory=dict)
    backlog: Backlog = field(default_factory=Backlog)
    halted: RunStatus | None = None

    @property
    def work(self) -> Path:
        """The folder of this run's logs and details."""
        return self.plan.project.runs / self.plan.id

    def run(self, telling: AbstractContextManager[None], deadline: float | None) -> tuple[StepResult, ...]:
        """Run what must be run; give how each step ended.

        Args:
            telling: within it, requests to stop are told to `interrupt` and `kill`.
            deadline: when it has taken too long, as `time.perf_counter`.
        """
        try:
            with telling:
                self._loop(deadline)
        finally:
            for attempt in self.running.values():
                attempt.process.end()
                self.launcher.give_back(attempt.key)
            self.launcher.close()
            self.decider.world.hashes.save()
            self.backlog.work_off()
        self.flow.finish_held(self._finish)
        for step in self.plan.project.pipeline.steps:
            if step.name not in self.flow.results:
                self._finish(StepResult(step.name, RunStatus.NOT_RUN))
        self.backlog.work_off()
        return tuple(self.flow.results[name] for name in self.plan.steps)

    def prepare(self) -> None:
        """Make the run's folder, and find out what there is to run.

        Raises:
            PipelineError: the folder cannot be written, the interpreter does not start, or there is no such step.
        """
        project, options = self.plan.project, self.options
        self.parameters = encoded(self.plan.parameters)
        self.flow, self.decider = flow_of(project, self.parameters, options)
        self.decider.world.hashes.before_long = self.backlog.work_off
        begin_run(project.place_of_runs / ".nbpipe", self.work, self.parameters, project.environment)
        self.launcher = Launcher(options)
        self.protect()

    def skip(self) -> None:
        """Leave out what is not selected."""
        for step in self.flow.unselected():
            self.flow.skip(step)
            self._finish(StepResult(step.name, RunStatus.SKIPPED))

    def protect(self) -> None:
        """Tell whoever collects garbage in the store what this run uses."""
        with suppress(StoreFault):
            results, steps = self.flow.results.values(), [decision.key for decision in self.decisions.values()]
            protect(self.decider.cache.store, str(self.plan.project.place_of_runs), self.plan.id, results, steps)

    def _loop(self, deadline: float | None) -> None:
        """Start what may start, take what has ended, until nothing is left or something failed."""
        while True:
            while self._goes_on() and any(self._begin(step) for step in self.flow.ready()):
                pass
            self.backlog.work_off()  # beside the steps that have just been started
            later = [*self.delays.values(), *self.waits.values()] if self._goes_on() else []
            if not self.running and not later:
                return
            times = [time for time in (deadline, *later, *self.running.deadlines()) if time is not None]
            try:
                wait = None if not times else max(0.0, min(times) - time.perf_counter())
                self._take(*self.ended.get(timeout=wait))
            except queue.Empty:
                if deadline is not None and time.perf_counter() >= deadline:
                    deadline = None
                    self._halt(RunStatus.TIMED_OUT)
                self.running.end_slow()

    def _goes_on(self) -> bool:
        return self.halted is None and all(result.status in GOOD for result in self.flow.results.values())

    def _begin(self, step: Step) -> bool:
        """Take the result of a step that is known, or start it if there is room; tell whether anything was done."""
        if step.name in self.running or not self._goes_on():
            return False
        if max(self.delays.get(step.name, 0.0), self.waits.get(step.name, 0.0)) > time.perf_counter():
            return False
        self.waits.pop(step.name, None)
        decision = self.decisions[step.name] = self.decisions.get(step.name) or self._decide(step)
        if decision.answer is not None:
            return self._reuse(step, decision)
        if not self.flow.may_run(step):
            self._announce(step, decision)
            self._finish(missing_result(step, decision.why))
            return True
        if len(self.running) >= max(1, self.options.jobs):
            return False
        if not self.launcher.take(decision.key):
            del self.decisions[step.name]
            self.waits[step.name] = time.perf_counter() + _LOOK_SECONDS
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
        self.backlog.add(self.listener.step_started, StepStart.of(self.plan, step, decision.why))

    def _reuse(self, step: Step, decision: Decision) -> bool:
        self.backlog.work_off()
        answer, clock = dict(decision.answer or {}), time.perf_counter()
        lost = self.decider.cache.replay(answer, self.work / f"{step.name}.log")
        if lost:
            self.decisions[step.name] = decision._replace(answer=None, why=lost)
            return True
        self._announce(step, decision)
        self.flow.schedule.start(step)
        self.flow.schedule.end(step, answer)
        self.flow.answers[step.name] = answer
        write_answer(self.work, step, {**answer, "key": decision.key, "reused": decision.why})
        self._finish(reused_result(step, answer, time.perf_counter() - clock, decision.why))
        return True

    def _start(self, step: Step, decision: Decision) -> None:
        again = self.tried.get(step.name, 0)
        if step.name not in self.delays:
            self._announce(step, decision)
        self.delays.pop(step.name, None)
        self.tried[step.name] = again + 1
        self.flow.schedule.start(step)
        self.launcher.prepare(lambda: libraries_of(self.decider), [str(self.plan.project.folder)])
        answer, log = self.work / f"{step.name}.json", self.work / f"{step.name}.log"
        request = request_of(step, decision, self.decider, self.flow) | surroundings(self.options, self.work, step)
        process = self.launcher.start(request, answer, log)
        limits = Limits.of(step, self.options.limits)
        attempt = Attempt(step, again + 1, process, limits, lambda *end: self.ended.put(end))
        self.running[step.name] = attempt
        attempt.key = decision.key

    def _take(self, attempt: Attempt, answer: dict[str, Any] | None) -> None:
        del self.running[attempt.step.name]
        seconds = time.perf_counter() - attempt.started
        if not attempt.is_discarded:
            self._take_answer(attempt, answer, seconds)
        self.backlog.add(self.launcher.give_back, attempt.key)

    def _take_answer(self, attempt: Attempt, answer: dict[str, Any] | None, seconds: float) -> None:
        step = attempt.step
        if answer is None and self.halted is None and self.launcher.falls_back():
            self.flow.schedule.again({step.name})
            message = "the process with the libraries loaded ended: steps start afresh from now on"
            self.backlog.add(self.listener.warned, message)
            return
        if answer is not None and self._repair(step, answer):
            return
        if answer is None:
            status, error = attempt.death()
            result = StepResult(step.name, self.halted or status, seconds, error=None if self.halted else error)
            answer = {}
        else:
            result = step_result(step, answer, seconds, self.plan.project.source_map)
        if result.status not in GOOD and self._tries_again(attempt, result):
            return
        self._settle(attempt, result, answer)

    def _settle(self, attempt: Attempt, result: StepResult, answer: dict[str, Any]) -> None:
        """Take the end of a step for good, but for what it turns out to have met too early."""
        step, decision = attempt.step, self.decisions[attempt.step.name]
        settled = self.flow.settle(step, replace(result, reason=decision.why, attempts=attempt.number), answer)
        for name, why in settled.again.items():
            self.backlog.add(self.listener.noted, f"step '{name}' runs again: {why}")
            self.decisions.pop(name, None)
            self.running.discard(name)
        if settled.result is not None:
            if settled.result.status is RunStatus.OK:
                self.backlog.add(self._keep, step, decision, answer)
            for message in warnings_of(step, answer):
                self.backlog.add(self.listener.warned, message)
            self._finish(settled.result)
        self.flow.finish_held(self._finish, only_certain=True)

    def _keep(self, step: Step, decision: Decision, answer: dict[str, Any]) -> None:
        try:
            why = self.decider.keep(self.plan.id, step, decision, answer, self.work / f"{step.name}.log")
        except (StoreFault, OSError) as error:
            self.listener.warned(f"step '{step.name}': its result is not kept for later runs: {error}")
        else:
            self.listener.step_kept(step.name, why)

    def _repair(self, step: Step, answer: dict[str, Any]) -> bool:
        """Where an input of a step is damaged in the store, let the step that gave it run again; tell whether so."""
        damaged = content_key(answer.get("damaged") or "")
        producer = self.flow.producer_of(damaged) if damaged else None
        if producer is None or producer.name in self.flow.forced or not self.flow.may_run(producer):
            return False
        message = f"{answer['error']['message']}; step '{producer.name}' runs again"
        self.backlog.add(self.listener.warned, message)
        self.decider.forget(self.decisions[producer.name], damaged)
        for name in (producer.name, step.name):
            self.decisions.pop(name, None)
        self.flow.repair(producer, step, "its result was damaged in the store")
        return True

    def _tries_again(self, attempt: Attempt, result: StepResult) -> bool:
        delay = None if self.halted is not None else attempt.delay_after(result)
        if delay is None:
            return False
        self.delays[attempt.step.name] = time.perf_counter() + delay
        self.flow.schedule.again({attempt.step.name})
        message = "" if result.error is None else result.error.message
        retry = StepRetry(attempt.step.name, attempt.number, attempt.limits.retries, delay, message)
        self.backlog.add(self.listener.step_retried, retry)
        return True

    def _finish(self, result: StepResult) -> None:
        self.backlog.add(self.listener.step_finished, self.flow.finish(result))

    def interrupt(self) -> None:
        """End all processes, as somebody asked to stop."""
        self._halt(RunStatus.INTERRUPTED)

    def _halt(self, status: RunStatus) -> None:
        """End all processes without waiting for them; the loop takes them as they end."""
        self.halted = self.halted or status
        self.running.stop(status)
        if not self.running:
            self.delays.clear()

    def kill(self) -> None:
        """End all processes now."""
        self.running.kill()
