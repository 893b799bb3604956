"""What the golden tests of a generated project call: do its steps still give what they gave when it was made?"""

from __future__ import annotations

import importlib
import json
import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.recording import SEED
from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.records import RunStatus
from nbpipe.runtime import generators
from nbpipe.runtime.store import Store
from nbpipe.verify.golden_data import answer_alone, digests, keep_inputs
from nbpipe.verify.same_start import run_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord, StepResult

VERSION: Final = 2
UPDATE: Final = "NBPIPE_UPDATE_GOLDEN"
"""The environment variable that lets a run of the tests record what the steps give now."""


class GoldenRun:
    """What the steps of a pipeline give now, beside what they gave when it was made.

    A step whose inputs were kept runs alone, on these; the others in one run of the whole pipeline, made when the first
    of them is asked for.

    Attributes:
        project: the pipeline.
        known: content of ``tests/golden.json``.
    """

    def __init__(self, project: Project, known: Mapping[str, Any], record: RunRecord | None = None) -> None:
        """Compare with a run that was made already, or, with None, make it when it is needed."""
        self.project = project
        self.known = known
        self._made = record

    def __repr__(self) -> str:  # pytest shows a fixture that a failed test takes
        return f"<golden run of {self.project.package}>"

    @cached_property
    def record(self) -> RunRecord:
        """A run of the whole pipeline, on the recorded parameters and random state."""
        return self._made or _whole(self.project, self.known)

    def differences(self, step: str) -> list[str]:
        """Give one line for each output and metric of a step that is not what it was; [] when all are."""
        if step not in {each.name for each in self.project.pipeline.steps}:
            return [f"{step}: is no step of the pipeline any more"]
        entry = self.known.get("inputs", {}).get(step)
        if entry is not None and self._made is None:
            return self._alone(step, entry)
        result = next(result for result in self.record.steps if result.name == step)
        if result.status is not RunStatus.OK:
            error = f": {result.error.message}" if result.error is not None else ""
            return [f"{step}: {result.status.value}{error}"]
        outputs = {name: self._digest(result, name) for name in result.outputs}
        found = [*self._outputs(step, outputs), *self._metrics(step, result.metrics)]
        return [*found, *self._given(step)] if found else []

    def _alone(self, name: str, entry: Mapping[str, Any]) -> list[str]:
        step = self.project.pipeline.step(name)
        values = self.project.settle(_parameters(self.project, self.known))
        answer = answer_alone(self.project, step, entry, values)
        if answer["status"] != "ok":
            error = answer.get("error", {})
            return [f"{name}: failed: {error.get('name')}: {error.get('message')}"]
        return [*self._outputs(name, digests(answer)), *self._metrics(name, answer["metrics"])]

    def _outputs(self, step: str, given: Mapping[str, str]) -> Iterator[str]:
        for name, digest in self.known["outputs"].get(step, {}).items():
            if name not in given:
                yield f"{step}: gives no '{name}' any more"
            elif given[name] != digest:
                yield f"{step}: '{name}' is not what it was"

    def _metrics(self, step: str, metrics: Mapping[str, float]) -> Iterator[str]:
        for name, value in self.known["metrics"].get(step, {}).items():
            given = metrics.get(name)
            if given != value and not (given != given and value != value):  # noqa: PLR0124 - NaN
                yield f"{step}: {name} is {given!r}, and was {value!r}"

    def _given(self, step: str) -> Iterator[str]:
        """Say which inputs of a step are not what they were: the change then lies in an earlier one."""
        results = {result.name: result for result in self.record.steps}
        for name, producer in self.project.pipeline.sources(self.project.pipeline.step(step)).items():
            known = self.known["outputs"].get(producer, {}).get(name)
            if known is not None and self._digest(results[producer], name) != known:
                yield f"{step}: takes '{name}' of step '{producer}', which is not what it was"

    def _digest(self, result: StepResult, name: str) -> str:
        return Store(self.project.store).artifact(result.outputs[name]).fingerprint.digest

    def recorded_now(self) -> dict[str, Any]:
        """Give what golden.json would hold if the pipeline were made now; inputs that are kept are kept anew."""
        outputs = {
            result.name: {name: self._digest(result, name) for name in result.outputs} for result in self.record.steps
        }
        metrics = {result.name: result.metrics for result in self.record.steps if result.metrics}
        now = {**self.known, "outputs": outputs, "metrics": metrics}
        largest = self.known.get("largest_inputs")
        return now if largest is None else {**now, "inputs": keep_inputs(self.project, self.record.id, largest)}


def steps_of(folder: str | os.PathLike[str]) -> list[str]:
    """Name the steps of which ``tests/golden.json`` says what they gave.

    Raises:
        PipelineError: golden.json cannot be read.
    """
    return list(_read(Path(folder))["outputs"])


def run_golden(folder: str | os.PathLike[str]) -> GoldenRun:
    """Give what compares a pipeline's steps with what they gave; its own parameters do not matter.

    With the environment variable NBPIPE_UPDATE_GOLDEN set, write what the steps give now into ``tests/golden.json``.

    Raises:
        PipelineError: golden.json cannot be read, or a step fails while it is to be updated.
        ConfigError: the folder is no pipeline.
    """
    project = load_project(folder)
    known = _read(Path(folder))
    if not os.environ.get(UPDATE):
        return GoldenRun(project, known)
    run = GoldenRun(project, known, _whole(project, known))
    if run.record.status is not RunStatus.OK:
        raise PipelineError("golden.json is not updated: a step fails")
    return GoldenRun(project, write_golden(Path(folder), run.recorded_now()), run.record)


def keep_golden_inputs(folder: Path, run: str, largest: int) -> None:
    """Keep what the steps of a run took with the tests of a project; see `nbpipe.verify.golden_data.keep_inputs`."""
    known = _read(folder)
    inputs = keep_inputs(load_project(folder), run, largest)
    write_golden(folder, {**known, "largest_inputs": largest, "inputs": inputs})


def _whole(project: Project, known: Mapping[str, Any]) -> RunRecord:
    return run_from(project, _states(known["generators"]), parameters=_parameters(project, known))


def write_golden(folder: Path, golden: dict[str, Any]) -> dict[str, Any]:
    """Write ``tests/golden.json`` of a project."""
    path = folder / "tests" / "golden.json"
    path.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
    return golden


def _parameters(project: Project, known: Mapping[str, Any]) -> dict[str, Any]:
    """Give the recorded values of the parameters that there still are."""
    names = {parameter.name for parameter in project.parameters}
    return {name: value for name, value in known["parameters"].items() if name in names}


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "tests" / "golden.json"
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise PipelineError(f"{path}: cannot be read: {error}; convert the notebook again") from None
    if content.get("version") != VERSION:
        raise PipelineError(f"{path}: was written by another version of nbpipe; convert the notebook again")
    return content


def _states(kinds: Sequence[str]) -> generators.States:
    """Give the states that the recorded notebook started from; this process's own generators stay as they are."""
    for kind in kinds:
        with suppress(ImportError):
            importlib.import_module(kind)
    before = generators.get_states()
    try:
        generators.seed_all(SEED)
        states = generators.get_states()
    finally:
        generators.set_states(before)
    return {kind: states[kind] for kind in kinds if kind in states}
