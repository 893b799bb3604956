"""What a notebook changes in its own modules: each step of a pipeline has them as they are when they are imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbpipe.convert.module_state import changed_at_import, changed_inside, module_of
from nbpipe.convert.module_use import may_use
from nbpipe.convert.needs import later_than
from nbpipe.convert.refusal import TiedStepsError, refuse
from nbpipe.runtime.module_state import SEPARATOR
from nbpipe.steps import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.convert.dataflow import DataFlow, StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source

_GENERATORS = ("random", "numpy.random", "torch")
_ANEW = "which each step has as it is when it is imported"


def refuse_changed_modules(source: Source, layout: Layout, flow: DataFlow, recording: Recording) -> None:
    """Raise for what a step changes in a module that a later step uses.

    Raises:
        ConversionError: a cell outside the steps changes it, or importing it draws random numbers.
        TiedStepsError: a step does.
    """
    if source.local.modules:
        changes = _Changes(source, layout, flow, recording)
        changes.refuse_draws()
        changes.refuse_outside()
        for step in flow.steps.values():
            changes.refuse_inside(step)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a recorded run shows of the modules."""

    source: Source
    layout: Layout
    flow: DataFlow
    recording: Recording

    def refuse_draws(self) -> None:
        """Raise for a module that seeds a generator, or draws from one, when it is imported."""
        last = self.recording.after[list(self.flow.steps)[-1]]
        for name, kinds in last.effects.items():
            drawn = [kind for kind in kinds if kind in _GENERATORS]
            if drawn:
                raise refuse(
                    self.source.local.modules[name].cell,
                    f"imports '{name}', which seeds or draws from {drawn[0]} when it is imported, and each step "
                    "imports it anew: do that in a function, and call it in a cell",
                )

    def refuse_outside(self) -> None:
        """Raise for what the cells before the first step change."""
        first = next(iter(self.flow.steps.values()))
        for name in sorted(changed_at_import(self.recording.before[first.name])):
            if self._users([first, *later_than(self.flow.steps, first.name)], name):
                raise refuse(
                    self.source.local.modules[module_of(name)].cell,
                    f"imports '{module_of(name)}', and a cell before the first step changes {_shown(name)}, "
                    f"{_ANEW}: change it in a step",
                )

    def refuse_inside(self, step: StepFlow) -> None:
        """Raise for what a step changes."""
        for name in sorted(changed_inside(self.recording.before[step.name], self.recording.after[step.name])):
            users = self._users(later_than(self.flow.steps, step.name), name)
            if users:
                raise TiedStepsError(self._cell(step, name), f"changes {_shown(name)}, {_ANEW}", step.name, users[-1])

    def _users(self, steps: list[StepFlow], name: str) -> list[str]:
        """Name those of some steps that may ask a module for something that it holds."""
        module = module_of(name)
        return [
            step.name for step in steps if may_use(self.source, self.layout, self.flow, step, self.recording, module)
        ]

    def _cell(self, step: StepFlow, name: str) -> int:
        """Give the last cell of a step that mentions a module, else its first."""
        module = module_of(name)
        mentions = [
            statement.cell
            for statement in self.source.of_step(step.name)
            for read in statement.names.reads
            for item in self.layout.imports.get(read, ())
            if module in self.source.local.reached([item.module])
        ]
        cells = next(item.cells for item in self.source.steps if item.name == step.name)
        return mentions[-1] if mentions else cells[0]


def _shown(name: str) -> str:
    return f"'{name.replace(SEPARATOR, '.')}'"


def unknown_state(source: Source, recording: Recording) -> Iterator[Note]:
    """Give a note for each thing in a module of which it is not known whether a step changes it."""
    if len(source.steps) < 2:  # noqa: PLR2004 - one step has what it changes
        return
    for name, value in recording.after[source.steps[-1].name].values.items():
        if module_of(name) and not value["comparable"]:
            cell = source.local.modules[module_of(name)].cell
            why = f"{_shown(name)} is or holds {value['reason']}: whether a step changes it is not known"
            yield Note(cell, f"{why}, and each step has its own")
