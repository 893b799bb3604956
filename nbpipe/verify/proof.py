"""The proof that a pipeline computes what its notebook computes: every output of every step, compared."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbpipe.convert.imports import imported_modules
from nbpipe.convert.reading import read_analysis
from nbpipe.convert.recorded import Recording, Wanted
from nbpipe.convert.recording import record
from nbpipe.convert.results import logged
from nbpipe.errors import ConfigError, PipelineError, did_you_mean
from nbpipe.execute.limits import Limits
from nbpipe.pipeline.limits import Limits as StepLimits
from nbpipe.pipeline.values import compare_artifacts
from nbpipe.records import RunStatus
from nbpipe.runtime.comparing import CLOSE, NOT_COMPARABLE
from nbpipe.runtime.fingerprints import Fingerprint
from nbpipe.runtime.showing import PLAIN, Sides
from nbpipe.runtime.store import Store
from nbpipe.steps import Role
from nbpipe.steps.suggestion import split_plan
from nbpipe.verify.metrics import same
from nbpipe.verify.proof_cause import ProofCauses
from nbpipe.verify.proof_verdict import OutputVerdict, Proof, Verdict
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
    limits: Limits | None = None,
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
        limits: what each run of the notebook may take; the time for all of it and the memory hold for the pipeline's
            run and its steps, too.
        listener: hears how the notebook's runs go.
        pipeline_listener: hears how the pipeline's run goes.
        stop: how somebody asks to stop.

    Raises:
        ConversionError: the notebook has no steps, or does not run.
        PipelineError: the pipeline has a step that the notebook lacks.
        ConfigError: an output to allow is none of the pipeline's.
    """
    _check_allowed(project, allow)
    wanted = wanted or _wanted(notebook, project)
    limits = limits or Limits()
    options = {"kernel": kernel, "limits": limits, "listener": listener, "stop": stop}
    with tempfile.TemporaryDirectory(prefix="nbpipe-proof-") as folder:
        store = Path(folder) / "store"
        saved = {step.name: step.outputs for step in project.pipeline.steps}
        first = first or record(notebook, wanted, **options)  # type: ignore[arg-type]
        second = record(notebook, replace(wanted, saved=saved, store=store, given={}, local={}), **options)  # type: ignore[arg-type]
        python = str(second.libraries["executable"])
        run = run_from(
            project,
            second.generators,
            python=python,
            timeout=limits.total,
            limits=StepLimits(memory=limits.memory),
            listener=pipeline_listener,
            stop=stop,
        )
        comparer = _Comparer(project, first, second, run, store, rtol, atol)
        causes = ProofCauses(notebook, project, wanted.steps, comparer.results)
        outputs = tuple(
            replace(_allowed(output, allow), cause=causes.of(step, output)) for step, output in comparer.verdicts()
        )
    told = {output.step for output in outputs} | {name.partition(".")[0] for name in project.left_out}
    silent = tuple(step.name for step in project.pipeline.steps if step.name not in told)
    return Proof(outputs, run.id, silent, str(notebook), str(project.folder), dict(project.left_out))


def _check_allowed(project: Project, allow: Sequence[str]) -> None:
    names = [f"{step.name}.{name}" for step in project.pipeline.steps for name in step.returns]
    known = [*names, *(name.partition(".")[2] for name in names)]
    steps = {step.name for step in project.pipeline.steps}
    for name in allow:
        step, _, rest = name.partition(".")
        # Which files the steps write is known only when they have run.
        is_file = any(mark in (rest if step in steps else name) for mark in "./")
        if name not in known and not is_file:
            raise ConfigError(f"--allow {name}: the pipeline has no such output{did_you_mean(name, known)}")


