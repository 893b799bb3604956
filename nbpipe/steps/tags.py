"""The tags of one cell, read once: its role, its step, its options; a misspelt tag of ours is an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, Final

from nbpipe.errors import ConversionError, did_you_mean
from nbpipe.steps.options import read_option

if TYPE_CHECKING:
    from collections.abc import Sequence

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
class CellTags:
    """What the tags of one cell say.

    Attributes:
        role: None where no tag gives one.
        step: the step's name as written, where the role is STEP and a tag names it.
        is_metrics: the numbers in the cell are the pipeline's metrics.
        after: names of steps, as written.
        options: of the cell's step.
    """

    role: Role | None = None
    step: str = ""
    is_metrics: bool = False
    after: tuple[str, ...] = ()
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
    "after": "after:<step>",
    "prev": "prev:<step>",
    "option": "option:<key>=<value>",
}
_OURS: Final = ("parameters", "imports", "definitions", "metrics", "skip", "functions", *_VALUED)
_ALIKE = 0.8  # below it, a tag is somebody else's


def read_tags(tags: Sequence[str], number: int) -> CellTags:
    """Give what the tags of cell `number` (counted from 1) say; tags that are not ours do not count.

    Raises:
        ConversionError: a tag is misspelt or lacks its value, or two of them contradict each other.
    """
    roles: dict[Role, str] = {}
    names: list[str] = []
    after: list[str] = []
    options: dict[str, OptionValue] = {}
    is_metrics = False
    for tag in tags:
        kind, colon, value = tag.partition(":")
        value = value.strip()
        if tag in _PLAIN:
            roles[_PLAIN[tag]] = tag
        elif tag in _METRICS:
            is_metrics = True
        elif kind in _VALUED and (not colon or not value):
            raise ConversionError(f"cell {number}: tag '{tag}' lacks its value: write {_VALUED[kind]}")
        elif kind == "step":
            roles[Role.STEP] = tag
            names.append(value)
        elif kind in ("after", "prev"):
            after.append(value)
        elif kind == "option":
            key, setting = read_option(value, number)
            options[key] = setting
        else:
            _refuse_misspelt(tag, kind, colon, number)
    _refuse_contradictions(roles, names, number, is_metrics=is_metrics)
    role = next(iter(roles), None)
    return CellTags(role, names[0] if names else "", is_metrics, tuple(after), options)


def _refuse_misspelt(tag: str, kind: str, colon: str, number: int) -> None:
    """Raise for a tag that is nearly one of ours: taken as somebody else's it would silently lose its meaning."""
    candidates = tuple(_VALUED) if colon else _OURS
    near = get_close_matches(kind.strip().lower(), candidates, n=1, cutoff=_ALIKE)
    if near:
        meant = _VALUED.get(near[0], near[0])
        raise ConversionError(f"cell {number}: unknown tag '{tag}'. Did you mean '{meant}'?")


def _refuse_contradictions(roles: dict[Role, str], names: list[str], number: int, *, is_metrics: bool) -> None:
    if len(set(names)) > 1:
        raise ConversionError(f"cell {number}: is tagged for two steps, '{names[0]}' and '{names[1]}': keep one")
    if len(roles) > 1:
        first, second = list(roles.values())[:2]
        raise ConversionError(f"cell {number}: tags '{first}' and '{second}' contradict each other: keep one")
    if is_metrics and roles and Role.STEP not in roles:
        raise ConversionError(
            f"cell {number}: tags 'metrics' and '{next(iter(roles.values()))}' contradict each other: keep one"
        )


def unknown_step(name: str, number: int, steps: Sequence[str]) -> ConversionError:
    """Give the error for `after:` with the name of no earlier step."""
    listing = f" (there are: {', '.join(steps) or 'none'})"
    near = did_you_mean(name, steps) or listing
    return ConversionError(f"cell {number}: tag 'after:{name}' names no earlier step{near}")
