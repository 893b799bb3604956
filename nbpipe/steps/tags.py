"""The tags of one cell, read once: its role, its step, its options, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from nbpipe.errors import did_you_mean
from nbpipe.steps.options import read_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.steps.options import OptionValue


class Role(Enum):
    """What a code cell is for."""

    PARAMETERS = "parameters"
    IMPORTS = "imports"
    DEFINITIONS = "definitions"
    STEP = "step"
    SKIP = "skip"
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class TagProblem:
    """Something wrong with the tags of the cell at `cell` (from 0).

    Attributes:
        message: without the cell's number.
        apart: the tag itself is well written, but the cell does not stand with the others of its step.
    """

    cell: int
    message: str
    apart: bool = False


@dataclass(frozen=True, slots=True)
class CellTags:
    """What the tags of one cell say; those that are wrong say nothing.

    Attributes:
        role: None where no tag gives one.
        step: the step's name as written, where the role is STEP and a tag names it.
        is_metrics: the numbers in the cell are the pipeline's metrics.
        after: names of steps, as written, each with its tag.
        options: of the cell's step.
    """

    role: Role | None = None
    step: str = ""
    is_metrics: bool = False
    after: tuple[tuple[str, str], ...] = ()
    options: dict[str, OptionValue] = field(default_factory=dict)


# Ours, and those of Kale, which are read as they are.
_PLAIN: Final = {
    "parameters": Role.PARAMETERS,
    "pipeline-parameters": Role.PARAMETERS,
    "injected-parameters": Role.PARAMETERS,
    "imports": Role.IMPORTS,
    "definitions": Role.DEFINITIONS,
    "functions": Role.DEFINITIONS,
    "skip": Role.SKIP,
    "skip-execution": Role.SKIP,
    "serve": Role.SERVE,
}
_METRICS: Final = ("metrics", "pipeline-metrics")
_VALUED: Final = {
    "step": "step:<name>",
    "block": "block:<name>",
    "after": "after:<step>",
    "prev": "prev:<step>",
    "option": "option:<key>=<value>",
}
_STEP: Final = ("step", "block")  # Kale's earlier word for it
_OURS: Final = ("parameters", "imports", "definitions", "metrics", "skip", "functions", *_VALUED)
_ALIKE = 0.8  # below it, a tag is somebody else's


def is_step_tag(tag: str) -> bool:
    """Tell whether a tag names a step, even if misspelt: only then are a notebook's tags meant for a pipeline."""
    kind, colon, _ = tag.partition(":")
    kind = kind.strip().lower()
    return bool(colon) and (kind in _STEP or (kind[:2] == "st" and _nearest(kind, tuple(_VALUED)) == "step"))


def is_role_tag(tag: str) -> bool:
    """Tell whether a tag says what a cell is in a pipeline; those of others are not ours to change."""
    kind, colon, _ = tag.partition(":")
    return tag in _PLAIN or tag in _METRICS or (bool(colon) and kind in _VALUED)


def read_tags(tags: Sequence[str], cell: int) -> tuple[CellTags, list[TagProblem]]:
    """Give what the tags of the cell at `cell` say, and what is wrong with them; tags of others do not count."""
    reader = _Reader()
    problems = [TagProblem(cell, message) for tag in tags if (message := reader.take(tag))]
    problems += [TagProblem(cell, message) for message in reader.contradictions()]
    role = next(iter(reader.roles), None)
    step = reader.names[0] if reader.names else ""
    return CellTags(role, step, reader.is_metrics, tuple(reader.after), reader.options), problems


class _Reader:
    """Takes the tags of one cell, one by one."""

    def __init__(self) -> None:
        self.roles: dict[Role, str] = {}
        self.names: list[str] = []
        self.after: list[tuple[str, str]] = []
        self.options: dict[str, OptionValue] = {}
        self.is_metrics = False

    def take(self, tag: str) -> str:
        """Take one tag; gives what is wrong with it, "" for nothing."""
        kind, colon, value = tag.partition(":")
        value = value.strip()
        if tag in _PLAIN:
            self.roles[_PLAIN[tag]] = tag
        elif tag in _METRICS:
            self.is_metrics = True
        elif kind not in _VALUED:
            return _misspelt(tag, kind, colon)
        elif not value:
            return f"tag '{tag}' lacks its value: write {_VALUED[kind]}"
        elif kind in _STEP:
            self.roles[Role.STEP] = tag
            self.names.append(value)
        elif kind == "option":
            try:
                key, setting = read_option(value)
            except ValueError as error:
                return str(error)
            self.options[key] = setting
        else:
            self.after.append((value, tag))
        return ""

    def contradictions(self) -> Iterator[str]:
        """Yield what cannot be meant by the tags taken together."""
        if len(set(self.names)) > 1:
            yield f"is tagged for two steps, '{self.names[0]}' and '{self.names[1]}': keep one"
        if len(self.roles) > 1:
            first, second = list(self.roles.values())[:2]
            yield f"tags '{first}' and '{second}' contradict each other: keep one"
        elif self.is_metrics and self.roles and Role.STEP not in self.roles:
            yield f"tags 'metrics' and '{next(iter(self.roles.values()))}' contradict each other: keep one"


def _misspelt(tag: str, kind: str, colon: str) -> str:
    """Say what was meant by a tag that is nearly one of ours: as somebody else's it would silently lose its meaning."""
    near = _nearest(kind.strip().lower(), tuple(_VALUED) if colon else _OURS)
    return f"unknown tag '{tag}'. Did you mean '{_VALUED.get(near, near)}'?" if near else ""


def _nearest(kind: str, candidates: Sequence[str]) -> str:
    from difflib import get_close_matches  # costs start-up time, and few tags are not known

    return next(iter(get_close_matches(kind, candidates, n=1, cutoff=_ALIKE)), "")


def unknown_step(tag: str, steps: Sequence[str]) -> str:
    """Say that `after:<step>` or `prev:<step>` names no earlier step."""
    name = tag.partition(":")[2].strip()
    listing = f" (there are: {', '.join(steps) or 'none'})"
    near = did_you_mean(name, steps) or listing
    return f"tag '{tag}' names no earlier step{near}"