def _wanted(path: Path, project: Project) -> Wanted:
    analysis = read_analysis(path)
    plan = split_plan(analysis, project.split, project.merged).keeping(project.kept_cells)
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

    @property
    def results(self) -> dict[str, StepResult]:
        """How each step ran, by its name."""
        return {result.name: result for result in self.run.steps}

    def verdicts(self) -> Iterator[tuple[Step, OutputVerdict]]:
        """Give the verdict of each output and metric, in the order of the steps."""
        results = self.results
        files = WrittenFiles(self.project, self.first, self.second, self.run)
        for step in self.project.pipeline.steps:
            result = results[step.name]
            if result.status is not RunStatus.OK:
                trace = result.error.traceback if result.error is not None else ""
                for name in step.returns or ("result",):
                    yield step, OutputVerdict(step.name, name, Verdict.NOT_GIVEN, reason=_why(result), traceback=trace)
                continue
            for file in files.verdicts(step.name):
                yield step, OutputVerdict(step.name, file.name, Verdict(file.verdict), reason=file.reason)
            for name in step.returns:
                if name in step.outputs:
                    yield step, self._output(step, name, result)
                else:
                    yield step, self._metric(step, name, result)

    def _output(self, step: Step, name: str, result: StepResult) -> OutputVerdict:
        values = [recording.after[step.name].values.get(name) for recording in (self.first, self.second)]
        if values[0] is None or values[1] is None:
            return OutputVerdict(step.name, name, Verdict.NOT_GIVEN, reason="the notebook does not bind it")
        given = Store(self.project.store).artifact(result.outputs[name]).fingerprint
        known = Fingerprint(**values[0])
        for one in (known, given):
            if not one.comparable:
                return OutputVerdict(step.name, name, Verdict.NOT_COMPARABLE, reason=one.reason)
        if known.digest != values[1]["digest"]:
            found = self._difference(step, name, result) if known.digest != given.digest else None
            sides = found.sides if found is not None else None
            return OutputVerdict(step.name, name, Verdict.NON_DETERMINISTIC, reason=_START, sides=sides)
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
            "show": True,
        }
        python = str(self.second.libraries["executable"])
        package = self.project.package
        found = compare_artifacts([pair], path=(self.project.folder,), local=(package,), python=python)[name]
        # Values that cannot be looked into differ by their fingerprints all the same.
        verdict = Verdict.CLOSE if found.verdict == CLOSE else Verdict.DIFFERENT
        reason = "the values cannot be looked into" if found.verdict == NOT_COMPARABLE else found.reason
        sides = Sides(*found.shown) if any(found.shown) else None
        return OutputVerdict(step.name, name, verdict, found.difference, found.where, reason, sides=sides)

    def _metric(self, step: Step, name: str, result: StepResult) -> OutputVerdict:
        one, other = (
            logged(name, recording.after[step.name].numbers.get(name)) for recording in (self.first, self.second)
        )
        given = {key: value for key, value in result.metrics.items() if key == name or key.startswith(f"{name}.")}
        if not same(one, other):
            return OutputVerdict(step.name, name, Verdict.NON_DETERMINISTIC, reason=_START)
        if same(one, given):
            return OutputVerdict(step.name, name, Verdict.EQUAL)
        amount = max((abs(one[key] - given[key]) for key in one.keys() & given.keys()), default=math.inf)
        if one.keys() == given.keys() and all(self._is_close(given[key], one[key]) for key in one):
            return OutputVerdict(step.name, name, Verdict.CLOSE, amount)
        sides = Sides(PLAIN, _listed(given), _listed(one))
        reason = f"{_told(given)} and {_told(one)}"
        return OutputVerdict(step.name, name, Verdict.DIFFERENT, amount, reason=reason, sides=sides)

    def _is_close(self, value: float, known: float) -> bool:
        return value == known or abs(value - known) <= self.atol + self.rtol * abs(known)


def _told(numbers: dict[str, float]) -> str:
    return ", ".join(repr(value) for value in numbers.values()) or "nothing"


def _listed(numbers: dict[str, float]) -> str:
    return "\n".join(f"{name} = {value!r}" for name, value in numbers.items())


def _why(result: StepResult) -> str:
    if result.error is None:
        return "the step did not run"
    lines = result.error.message.splitlines()
    return f"the step failed: {result.error.name}: {lines[0] if lines else ''}"
