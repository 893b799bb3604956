"""What an observed run of a notebook shows, and what it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nbpipe.steps import StepCells


@dataclass(frozen=True, slots=True)
class Boundary:
    """What a kernel shows between two cells.

    Attributes:
        values: fingerprints by name (see `nbpipe.runtime.recorder.snapshot`).
        aliases: ``names`` and ``reason`` of values that share something that can change.
        generators, state, environ: digests and values by kind (see `nbpipe.runtime.recorder.observe`).
        files: ``read``, ``written``, ``programs`` and ``unexplained`` since the boundary before (see
            `nbpipe.runtime.observing.FileObserver.found`).
        contents: digests of those that were written and are there (see `nbpipe.runtime.written.contents`).
        imported: digests of what own modules held when they had been imported (see `nbpipe.runtime.module_state`).
        effects: own module to what importing it changed besides.
        unstorable: why values that a step may give cannot be stored, by name.
        types: ``[module, name]`` of each value's class, or None where it cannot be imported.
        numbers: the values that are numbers, or dicts of numbers.
    """

    values: dict[str, dict[str, Any]]
    aliases: list[dict[str, Any]]
    generators: dict[str, str]
    state: dict[str, str]
    environ: dict[str, str]
    files: dict[str, list[str]]
    types: dict[str, list[str] | None]
    numbers: dict[str, Any]
    contents: dict[str, dict[str, str]] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    effects: dict[str, list[str]] = field(default_factory=dict)
    unstorable: dict[str, str] = field(default_factory=dict)

    def digest(self, name: str) -> str:
        """Give the digest of a value, "" where the name is not bound."""
        return str(self.values[name]["digest"]) if name in self.values else ""


@dataclass(frozen=True, slots=True)
class Recording:
    """What an observed run showed.

    Attributes:
        before: the boundary before each step, by its name.
        after: the boundary behind each step.
        generators: states that the run started from.
        libraries: interpreter and distributions (see `nbpipe.runtime.watching.libraries`).
        saved: artifacts of the outputs that were stored, by step and name.
        shown: the beginning of what each cell shows as its value, as text, by its index.
    """

    before: dict[str, Boundary]
    after: dict[str, Boundary]
    generators: dict[str, Any]
    libraries: dict[str, Any]
    saved: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    shown: dict[int, str] = field(default_factory=dict)

    def merged(self, names: Sequence[str], name: str) -> Recording:
        """Give what the run showed at the boundaries when some steps that follow each other are one."""
        before, after = {}, {}
        for step in self.before:
            if step not in names:
                before[step], after[step] = self.before[step], self.after[step]
            elif step == names[0]:
                inner = [self.after[names[0]]]
                inner += [side[part] for part in names[1:] for side in (self.before, self.after)]
                files = {kind: sorted({path for each in inner for path in each.files[kind]}) for kind in inner[0].files}
                contents = {path: digests for each in inner for path, digests in each.contents.items()}
                before[name] = self.before[step]
                problems = {key: why for each in inner for key, why in each.unstorable.items()}
                after[name] = replace(inner[-1], files=files, contents=contents, unstorable=problems)
        return replace(self, before=before, after=after, saved={})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to observe.

    Attributes:
        steps: the steps, in order.
        names: the notebook's names.
        modules: top-level modules that the notebook imports.
        left_out: indices of cells that are no part of the pipeline: they run, too, but may fail.
        saved: names to store behind each step; needs `store`.
        local: files of the author's own modules, by dotted name: what these hold is observed, too.
        given: names that each step may give, which may be impossible to store.
    """

    steps: tuple[StepCells, ...]
    names: tuple[str, ...]
    modules: tuple[str, ...]
    left_out: tuple[int, ...] = ()
    saved: Mapping[str, Sequence[str]] = field(default_factory=dict)
    store: Path | None = None
    local: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
