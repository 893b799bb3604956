"""What the golden tests of a generated project call: do its steps still give what they gave when it was made?"""

from __future__ import annotations

import importlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.recording import SEED
from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.records import RunStatus
from nbpipe.runtime import generators
from nbpipe.runtime.store import Store
from nbpipe.verify.same_start import run_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord, StepResult

VERSION: Final = 2
UPDATE: Final = "NBPIPE_UPDATE_GOLDEN"
"""The environment variable that lets a run of the tests record what the steps give now."""


@dataclass(frozen=True, slots=True)
class GoldenRun:
    """One run of a pipeline beside what its steps gave when it was made.

    Attributes:
        project: the pipeline.
        known: content of ``tests/golden.json``.
        record: of the run, on the recorded parameters and random state.
    """

    project: Project = field(repr=False)  # pytest shows a fixture that a failed test takes
    known: Mapping[str, Any] = field(repr=False)
    record: RunRecord = field(repr=False)

    def differences(self, step: str) -> list[str]:
        """Give one line for each output and metric of a step that is not what it was; [] when all are."""
        result = next((result for result in self.record.steps if result.name == step), None)
        if result is None:
            return [f"{step}: is no step of the pipeline any more"]
        if result.status is not RunStatus.OK:
            error = f": {result.error.message}" if result.error is not None else ""
            return [f"{step}: {result.status.value}{error}"]
        found = [*self._outputs(step, result), *self._metrics(step, result)]
        return [*found, *self._given(step)] if found else []

    def _outputs(self, step: str, result: StepResult) -> Iterator[str]:
        for name, digest in self.known["outputs"].get(step, {}).items():
            if name not in result.outputs:
                yield f"{step}: gives no '{name}' any more"
            elif self._digest(result, name) != digest:
                yield f"{step}: '{name}' is not what it was"

    def _metrics(self, step: str, result: StepResult) -> Iterator[str]:
        for name, value in self.known["metrics"].get(step, {}).items():
            given = result.metrics.get(name)
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
        """Give what golden.json would hold if the pipeline were made now."""
        outputs = {
            result.name: {name: self._digest(result, name) for name in result.outputs} for result in self.record.steps
        }
        metrics = {result.name: result.metrics for result in self.record.steps if result.metrics}
        return {**self.known, "outputs": outputs, "metrics": metrics}


def steps_of(folder: str | os.PathLike[str]) -> list[str]:
    """Name the steps of which ``tests/golden.json`` says what they gave.

    Raises:
        PipelineError: golden.json cannot be read.
    """
    return list(_read(Path(folder))["outputs"])


def run_golden(folder: str | os.PathLike[str]) -> GoldenRun:
    """Run a pipeline as its notebook was run when it was recorded; its own parameters do not matter.

    With the environment variable NBPIPE_UPDATE_GOLDEN set, write what the steps give now into ``tests/golden.json``.

    Raises:
        PipelineError: golden.json cannot be read, or a step fails while it is to be updated.
        ConfigError: the folder is no pipeline.
    """
    project = load_project(folder)
    known = _read(Path(folder))
    record = run_from(project, _states(known["generators"]), parameters=_parameters(project, known))
    run = GoldenRun(project, known, record)
    if not os.environ.get(UPDATE):
        return run
    if record.status is not RunStatus.OK:
        raise PipelineError("golden.json is not updated: a step fails")
    return GoldenRun(project, write_golden(Path(folder), run.recorded_now()), record)


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
