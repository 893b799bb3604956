"""Which step may start when, and what shows that two steps should not have run side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbpipe.pipeline.model import Pipeline, Step

Answer = dict[str, Any]


class Schedule:
    """The order of one run: what has ended, what runs, the generators' states as they pass from step to step.

    Steps that may draw from one global generator run in the order of the pipeline, each from the state that the one
    before left, as cells of a notebook do.
    """

    def __init__(self, pipeline: Pipeline, generators: dict[str, Any] | None) -> None:
        self.generators = generators
        self._steps = pipeline.steps
        self._ancestors = pipeline.ancestors()
        self._place = {step.name: place for place, step in enumerate(self._steps)}
        self._waiting = dict.fromkeys(self._place)
        self._ended: set[str] = set()
        self._files: dict[str, dict[str, list[str]]] = {}
        self._overlaps: dict[str, set[str]] = {}
        self._running: set[str] = set()

    def ready(self) -> list[Step]:
        """Give the waiting steps that may start now, in order."""
        return [step for step in self._steps if step.name in self._waiting and self._is_ready(step)]

    def _is_ready(self, step: Step) -> bool:
        if not self._ancestors[step.name] <= self._ended:
            return False
        earlier = self._steps[: self._place[step.name]]
        return all(other.name in self._ended or not _may_share(step, other) for other in earlier)

    def start(self, step: Step) -> None:
        """Note that a step runs."""
        del self._waiting[step.name]
        for other in self._running:
            self._overlaps.setdefault(step.name, set()).add(other)
            self._overlaps.setdefault(other, set()).add(step.name)
        self._running.add(step.name)

    def end(self, step: Step, answer: Answer) -> str:
        """Note how a step ended; give what makes its result doubtful, or ""."""
        self._running.discard(step.name)
        self._ended.add(step.name)
        doubt = _undeclared(step, answer) or self._file_conflict(step, answer)
        self._carry(answer)
        return doubt

    def _carry(self, answer: Answer) -> None:
        states = answer.get("generators") or {}
        known = dict(self.generators or {})
        for kind, state in states.items():
            if kind in answer.get("touched", ()) or kind not in known:
                known[kind] = state
        self.generators = known

    def _file_conflict(self, step: Step, answer: Answer) -> str:
        files = answer.get("files") or {"read": [], "written": []}
        self._files[step.name] = files
        for other in sorted(self._overlaps.get(step.name, ()), key=self._place.__getitem__):
            others = self._files.get(other)
            if others is None:
                continue
            first, second = sorted((step.name, other), key=self._place.__getitem__)
            for path in [*files["written"], *others["written"]]:
                if path in (*files["read"], *files["written"]) and path in (*others["read"], *others["written"]):
                    return (
                        f"it ran beside step '{other}', and both use the file {path}, which one of them writes: "
                        f"give step '{second}' after=(\"{first}\",), or run with one job"
                    )
        return ""


def _may_share(step: Step, other: Step) -> bool:
    """Tell whether two steps may draw from one generator; None stands for any."""
    if step.generators is None:
        return other.generators != ()
    if other.generators is None:
        return step.generators != ()
    return not set(step.generators).isdisjoint(other.generators)


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
