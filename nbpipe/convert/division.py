"""How the cells of a notebook that is converted are divided into steps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbpipe.steps import Note
from nbpipe.steps.suggestion import TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.convert.refusal import LeftOutError, TiedStepsError
    from nbpipe.notebook import Notebook
    from nbpipe.settings.parameters import Parameter
    from nbpipe.steps import StepPlan


@dataclass(frozen=True, slots=True)
class Division:
    """How the cells of a notebook are divided into steps.

    Attributes:
        plan: the steps as they are.
        split: where they come from (see `nbpipe.steps.suggestion.split_plan`).
        merged: names of the steps that were wanted, by the name of the step that they had to become.
        notes: why.
        kept: cells tagged ``skip`` that are steps' all the same.
        declared: settings of the code that became parameters.
        original: the notebook in its file, where another one is converted: with names in place of the settings, and
            Python in place of IPython's syntax.
        extracts: whether settings were to become parameters.
        lines, reasons, inlined: what became of IPython's syntax (see `nbpipe.convert.plain.notebook.PlainNotebook`).
    """

    plan: StepPlan
    split: str = TAGS
    merged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    kept: tuple[int, ...] = ()
    declared: tuple[Parameter, ...] = ()
    original: Notebook | None = None
    extracts: bool = False
    lines: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    inlined: tuple[Path, ...] = ()

    def merged_by(self, tied: TiedStepsError) -> tuple[Division, tuple[str, ...], str]:
        """Make one step of steps that are tied; give also the names that they had, and the new one."""
        names = [step.name for step in self.plan.steps]
        parts = tuple(names[names.index(tied.first) : names.index(tied.last) + 1])
        plan, name = self.plan.merged(tied.first, tied.last)
        wanted = tuple(origin for part in parts for origin in self.merged.get(part, (part,)))
        merged = {key: value for key, value in self.merged.items() if key not in parts} | {name: wanted}
        shown = ", ".join(f"'{part}'" for part in parts[:-1]) + f" and '{parts[-1]}'"
        note = Note(tied.cell, f"{tied.reason}; so the steps {shown} are one: {name}")
        return replace(self, plan=plan, merged=merged, notes=(*self.notes, note)), parts, name

    def without(self, names: tuple[str, ...]) -> Division:
        """Leave out steps whose cells only import and define."""
        cells = {step.name: step.cells[0] for step in self.plan.steps}
        notes = [Note(cells[name], f"step '{name}' only imports and defines: it is no step") for name in names]
        return replace(self, plan=self.plan.without(names), notes=(*self.notes, *notes))

    def keeping(self, left: LeftOutError) -> Division:
        """Keep cells that cannot be left out, each in the step that begins before it."""
        plan = self.plan.keeping(left.cells)
        notes = tuple(
            Note(cell, f"is tagged skip, but {left.reason}; so it is kept, in step '{plan.step_of(cell)}'")
            for cell in left.cells
        )
        return replace(self, plan=plan, kept=(*self.kept, *left.cells), notes=(*self.notes, *notes))
