"""Why an output of a pipeline is not the notebook's: what can be known from what differs, and from the project."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.currency import cells_sha256, changed_module
from nbpipe.convert.placing import edited_files, read_description
from nbpipe.errors import NbpipeError
from nbpipe.execute.document import load_notebook
from nbpipe.records import RunStatus
from nbpipe.verify.cause import Cause, CauseKind, DivergenceKind
from nbpipe.verify.prediction import Prediction
from nbpipe.verify.proof_verdict import OutputVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.records import StepResult
    from nbpipe.steps import StepCells

# What makes a notebook give another value each time it runs, from the same random state and hash seed.
_UNSTEADY: Final = (CauseKind.RANDOM, CauseKind.LISTING, CauseKind.CLOCK, CauseKind.NETWORK)


class ProofCauses:
    """Looks for causes in one project."""

    def __init__(
        self, notebook: Path, project: Project, cells: Iterable[StepCells], results: Mapping[str, StepResult]
    ) -> None:
        self._notebook = notebook
        self._project = project
        self._cells = {step.name: step.cells for step in cells}
        self._results = results
        self._met: dict[tuple[str, str], OutputVerdict] = {}

    def of(self, step: Step, output: OutputVerdict) -> Cause | None:
        """Give the cause of a verdict; outputs have to be asked for in the order of the steps."""
        self._met[output.step, output.name] = output
        if output.verdict in (Verdict.EQUAL, Verdict.CLOSE, Verdict.SAMPLED, Verdict.NOT_COMPARABLE):
            return None
        if output.verdict is Verdict.NON_DETERMINISTIC:
            return self._predicted(step.name)
        if output.verdict is Verdict.NOT_GIVEN and (failed := self._failed(step)) is not None:
            return failed
        given, own = self._of_inputs(step), self._of_project(step)
        if given is not None and own is not None and own.kind is not DivergenceKind.CHANGED:
            return replace(own, text=f"{own.text}; besides, {given.text}")
        return (
            given
            or own
            or self._of_generators(step)
            or Cause(
                CauseKind.UNEXPLAINED,
                "all that the step takes is equal, and its code is what was generated: "
                "what it computes from it is another value",
            )
        )

    def _failed(self, step: Step) -> Cause | None:
        result = self._results[step.name]
        if result.status is RunStatus.OK:
            return None
        if result.error is not None and result.status is not RunStatus.NOT_RUN:
            edited = self._edited(step)
            told = f"; {edited[0]} was edited since it was generated" if edited else ""
            return Cause(DivergenceKind.FAILED, f"step '{step.name}' failed{told}", shown=True)
        first = next((each.name for each in self._results.values() if each.status is RunStatus.FAILED), "")
        return Cause(DivergenceKind.UPSTREAM, f"step '{first}' failed" if first else "the run ended before", shown=True)

    def _of_inputs(self, step: Step) -> Cause | None:
        """Tell whether the step was given something else already."""
        for name, producer in self._project.pipeline.sources(step).items():
            met = self._met.get((producer, name))
            if met is not None and met.verdict not in (Verdict.EQUAL, Verdict.CLOSE):
                text = f"the step takes '{name}' of step '{producer}', which is {met.verdict.value}"
                return Cause(DivergenceKind.UPSTREAM, text, shown=met.verdict is Verdict.DIFFERENT)
        return None

    def _of_project(self, step: Step) -> Cause | None:
        """Tell what was changed in the project, or in the notebook, since one was made of the other."""
        changed = {
            parameter.name: parameter.default
            for parameter in self._project.parameters
            if parameter.has_value and self._values.get(parameter.name) != parameter.default
        }
        for name in step.parameters:
            if name in changed:
                value, default = self._values[name], changed[name]
                return Cause(DivergenceKind.PARAMETER, f"'{name}' is {value!r} in params.yaml, and was {default!r}")
        edited = self._edited(step)
        if edited:
            return Cause(DivergenceKind.EDITED, f"{edited[0]} was edited since it was generated")
        module = changed_module(self._project.folder, self._description)
        if module is not None:
            return Cause(DivergenceKind.CHANGED, f"{module.name} is no longer what was copied into the project")
        if self._is_stale:
            return Cause(
                DivergenceKind.CHANGED, "the notebook's cells are no longer those that the pipeline was made from"
            )
        return None

    @cached_property
    def _values(self) -> dict[str, Any]:
        try:
            return self._project.settle({})
        except NbpipeError:
            return {}

    def _edited(self, step: Step) -> list[str]:
        """Name the edited files that may change what a step does: its own first."""
        package = self._project.package
        own = f"{package}/{step.function.partition(':')[0].partition('.')[2].replace('.', '/')}.py"
        common = [name for name in self._changed_files if name.endswith(".py") and "/steps/" not in name]
        taken_along = self._description.get("modules") or {}
        found = [own, *(name for name in common if name.startswith(f"{package}/") or name in taken_along)]
        return [name for name in found if name in self._changed_files]

    @cached_property
    def _changed_files(self) -> tuple[str, ...]:
        return tuple(sorted(edited_files(self._project.folder, self._description)))

    @cached_property
    def _description(self) -> dict[str, Any]:
        return read_description(self._project.folder) or {}

    @cached_property
    def _is_stale(self) -> bool:
        known = self._description.get("cells_sha256")
        return bool(known) and cells_sha256(load_notebook(self._notebook)[1]) != known

    def _of_generators(self, step: Step) -> Cause | None:
        """Tell which earlier step may have left a generator in another state."""
        mine = set(step.generators or ())
        for other in self._project.pipeline.steps:
            if other.name == step.name:
                break
            shared = sorted(mine.intersection(other.generators or ()))
            wrong = self._edited(other) or any(
                met.verdict is Verdict.DIFFERENT for (name, _), met in self._met.items() if name == other.name
            )
            if shared and wrong:
                text = f"it draws from {shared[0]} after step '{other.name}', which is not what it was"
                return Cause(DivergenceKind.STATE, text)
        return None

    def _predicted(self, step: str) -> Cause | None:
        """Give what the code says about a value that is another one each time."""
        for cell in self._cells.get(step, ()):
            found = self._prediction.cause(cell, _UNSTEADY) or self._prediction.source(cell)
            if found is not None:
                return found
        return Cause(CauseKind.UNEXPLAINED, "nothing in the code predicts it")

    @cached_property
    def _prediction(self) -> Prediction:
        return Prediction(load_notebook(self._notebook)[1], str(self._notebook))
