"""Which step may start when, and what shows that a step started too early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.pipeline.history import Uses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.pipeline.model import Pipeline, Step

Answer = dict[str, Any]


class Verdict(NamedTuple):
    """What the end of a step shows.

    Attributes:
        doubt: what makes its result doubtful, or "".
        again: steps that ran before something that they depend on, each with the reason.
    """

    doubt: str = ""
    again: tuple[tuple[str, str], ...] = ()


class Schedule:
    """The order of one run: what has ended, what runs, the generators' states as they pass from step to step.

    Steps that may draw from one global generator run in the order of the pipeline, each from the state that the one
    before left, as cells of a notebook do; so do steps of which one was seen to write what another reads. What was not
    known before shows when a step ends: then a later one that was quicker runs again.
    """

    def __init__(
        self, pipeline: Pipeline, generators: dict[str, Any] | None, known: Mapping[str, Uses] | None = None
    ) -> None:
        """Begin.

        Args:
            pipeline: the steps.
            generators: states before the first step; None: those of a fresh interpreter.
            known: what steps were seen to use when they ran with this code.
        """
        self._start = generators
        self._left: dict[str, dict[str, Any]] = {}
        self._fresh: dict[str, Any] = {}
        self._steps = pipeline.steps
        self._ancestors = pipeline.ancestors()
        self._place = {step.name: place for place, step in enumerate(self._steps)}
        self._expected = {step.name: _expected(step, (known or {}).get(step.name)) for step in self._steps}
        self._waiting = dict.fromkeys(self._place)
        self._running: set[str] = set()
        self._ended: dict[str, Uses] = {}
        self._updates: dict[str, frozenset[str]] = {}
        self._overtaken: dict[str, set[str]] = {}

    def ready(self) -> list[Step]:
        """Give the waiting steps that may start now, in order."""
        return [step for step in self._steps if step.name in self._waiting and self._is_ready(step)]

    def _is_ready(self, step: Step) -> bool:
        if not self._ancestors[step.name] <= self._ended.keys():
            return False
        earlier = self._steps[: self._place[step.name]]
        return all(other.name in self._ended or not self._may_share(step, other) for other in earlier)

    def _may_share(self, step: Step, other: Step) -> bool:
        mine, its = self._expected[step.name], self._expected[other.name]
        if mine.generators is None or its.generators is None:
            known = its.generators if mine.generators is None else mine.generators
            if known != frozenset():
                return True
        elif mine.generators & its.generators:
            return True
        return bool(its.written & (mine.read | mine.written) or mine.written & its.read)

    def dependencies(self) -> dict[str, frozenset[str]]:
        """Give, for each step, all that must have run before it: for its inputs, a generator or a file."""
        found: dict[str, frozenset[str]] = {}
        for place, step in enumerate(self._steps):
            sharing = [other.name for other in self._steps[:place] if self._may_share(step, other)]
            direct = self._ancestors[step.name].union(sharing)
            found[step.name] = direct.union(*(found[name] for name in direct))
        return found

    def start(self, step: Step) -> None:
        """Note that a step runs."""
        del self._waiting[step.name]
        earlier = [other.name for other in self._steps[: self._place[step.name]]]
        self._overtaken[step.name] = {name for name in earlier if name not in self._ended}
        self._running.add(step.name)

    def is_running(self, name: str) -> bool:
        """Tell whether a step runs."""
        return name in self._running

    def is_provisional(self, step: Step) -> bool:
        """Tell whether a step ran before an earlier one that has not ended: what it met may change yet."""
        return any(name not in self._ended for name in self._overtaken.get(step.name, ()))

    def end(self, step: Step, answer: Answer) -> Verdict:
        """Note how a step ended."""
        self._running.discard(step.name)
        uses = self._ended[step.name] = Uses.of(answer)
        self._updates[step.name] = uses.read & uses.written
        doubt = _undeclared(step, answer)
        again: list[tuple[str, str]] = []
        for other in self._overtakers(step):
            first, second = sorted((step.name, other), key=self._place.__getitem__)
            why, is_late = self._conflict(first, second)
            if is_late:
                doubt = doubt or why
            elif why:
                again.append((second, why))
        states = answer.get("generators") or {}
        self._left[step.name] = {kind: states[kind] for kind in answer.get("touched", ()) if kind in states}
        self._fresh = {**states, **self._fresh}
        return Verdict(doubt, tuple(again))

    def _overtakers(self, step: Step) -> list[str]:
        """Name the steps that have ended and ran out of order with this one."""
        quicker = [name for name, overtaken in self._overtaken.items() if step.name in overtaken]
        slower = self._overtaken.get(step.name, ())
        found = {name for name in (*quicker, *slower) if name in self._ended}
        return sorted(found, key=self._place.__getitem__)

    def _conflict(self, first: str, second: str) -> tuple[str, bool]:
        """Say what the second of two steps out of order did too early, and whether that is past mending."""
        one, two = self._ended[first], self._ended[second]
        advice = f"give step '{second}' after=(\"{first}\",), or run with one job"
        for path in sorted(one.read & two.written):
            return f"step '{second}' wrote the file {path} beside step '{first}', which reads it: {advice}", True
        for path in sorted(one.written & (two.read | two.written)):
            if path in self._updates[second]:
                return f"steps '{first}' and '{second}' both change the file {path} side by side: {advice}", True
            return f"it used the file {path} before step '{first}' wrote it", False
        shared = sorted((one.generators or frozenset()) & (two.generators or frozenset()))
        return (f"it drew from {shared[0]} before step '{first}' did", False) if shared else ("", False)

    def again(self, names: set[str]) -> None:
        """Let steps that have ended or run count as waiting."""
        for name in names:
            self._ended.pop(name, None)
            self._running.discard(name)
            self._overtaken.pop(name, None)
            self._waiting[name] = None

    def states(self, step: Step) -> dict[str, Any] | None:
        """Give the states of the generators that a step starts from: as the steps before it left them.

        None: those of a fresh interpreter, as nothing else is known.
        """
        if self._start is None and not self._fresh:
            return None
        found = {**self._fresh, **(self._start or {})}
        for other in self._steps[: self._place[step.name]]:
            if other.name in self._ended:
                found.update(self._left.get(other.name, {}))
        return found


def _expected(step: Step, known: Uses | None) -> Uses:
    if known is None:
        return Uses(None if step.generators is None else frozenset(step.generators))
    return known if step.generators is None else Uses(frozenset(step.generators), known.read, known.written)


def _undeclared(step: Step, answer: Answer) -> str:
    if step.generators is None:
        return ""
    touched = [kind for kind in answer.get("touched", ()) if kind not in step.generators]
    if not touched:
        return ""
    return (
        f"it uses the global generator {touched[0]}, but declares generators={step.generators!r}: "
        f"name it there, so that steps which share it run in order"
    )
