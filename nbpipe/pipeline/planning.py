"""What a run would do, found out without running anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.decision import Decider, encoded
from nbpipe.pipeline.flow import Flow
from nbpipe.pipeline.process import seed_of_hashes
from nbpipe.pipeline.runs import earlier_runs
from nbpipe.pipeline.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.pipeline.runner import RunOptions


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What would come of a step.

    Attributes:
        name: of the step.
        verdict: ``run``, ``cached`` or ``skip``.
        why: in words.
    """

    name: str
    verdict: str
    why: str


def plan(project: Project, parameters: Mapping[str, Any], options: RunOptions) -> tuple[PlannedStep, ...]:
    """Say what a run would do, step by step; what follows a step that runs counts as running, too.

    It may yet turn out to be known: where the step gives the same value again.

    Raises:
        ConfigError: a parameter is unknown, ill-typed or has no value.
        PipelineError: the interpreter does not start, or there is no such step or run.
    """
    flow, decider = flow_of(project, encoded(project.settle(parameters)), options)
    pipeline, schedule, needed = project.pipeline, flow.schedule, flow.needed
    before = schedule.dependencies()
    runs: dict[str, Step] = {}
    found = []
    for step in pipeline.steps:
        if step.name not in flow.selected | needed:
            flow.skip(step)
            found.append(PlannedStep(step.name, "skip", "it is left out"))
            continue
        cause = _cause(step, runs, before[step.name], decider)
        if cause:
            runs[step.name] = step
            found.append(PlannedStep(step.name, "run", cause))
            continue
        any_run = step.name in needed
        decision = decider.decide(step, flow.inputs(step), schedule.states(step), any_run=any_run)
        verdict = "run" if decision.answer is None else "cached"
        found.append(PlannedStep(step.name, verdict, decision.why))
        if decision.answer is None:
            runs[step.name] = step
        else:
            schedule.start(step)
            schedule.end(step, decision.answer)
            flow.answers[step.name] = decision.answer
    return tuple(found)


def _cause(step: Step, runs: Mapping[str, Step], before: frozenset[str], decider: Decider) -> str:
    """Say which step that runs may change what this one meets, or ""."""
    sources = decider.project.pipeline.sources(step)
    for name in step.inputs:
        if sources[name] in runs:
            return f"its input '{name}' comes from step '{sources[name]}', which runs"
    other = next((name for name in runs if name in before), None)
    return f"it comes after step '{other}', which runs" if other else ""


def flow_of(project: Project, parameters: Mapping[str, Any], options: RunOptions) -> tuple[Flow, Decider]:
    """Give what a run starts from: the order of its steps, which of them may run, and what is known of them.

    Args:
        project: the pipeline.
        parameters: encoded values by name.
        options: how to run.

    Raises:
        PipelineError: the interpreter does not start, or there is no such step or run.
    """
    pipeline, selection = project.pipeline, options.selection
    decider = Decider(project, parameters, options.python, options.cache, hash_seed=seed_of_hashes(options.hash_seed))
    schedule = Schedule(pipeline, options.generators, decider.known_uses())
    dependencies = schedule.dependencies()
    selected, needed = selection.selected(pipeline, dependencies), selection.needed(pipeline, dependencies)
    if options.resume or needed:
        decider.earlier = earlier_runs(project.runs, options.resume)
        decider.resumed = decider.earlier if options.resume else ()
    return Flow(pipeline, schedule, selected, needed), decider
