"""The proof that a pipeline computes what its notebook computes: every output of every step, compared."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.conversion import read_analysis
from nbpipe.convert.imports import imported_modules
from nbpipe.convert.recording import Recording, Wanted, record
from nbpipe.errors import PipelineError, did_you_mean
from nbpipe.pipeline.values import compare_artifacts
from nbpipe.records import RunStatus
from nbpipe.runtime.comparing import CLOSE, NOT_COMPARABLE
from nbpipe.runtime.fingerprints import Fingerprint
from nbpipe.runtime.store import Store
from nbpipe.steps import Role
from nbpipe.steps.suggestion import split_plan
from nbpipe.verify.metrics import flat, same
from nbpipe.verify.same_start import run_from
from nbpipe.verify.written_files import WrittenFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.execute.listener import Listener
    from nbpipe.execute.stop import Stop
    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord, StepResult
    from nbpipe.steps import StepCells


class Verdict(Enum):
    """How an output of the pipeline compares with the notebook's value."""

    EQUAL = "equal"
    CLOSE = "close"
    DIFFERENT = "different"
    SAMPLED = "only sampled"
    NOT_COMPARABLE = "not comparable"
    NON_DETERMINISTIC = "non-deterministic"
    NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class OutputVerdict:
    """One output of one step: a value, a metric, or a file that it writes.

    Attributes:
        difference: the largest absolute difference of two numbers, where there is one.
        where: the part that differs (or differs most).
        reason: in words.
        allowed: somebody said that this output need not be equal.
    """

    step: str
    name: str
    verdict: Verdict
    difference: float = 0.0
    where: str = ""
    reason: str = ""
    allowed: bool = False

    @property
    def is_good(self) -> bool:
        """Whether it does not stand against the proof."""
        return self.allowed or self.verdict in (Verdict.EQUAL, Verdict.CLOSE)

    def __str__(self) -> str:
        """Give the step, the name, and what is the matter."""
        place = f"{self.step}.{self.name}{self.where}"
        amount = f" by up to {self.difference:.3g}" if 0 < self.difference < math.inf else ""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{place}: {self.verdict.value}{amount}{reason}"


@dataclass(frozen=True, slots=True)
class Proof:
    """All outputs of all steps, in order.

    Attributes:
        run: id of the pipeline's run.
        silent: steps that give nothing, as they only print or draw: the proof says nothing of them.
    """

    outputs: tuple[OutputVerdict, ...]
    run: str = ""
    silent: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether there is something to compare, and all of it is equal, close within the tolerance, or allowed."""
        return bool(self.outputs) and all(output.is_good for output in self.outputs)

    @property
    def headline(self) -> str:
        """The result in one line: ``12 of 12 step outputs equal``."""
        if not self.outputs:
            return "0 step outputs to compare: nothing is proved"
        counts = {verdict: sum(output.verdict is verdict for output in self.outputs) for verdict in Verdict}
        equal = f"{counts.pop(Verdict.EQUAL)} of {len(self.outputs)} step outputs equal"
        said = ", ".join([equal, *(f"{count} {verdict.value}" for verdict, count in counts.items() if count)])
        return f"{said}; nothing to compare in {', '.join(self.silent)}" if self.silent else said

    @property
    def first_divergence(self) -> OutputVerdict | None:
        """The first output, in the order of the steps, that stands against the proof."""
        return next((output for output in self.outputs if not output.is_good), None)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values, with the version of this layout."""
        return {
            "version": 1,
            "good": self.is_good,
            "headline": self.headline,
            "run": self.run,
            "silent": list(self.silent),
            "first_divergence": (first := self.first_divergence) and f"{first.step}.{first.name}",
            "outputs": [
                {
                    "step": output.step,
                    "name": output.name,
                    "verdict": output.verdict.value,
                    "difference": output.difference if math.isfinite(output.difference) else None,
                    "where": output.where,
                    "reason": output.reason,
                    "allowed": output.allowed,
                }
                for output in self.outputs
            ],
        }


_START: Final = "the notebook gives another value each time it runs"


def prove(  # noqa: PLR0913 - the options of a proof
    notebook: Path,
    project: Project,
    *,
    first: Recording | None = None,
    wanted: Wanted | None = None,
    allow: Sequence[str] = (),
    rtol: float = 0.0,
    atol: float = 0.0,
    kernel: str | None = None,
    listener: Listener | None = None,
    pipeline_listener: PipelineListener | None = None,
    stop: Stop | None = None,
) -> Proof:
    """Run the notebook twice and the pipeline once, all from the same generator states and hash seed, and compare.

    Args:
        notebook: the notebook, with its tags.
        project: the pipeline.
        first: a recorded run of the notebook that is known already.
        wanted: what that run observed.
        allow: outputs (``name`` or ``step.name``) that need not be equal.
        rtol: relative tolerance within which numbers count as close.
        atol: absolute tolerance.
        kernel: kernelspec to use instead of the one that the notebook names.
        listener: hears how the notebook's runs go.
        pipeline_listener: hears how the pipeline's run goes.
        stop: how somebody asks to stop.

    Raises:
        ConversionError: the notebook has no steps, or does not run.
        PipelineError: the pipeline has a step that the notebook lacks.
    """
    wanted = wanted or _wanted(notebook, project)
    options = {"kernel": kernel, "listener": listener, "stop": stop}
    with tempfile.TemporaryDirectory(prefix="nbpipe-proof-") as folder:
        store = Path(folder) / "store"
        saved = {step.name: step.outputs for step in project.pipeline.steps}
        first = first or record(notebook, wanted, **options)  # type: ignore[arg-type]
        second = record(notebook, replace(wanted, saved=saved, store=store), **options)  # type: ignore[arg-type]
        python = str(second.libraries["executable"])
        run = run_from(project, second.generators, python=python, listener=pipeline_listener, stop=stop)
        comparer = _Comparer(project, first, second, run, store, rtol, atol)
        outputs = tuple(_allowed(output, allow) for output in comparer.verdicts())
    told = {output.step for output in outputs}
    silent = tuple(step.name for step in project.pipeline.steps if step.name not in told)
    return Proof(outputs, run.id, silent)


