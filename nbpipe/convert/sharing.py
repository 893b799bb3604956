"""Values that share something which a step changes: passed on together, or the steps that share them are one.

What one step gives and another takes is copied. Two names of one object would become two objects; a later change under
one name would no longer show under the other. Where one step gives both, the runner keeps them as one artifact (see
`nbpipe.runtime.keeping`), and they still share it in the step that takes both. Memory in common (views of arrays) no
artifact keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.changes import asks_identity
from nbpipe.convert.module_state import module_of
from nbpipe.convert.module_use import modules_imported
from nbpipe.convert.needs import later_than, needed_after, needed_from
from nbpipe.convert.observed import cell_that_changes
from nbpipe.convert.refusal import TiedStepsError
from nbpipe.runtime.aliasing import shares_memory

if TYPE_CHECKING:
    from nbpipe.convert.dataflow import DataFlow, StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source

_LONGEST: Final = 100  # characters of a reason in a message


def share(source: Source, layout: Layout, flow: DataFlow, recording: Recording) -> None:
    """Let values that share what a step changes come from one step and go on together.

    Raises:
        TiedStepsError: they share what no artifact keeps, or what a module holds.
    """
    sharing = _Sharing(source, layout, flow, recording)
    for step in flow.steps.values():
        sharing.settle(step)


class _Sharing:
    """The groups of names that share something, at the boundaries of the steps."""

    def __init__(self, source: Source, layout: Layout, flow: DataFlow, recording: Recording) -> None:
        self.source = source
        self.layout = layout
        self.flow = flow
        self.flows = flow.steps
        self.recording = recording
        self.names = list(flow.steps)

    def settle(self, step: StepFlow) -> None:
        """Look at what a step changes, or asks the identity of."""
        asked = {name for item in self.source.of_step(step.name) for name in asks_identity(item.node)}
        for group in self.recording.before[step.name].aliases:
            members = set(group["names"])
            held = {name for name in members if self._is_held(name, step)}
            used = members & needed_from(self.flows, step.name) | held
            if all(module_of(name) for name in used):
                continue  # what modules have in common, they have in every process
            touched = sorted(used & step.mutates) or (sorted(used & asked) if len(used) > 1 else [])
            if not touched and self._asked_inside(held):
                touched = sorted(used - held)
            if len(used) == 1:
                touched = [name for name in touched if name in group["inside"]]
            if not touched or step.name == self.names[0]:
                continue
            passed = all(self._giver(name, step.name) for name in used)
            if held or group["inside"] or shares_memory(group["reason"]) or not passed:
                raise self._tied(step, touched[0], used, group)
            self._keep_together(step, used, touched[0], group)

    def _is_held(self, name: str, step: StepFlow) -> bool:
        """Tell whether a module holds what a name means, and a step from this one on may ask it for that."""
        module = module_of(name)
        if not module:
            return self.layout.is_global(name)
        known = (self.source, self.layout, self.flow)
        steps = [step, *later_than(self.flows, step.name)]
        return any(module in modules_imported(*known, each) for each in steps)

    def _asked_inside(self, held: set[str]) -> bool:
        """Tell whether a module that holds something compares objects by identity."""
        modules = self.source.local.modules
        return any(modules[module].asks_identity for name in held if (module := module_of(name)))

    def _keep_together(self, step: StepFlow, used: set[str], touched: str, group: dict[str, Any]) -> None:
        needed = needed_after(self.flows, step.name)
        others = sorted(used - {touched})
        why = f"it shares what it holds with '{touched}'"
        self._take_together(step.name, sorted(used), f"{why}, which step '{step.name}' changes", group)
        for name in sorted(used & needed):
            told = why if name != touched else f"it shares what it holds with '{others[0]}'"
            self.flow.add_output(step.name, name, f"{told}, and later steps need both")

    def _take_together(self, step: str, used: list[str], why: str, group: dict[str, Any]) -> None:
        """Let one earlier step give all of some names to a step."""
        for name in used:
            self.flow.add_input(step, name, why)
        last = max((self._giver(name, step) for name in used), key=self.names.index)
        if not any(set(used) <= set(other["names"]) for other in self.recording.after[last].aliases):
            raise self._tied(self.flows[step], used[0], set(used), group)
        for name in used:
            self.flow.add_output(last, name, why)
            if name not in self.flows[last].binds:
                self.flow.add_input(last, name, why)
        arriving = set(used) & set(self.flows[last].inputs)
        for other in self.recording.before[last].aliases:
            together = sorted(arriving & set(other["names"]))
            if len(together) > 1:
                self._take_together(last, together, why, other)

    def _giver(self, name: str, step: str) -> str:
        """Give the last step before one that gives a name, "" where there is none."""
        earlier = self.names[: self.names.index(step)]
        return next((other for other in reversed(earlier) if name in self.flows[other].outputs), "")

    def _tied(self, step: StepFlow, touched: str, used: set[str], group: dict[str, Any]) -> TiedStepsError:
        """Give the error that makes one step of this one and all those since the names have shared what they share."""
        first = step.name
        for name in reversed(self.names[: self.names.index(step.name)]):
            if not any(used <= set(other["names"]) for other in self.recording.after[name].aliases):
                break
            first = name
        cell = cell_that_changes(self.source, step.name, touched)
        verb = "changes" if touched in step.mutates else "asks for the identity of"
        return TiedStepsError(cell, _reason(verb, touched, used, first, group["reason"]), first, step.name)


def _reason(verb: str, touched: str, used: set[str], step: str, reason: str) -> str:
    others = sorted(used - {touched})
    shown = reason if len(reason) < _LONGEST else f"{reason[: _LONGEST - 3]}..."
    if not others:
        return f"changes '{touched}', of which parts share memory ({shown}): copy them in step '{step}'"
    return (
        f"{verb} '{touched}', which shares what it holds with '{others[0]}' ({shown}), "
        f"and step '{step}' passes both on: make a copy before"
    )
