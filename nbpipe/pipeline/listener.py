"""How progress and tracking hear of a pipeline's run: one method an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord, StepResult


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """What is about to run.

    Attributes:
        id: the id the run's record will have.
        project: the pipeline and where it lies.
        parameters: name to value, defaults included.
    """

    id: str
    project: Project
    parameters: Mapping[str, Any]

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the steps, in order."""
        return tuple(step.name for step in self.project.pipeline.steps)


@dataclass(frozen=True, slots=True)
class StepStart:
    """A step is about to run, or its result of an earlier run is taken.

    Attributes:
        number: its place from 1 among `count`.
        reason: why it runs, or where its result is from.
    """

    name: str
    number: int
    count: int
    parameters: Mapping[str, Any]
    reason: str = ""

    @classmethod
    def of(cls, plan: PipelinePlan, step: Step, reason: str) -> StepStart:
        """Give the start of a step of a run."""
        values = {name: plan.parameters[name] for name in step.parameters}
        return cls(step.name, plan.steps.index(step.name) + 1, len(plan.steps), values, reason)


@dataclass(frozen=True, slots=True)
class StepRetry:
    """A step failed and is going to run again.

    Attributes:
        tried: how often it has run.
        retries: how often it may run again in all.
        delay: seconds until it does.
        message: how it failed.
    """

    name: str
    tried: int
    retries: int
    delay: float
    message: str


class PipelineListener:
    """Base of all listeners: every event is ignored unless overridden. A listener must not raise."""

    def run_started(self, plan: PipelinePlan) -> None:
        """Hear that the run begins."""

    def step_started(self, step: StepStart) -> None:
        """Hear that a step begins."""

    def step_retried(self, retry: StepRetry) -> None:
        """Hear that a step failed and will be tried again."""

    def step_kept(self, name: str, why_not: str) -> None:
        """Hear that the result of a step that ran is kept for later runs, or why it is not."""

    def step_finished(self, result: StepResult) -> None:
        """Hear how a step ended, or that it did not run; a step that ran too early starts and finishes again."""

    def run_finished(self, record: RunRecord, record_path: Path) -> None:
        """Hear how the run ended; the record is on disk."""

    def run_aborted(self, reason: str) -> None:
        """Hear that the run could not be completed or recorded; an exception follows."""

    def noted(self, message: str) -> None:
        """Hear something worth telling a person."""

    def warned(self, message: str) -> None:
        """Hear something that a person should see."""
