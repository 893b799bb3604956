"""What has come of each step so far, and what must be done again because it was done too early."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.records import RunError, RunStatus, StepResult
from nbpipe.runtime.store import Artifact, content_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.pipeline.model import Pipeline, Step
    from nbpipe.pipeline.schedule import Schedule


class Settled(NamedTuple):
    """What the end of a step comes to.

    Attributes:
        result: of the step; None where it runs again, or where that is not decided yet.
        again: steps that run again, each with the reason.
    """

    result: StepResult | None
    again: dict[str, str]


@dataclass(slots=True)
class Flow:
    """Results and answers of one run's steps, by name.

    Attributes:
        pipeline: the steps.
        schedule: their order.
        selected: steps that may run.
        needed: steps that may not, but whose results others take.
        results: how steps ended.
        answers: what they gave.
        forced: steps that must run, each with the reason.
        held: failures that may come from having started too early.
    """

    pipeline: Pipeline
    schedule: Schedule
    selected: frozenset[str]
    needed: frozenset[str]
    results: dict[str, StepResult] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    forced: dict[str, str] = field(default_factory=dict)
    held: dict[str, StepResult] = field(default_factory=dict)
    _replaced: dict[str, dict[str, Any]] = field(default_factory=dict)
    _ancestors: dict[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._ancestors = self.pipeline.ancestors()

    def ready(self) -> list[Step]:
        """Give the steps that may start now, in order."""
        return [step for step in self.schedule.ready() if not self._ancestors[step.name] & self.held.keys()]

    def unselected(self) -> list[Step]:
        """Give the steps that may not run and whose results nobody takes."""
        return [step for step in self.pipeline.steps if step.name not in self.selected | self.needed]

    def may_run(self, step: Step) -> bool:
        """Tell whether a step may run, or only be taken from an earlier run."""
        return step.name in self.selected

    def skip(self, step: Step) -> None:
        """Leave a step out, whose result nobody takes."""
        self.schedule.start(step)
        self.schedule.end(step, {})

    def finish(self, result: StepResult) -> StepResult:
        """Keep how a step ended; give its result with where its inputs came from."""
        step = self.pipeline.step(result.name)
        found = {}
        for name, source in self.pipeline.sources(step).items():
            key = self.answers.get(source, {}).get("outputs", {}).get(name, {}).get("key", "")
            found[name] = {"step": source, "key": key}
        self.results[result.name] = replace(result, inputs=found)
        return self.results[result.name]

    def inputs(self, step: Step) -> dict[str, Artifact]:
        """Give the artifacts that a step takes, by name."""
        sources = self.pipeline.sources(step)
        return {name: Artifact.from_json(self.answers[sources[name]]["outputs"][name]) for name in step.inputs}

    def is_read_later(self, step: Step, name: str) -> bool:
        """Tell whether a later step reads the version of a value that this one does."""
        producer = self.pipeline.sources(step)[name]
        names = [other.name for other in self.pipeline.steps]
        after = names[names.index(step.name) + 1 :]
        return any(
            edge.name == name and edge.producer == producer and edge.consumer in after for edge in self.pipeline.edges()
        )

    def settle(self, step: Step, result: StepResult, answer: dict[str, Any]) -> Settled:
        """Take the end of a step."""
        verdict = self.schedule.end(step, answer)
        if result.status is RunStatus.OK and verdict.doubt:
            error = RunError("StepFault", f"step '{step.name}': {verdict.doubt}")
            result = replace(result, status=RunStatus.FAILED, outputs={}, error=error)
        again = {**dict(verdict.again), **self._replaced_for(step, answer)}
        again = self._with_descendants(again)
        self._forget(set(again))
        if step.name in again:
            return Settled(None, again)
        if result.status is not RunStatus.OK and self.schedule.is_provisional(step):
            self.held[step.name] = result
            return Settled(None, again)
        self.answers[step.name] = answer
        return Settled(result, again)

    def _replaced_for(self, step: Step, answer: dict[str, Any]) -> dict[str, str]:
        """Name the steps that took an earlier result of this one, where it is another now."""
        before = self._replaced.pop(step.name, None)
        if before is None:
            return {}
        after = answer.get("outputs", {})
        changed = {name for name in before if before[name] != after.get(name)}
        taken = [edge for edge in self.pipeline.edges() if edge.producer == step.name and edge.name in changed]
        return {edge.consumer: f"its input '{edge.name}' is another" for edge in taken if self._has_run(edge.consumer)}

    def _has_run(self, name: str) -> bool:
        return name in self.results or name in self.held or self.schedule.is_running(name)

    def _with_descendants(self, again: dict[str, str]) -> dict[str, str]:
        found = dict(again)
        for name, ancestors in self._ancestors.items():
            cause = next((other for other in again if other in ancestors), None)
            if cause is not None and self._has_run(name):
                found.setdefault(name, f"step '{cause}' does")
        return found

    def _forget(self, names: set[str]) -> None:
        self.schedule.again(names)
        for name in names:
            for table in (self.results, self.answers, self.held):
                table.pop(name, None)

    def finish_held(self, finish: Callable[[StepResult], None], *, only_certain: bool = False) -> None:
        """Let failures count that were held back: those that are certain by now, or all."""
        for step in self.pipeline.steps:
            if step.name in self.held and not (only_certain and self.schedule.is_provisional(step)):
                finish(self.held.pop(step.name))

    def producer_of(self, key: str) -> Step | None:
        """Give the step that gave an artifact, by the key of its content."""
        for step in reversed(self.pipeline.steps):
            outputs = self.answers.get(step.name, {}).get("outputs", {})
            if any(content_key(artifact["key"]) == key for artifact in outputs.values()):
                return step
        return None

    def repair(self, producer: Step, consumer: Step, why: str) -> None:
        """Let a step whose result was lost run again, and the one that missed it."""
        self._replaced[producer.name] = self.answers[producer.name]["outputs"]
        self.forced[producer.name] = why
        self._forget({producer.name, consumer.name})