def _wanted(path: Path, project: Project) -> Wanted:
    analysis = read_analysis(path)
    plan = split_plan(analysis, project.split, project.merged)
    cells = {step.name: step for step in plan.steps}
    steps: list[StepCells] = []
    for step in project.pipeline.steps:
        if step.name not in cells:
            raise PipelineError(
                f"the pipeline's step '{step.name}' is no step of {path}{did_you_mean(step.name, cells)}"
            )
        steps.append(cells[step.name])
    names = {name for step in project.pipeline.steps for name in step.returns}
    left_out = plan.cells_of(Role.SKIP, Role.SERVE)
    return Wanted(tuple(steps), tuple(sorted(names)), imported_modules(analysis), left_out)


def _allowed(output: OutputVerdict, allow: Sequence[str]) -> OutputVerdict:
    named = output.name in allow or f"{output.step}.{output.name}" in allow
    return replace(output, allowed=named) if named else output


@dataclass(frozen=True, slots=True)
class _Comparer:
    """Two recordings of the notebook and one run of the pipeline, side by side."""

    project: Project
    first: Recording
    second: Recording
    run: RunRecord
    store: Path
    rtol: float
    atol: float

    def verdicts(self) -> Iterator[OutputVerdict]:
        """Give the verdict of each output and metric, in the order of the steps."""
        results = {result.name: result for result in self.run.steps}
        files = WrittenFiles(self.project, self.first, self.second, self.run)
        for step in self.project.pipeline.steps:
            result = results[step.name]
            if result.status is not RunStatus.OK:
                for name in step.returns or ("result",):
                    yield OutputVerdict(step.name, name, Verdict.NOT_GIVEN, reason=_why(result))
                continue
            for file in files.verdicts(step.name):
                yield OutputVerdict(step.name, file.name, Verdict(file.verdict), reason=file.reason)
            for name in step.returns:
                if name in step.outputs:
                    yield self._output(step, name, result)
                else:
                    yield self._metric(step, name, result)

    def _output(self, step: Step, name: str, result: StepResult) -> OutputVerdict:
        values = [recording.after[step.name].values.get(name) for recording in (self.first, self.second)]
        if values[0] is None or values[1] is None:
            return OutputVerdict(step.name, name, Verdict.NOT_GIVEN, reason="the notebook does not bind it")
        given = Store(self.project.store).artifact(result.outputs[name]).fingerprint
        known = Fingerprint(**values[0])
        for found in (known, given):
            if not found.comparable:
                return OutputVerdict(step.name, name, Verdict.NOT_COMPARABLE, reason=found.reason)
        if known.digest != values[1]["digest"]:
            return OutputVerdict(step.name, name, Verdict.NON_DETERMINISTIC, reason=_START)
        if known.digest != given.digest:
            return self._difference(step, name, result)
        return OutputVerdict(step.name, name, Verdict.SAMPLED if known.sampled or given.sampled else Verdict.EQUAL)

    def _difference(self, step: Step, name: str, result: StepResult) -> OutputVerdict:
        """Look into two values whose fingerprints differ."""
        saved = self.second.saved.get(step.name, {}).get(name, {})
        if "key" not in saved:
            why = saved.get("error", "it was not kept")
            return OutputVerdict(step.name, name, Verdict.DIFFERENT, reason=f"the notebook's value is lost: {why}")
        pair = {
            "name": name,
            "a": {"store": str(self.project.store), "key": result.outputs[name]},
            "b": {"store": str(self.store), "key": saved["key"]},
            "rtol": self.rtol,
            "atol": self.atol,
        }
        python = str(self.second.libraries["executable"])
        package = self.project.package
        found = compare_artifacts([pair], path=(self.project.folder,), local=(package,), python=python)[name]
        # Values that cannot be looked into differ by their fingerprints all the same.
        verdict = Verdict.CLOSE if found.verdict == CLOSE else Verdict.DIFFERENT
        reason = "the values cannot be looked into" if found.verdict == NOT_COMPARABLE else found.reason
        return OutputVerdict(step.name, name, verdict, found.difference, found.where, reason)

    def _metric(self, step: Step, name: str, result: StepResult) -> OutputVerdict:
        one, other = (
            flat(name, recording.after[step.name].numbers.get(name)) for recording in (self.first, self.second)
        )
        given = {key: value for key, value in result.metrics.items() if key == name or key.startswith(f"{name}.")}
        if not same(one, other):
            return OutputVerdict(step.name, name, Verdict.NON_DETERMINISTIC, reason=_START)
        if same(one, given):
            return OutputVerdict(step.name, name, Verdict.EQUAL)
        amount = max((abs(one[key] - given[key]) for key in one.keys() & given.keys()), default=math.inf)
        return OutputVerdict(
            step.name, name, Verdict.DIFFERENT, amount, reason=f"{given or 'nothing'} and {one or 'nothing'}"
        )


def _why(result: StepResult) -> str:
    if result.error is None:
        return "the step did not run"
    lines = result.error.message.splitlines()
    return f"the step failed: {result.error.name}: {lines[0] if lines else ''}"
