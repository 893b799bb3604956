"""What verifying gives: an outcome a cell, a verdict a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.records import RunRecord
    from nbpipe.verify.cause import Cause

    Outputs = tuple[Mapping[str, Any], ...]


class Outcome(Enum):
    """How a cell's fresh outputs compare with its stored ones."""

    IDENTICAL = "identical"
    EQUIVALENT = "equivalent"
    DIFFERENT = "different"
    MISSING = "missing output"
    NEW = "new output"
    ERROR = "error"
    SKIPPED = "skipped"
    NOT_RUN = "not run"


class Verdict(Enum):
    """How a notebook's fresh run compares with what is stored in it."""

    REPRODUCIBLE = "reproducible"
    EQUIVALENT = "reproducible but for"
    NOT_REPRODUCIBLE = "not reproducible"
    FAILED = "failed"
    NOTHING = "nothing to compare"

    @property
    def alone(self) -> str:
        """The verdict where what it is but for is not said."""
        return "equivalent" if self is Verdict.EQUIVALENT else self.value


class Stage(Enum):
    """How far a notebook came: each stage needs the ones before it."""

    FOUND = "found"
    READ = "read"
    PARSES = "parses"
    KERNEL = "kernel found"
    IMPORTS = "imports resolve"
    RUNS = "runs to the end"
    EQUIVALENT = "equivalent"
    IDENTICAL = "identical"


STAGES = tuple(Stage)
GOOD = (Outcome.IDENTICAL, Outcome.EQUIVALENT, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """The comparison of one code cell.

    Attributes:
        index: place among all cells, from 0.
        title: the heading above the cell, or its first line.
        needed: what had to be looked past for the outputs to be equal, by name ("memory addresses").
        difference: where they are not, a few lines that show it.
        cause: why they are not, or why runs differ.
        stored, fresh: the outputs themselves, where they are not identical.
        source: the cell's code, where they are not.
    """

    index: int
    title: str
    outcome: Outcome
    needed: tuple[str, ...] = ()
    difference: str = ""
    cause: Cause | None = None
    stored: Outputs = field(default=(), repr=False)
    fresh: Outputs = field(default=(), repr=False)
    source: str = field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values; the number counts from 1, as people count."""
        return {
            "number": self.index + 1,
            "title": self.title,
            "outcome": self.outcome.value,
            "looked_past": list(self.needed),
            "difference": self.difference,
            "cause": None if self.cause is None else self.cause.as_json(),
        }


@dataclass(frozen=True, slots=True)
class NotebookVerdict:
    """The comparison of one notebook.

    Attributes:
        path: as given.
        reason: one line that explains the verdict.
        cells: the code cells, in order; none where the notebook could not be run at all.
        record: of the fresh run, None where there was none.
        note: what may explain differences: stored outputs of another version of the language.
        stage: how far it came.
        runs: how many times it was run, those that look for causes included.
        cached: whether this is the verdict of an earlier run of the same notebook, environment and files.
        updated: whether the fresh outputs were written into the file.
    """

    path: str
    verdict: Verdict
    reason: str = ""
    cells: tuple[CellVerdict, ...] = ()
    record: RunRecord | None = None
    note: str = ""
    stage: Stage = Stage.FOUND
    runs: int = 1
    cached: bool = False
    updated: bool = False

    @property
    def needed(self) -> tuple[str, ...]:
        """What had to be looked past in any cell."""
        return tuple(dict.fromkeys(name for cell in self.cells for name in cell.needed))

    @property
    def first_divergence(self) -> CellVerdict | None:
        """The first cell whose outputs differ or that did not run."""
        if self.verdict is Verdict.NOTHING:
            return None
        return next((cell for cell in self.cells if cell.outcome not in GOOD), None)

    @property
    def is_good(self) -> bool:
        """Whether the notebook gives what is stored in it."""
        return self.verdict in (Verdict.REPRODUCIBLE, Verdict.EQUIVALENT)

    @property
    def executed(self) -> float | None:
        """The share of the code cells that ran to their end, where the notebook failed in one; else None."""
        if self.verdict is not Verdict.FAILED or not self.cells:
            return None
        done = sum(cell.outcome not in (Outcome.ERROR, Outcome.NOT_RUN) for cell in self.cells)
        return done / len(self.cells)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values; cells are numbered from 1, as people count them."""
        first = self.first_divergence
        return {
            "path": self.path,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "note": self.note,
            "stage": self.stage.value,
            "looked_past": list(self.needed),
            "first_divergence": None if first is None else first.index + 1,
            "executed": self.executed,
            "seconds": None if self.record is None else self.record.seconds,
            "runs": self.runs,
            "cached": self.cached,
            "updated": self.updated,
            "cells": [cell.as_json() for cell in self.cells],
        }
