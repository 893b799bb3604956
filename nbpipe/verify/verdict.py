"""What verifying gives: an outcome a cell, a verdict a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbpipe.records import RunRecord


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


_GOOD = (Outcome.IDENTICAL, Outcome.EQUIVALENT, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """The comparison of one code cell.

    Attributes:
        index: place among all cells, from 0.
        title: the heading above the cell, or its first line.
        needed: what had to be looked past for the outputs to be equal, by name ("memory addresses").
        difference: where they are not, a few lines that show it.
    """

    index: int
    title: str
    outcome: Outcome
    needed: tuple[str, ...] = ()
    difference: str = ""


@dataclass(frozen=True, slots=True)
class NotebookVerdict:
    """The comparison of one notebook.

    Attributes:
        path: as given.
        reason: one line that explains the verdict.
        cells: the code cells, in order; none where the notebook could not be run at all.
        record: of the fresh run, None where there was none.
        note: what may explain differences: stored outputs of another version of the language.
    """

    path: str
    verdict: Verdict
    reason: str = ""
    cells: tuple[CellVerdict, ...] = ()
    record: RunRecord | None = None
    note: str = ""

    @property
    def needed(self) -> tuple[str, ...]:
        """What had to be looked past in any cell."""
        return tuple(dict.fromkeys(name for cell in self.cells for name in cell.needed))

    @property
    def first_divergence(self) -> CellVerdict | None:
        """The first cell whose outputs differ or that did not run."""
        if self.verdict is Verdict.NOTHING:
            return None
        return next((cell for cell in self.cells if cell.outcome not in _GOOD), None)

    @property
    def is_good(self) -> bool:
        """Whether the notebook gives what is stored in it."""
        return self.verdict in (Verdict.REPRODUCIBLE, Verdict.EQUIVALENT)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values; cells are numbered from 1, as people count them."""
        first = self.first_divergence
        return {
            "path": self.path,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "note": self.note,
            "looked_past": list(self.needed),
            "first_divergence": None if first is None else first.index + 1,
            "seconds": None if self.record is None else self.record.seconds,
            "cells": [
                {
                    "number": cell.index + 1,
                    "title": cell.title,
                    "outcome": cell.outcome.value,
                    "looked_past": list(cell.needed),
                    "difference": cell.difference,
                }
                for cell in self.cells
            ],
        }
