"""Whether a run gave what an earlier one did: outputs by fingerprint, and where that proves nothing, in full."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.process import read_answer
from nbpipe.pipeline.results import GOOD
from nbpipe.pipeline.values import compare_artifacts
from nbpipe.runtime.comparing import EQUAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord, StepResult

_LOST = "not comparable"


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Something that a run gave, beside the same of another run.

    Attributes:
        step: that gave it.
        kind: ``output``, ``metric``, ``file`` or ``step`` (how it ended).
        name: of it.
        verdict: ``equal``, ``close``, ``different`` or ``not comparable``.
        reason: where and how it differs.
    """

    step: str
    kind: str
    name: str
    verdict: str
    reason: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether it is the same."""
        return self.verdict == EQUAL


def compare_runs(project: Project, before: RunRecord, after: RunRecord, python: str | None) -> tuple[Reproduced, ...]:
    """Compare all that two runs gave; what the first left out does not count.

    Args:
        project: whose store has the values of the second run, and perhaps those of the first.
        before: the run that is to be reproduced.
        after: the run that should give the same.
        python: the interpreter that can read the values; None for this one.

    Raises:
        PipelineError: the interpreter fails.
    """
    results = {step.name: step for step in after.steps}
    found: list[Reproduced] = []
    for step in before.steps:
        if step.status in GOOD and not (step.outputs or step.metrics or step.written):
            continue
        other = results.get(step.name)
        if other is None or (other.status in GOOD) != (step.status in GOOD):
            now = "is no longer a step" if other is None else other.status.value
            found.append(Reproduced(step.name, "step", "ended", "different", f"{step.status.value}, now {now}"))
        elif step.status in GOOD:
            found += _compare(project, step, other, python)
    return tuple(found)


def _compare(project: Project, step: StepResult, other: StepResult, python: str | None) -> Iterator[Reproduced]:
    doubtful = []
    for name, key in step.outputs.items():
        known, now = step.fingerprints.get(name) or {}, other.fingerprints.get(name) or {}
        same_print = known.get("digest") == now.get("digest") and known.get("proves") and now.get("proves")
        if key == other.outputs.get(name) or same_print:
            yield Reproduced(step.name, "output", name, EQUAL)
        elif name not in other.outputs:
            yield Reproduced(step.name, "output", name, "different", "it is no longer given")
        else:
            doubtful.append(name)
    if doubtful:
        yield from _in_full(project, step, other, doubtful, python)
    own = () if other.logged else step.logged.get("metrics", ())  # without tracking nobody sees what it logs itself
    for name, value in ((name, value) for name, value in step.metrics.items() if name not in own):
        now_ = other.metrics.get(name)
        same = now_ is not None and (value == now_ or (math.isnan(value) and math.isnan(now_)))
        yield Reproduced(
            step.name, "metric", name, EQUAL if same else "different", "" if same else f"{value}, now {now_}"
        )
    for path, digest in step.written.items():
        same = other.written.get(path) == digest
        yield Reproduced(step.name, "file", path, EQUAL if same else "different", "" if same else "other content")


def _in_full(
    project: Project, step: StepResult, other: StepResult, names: list[str], python: str | None
) -> Iterator[Reproduced]:
    store = str(project.store)
    pairs = [
        {
            "name": name,
            "a": {"store": store, "key": step.outputs[name]},
            "b": {"store": store, "key": other.outputs[name]},
        }
        for name in names
    ]
    found = compare_artifacts(pairs, path=(project.folder,), local=(project.package,), python=python)
    for name in names:
        each = found[name]
        verdict, reason = each.verdict, f"{each.where}: {each.reason}" if each.where else each.reason
        known, now = step.fingerprints.get(name) or {}, other.fingerprints.get(name) or {}
        if verdict == _LOST and known.get("proves") and known.get("digest") != now.get("digest"):
            verdict, reason = "different", f"its fingerprint is another ({reason})"
        yield Reproduced(step.name, "output", name, verdict, reason)


def starting_states(project: Project, work: Path) -> dict[str, Any] | None:
    """Give the states of the global generators that a run started from, as far as its steps drew from them.

    Args:
        project: the pipeline, as it was.
        work: the folder of the run's details.
    """
    states: dict[str, Any] = {}
    for step in project.pipeline.steps:
        answer: Mapping[str, Any] = read_answer(work / f"{step.name}.json") or {}
        before = answer.get("before") or {}
        for kind in answer.get("touched", ()):
            if kind in before:
                states.setdefault(kind, before[kind])
    return states or None
