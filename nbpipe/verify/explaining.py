"""The cause of each cell's difference, from all that is known: runs, the code, the environment, the difference."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.verify.cause import Cause, CauseKind
from nbpipe.verify.prediction import OF_STORED, WEAKEST
from nbpipe.verify.verdict import GOOD, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.verify.environment import Drift
    from nbpipe.verify.prediction import Prediction
    from nbpipe.verify.repeat import Repeated
    from nbpipe.verify.verdict import CellVerdict

_SIZE = re.compile(r"^[-+] image/\w+: (\d+) x (\d+) pixels", re.MULTILINE)
_SAME_SHAPE = 1.2  # how much more one side of a picture may grow than the other, as letters do not grow with it
_MISSING_MODULE = ("ModuleNotFoundError",)
# What code meets in another version of a library.
_API_ERRORS = ("AttributeError", "ImportError", "TypeError", "KeyError", "ValueError", "OSError", "NotImplementedError")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a notebook's differences.

    Attributes:
        repeated: what several runs showed; None where there was one.
        folder: the notebook's, which may be in the outputs.
        day: of the run, as in ISO 8601; "" where that is not known.
    """

    prediction: Prediction
    drift: Drift
    folder: Path
    repeated: Repeated | None = None
    day: str = ""

    def explained(self, cells: Iterable[CellVerdict]) -> tuple[CellVerdict, ...]:
        """Give the cells with the causes of their differences; what runs showed is a difference of its own."""
        return tuple(self._explained(cell) for cell in cells)

    def _explained(self, cell: CellVerdict) -> CellVerdict:
        if self.repeated is not None:
            between = self.repeated.differences.get(cell.index)
            if between is not None and cell.outcome in (Outcome.IDENTICAL, Outcome.EQUIVALENT):
                # The stored outputs are met by luck.
                told = f"two runs differ:\n{between.difference}"
                cell = replace(cell, outcome=Outcome.DIFFERENT, needed=(), difference=told)
            if cell.index in self.repeated.causes:
                return replace(cell, cause=self.repeated.causes[cell.index])
        if cell.outcome in GOOD or cell.outcome is Outcome.NOT_RUN:
            return cell
        return replace(cell, cause=self._cause(cell))

    def _cause(self, cell: CellVerdict) -> Cause | None:
        if cell.outcome is Outcome.ERROR:
            return self._of_error(cell)
        if any(folder in cell.difference for folder in (str(self.folder), str(Path.home()))):
            return Cause(CauseKind.PATH, "the outputs name folders of this machine", shown=True)
        if self.repeated is not None:
            return self._of_stable(cell)
        if self.drift.note and _is_rescaled(cell.difference):
            return Cause(CauseKind.DRIFT, f"the picture is drawn in another size; {self.drift.note}")
        if self.day and self.day in _lines(cell.difference, "+") and self.day not in _lines(cell.difference, "-"):
            return Cause(CauseKind.CLOCK, "the outputs name the day of the run", cell.index)
        predicted = self.prediction.cause(cell.index)
        # That counts do not ascend somewhere says less than that the versions are others.
        if predicted is not None and not (self.drift.note and predicted.code == WEAKEST):
            return predicted
        if self.drift.note:
            return Cause(CauseKind.DRIFT, self.drift.note)
        if self.drift.same:
            return self._stale()
        return Cause(CauseKind.UNEXPLAINED, "nothing in the code predicts it; --runs 2 looks for the cause")

    def _of_stable(self, cell: CellVerdict) -> Cause:
        """Give the cause where all runs agree, and the stored outputs differ."""
        runs = f"all {self.repeated.runs if self.repeated else 1} runs agree"
        predicted = self.prediction.cause(cell.index, OF_STORED)
        if predicted is not None and predicted.code == WEAKEST and self.drift.note:
            return replace(
                predicted, kind=CauseKind.STALE_OR_DRIFT, text=f"{runs}; {self.drift.note}; {predicted.text}", cell=None
            )
        if predicted is not None:
            return replace(predicted, text=f"{runs}; {predicted.text}")
        if self.drift.note:
            return Cause(CauseKind.DRIFT, f"{runs}; {self.drift.note}", shown=True)
        if self.drift.same:
            return replace(self._stale(), text=f"{runs}, with the versions that are recorded", shown=True)
        return Cause(CauseKind.STALE_OR_DRIFT, f"{runs}; no versions are recorded", shown=True)

    @staticmethod
    def _stale() -> Cause:
        return Cause(CauseKind.STALE, "the versions are those that are recorded")

    def _of_error(self, cell: CellVerdict) -> Cause | None:
        name = cell.difference.partition(":")[0]
        if name in _MISSING_MODULE:
            return Cause(CauseKind.DRIFT, cell.difference.partition(":")[2].strip(), shown=True)
        if name in ("NameError", "UnboundLocalError"):
            return self.prediction.cause(cell.index, OF_STORED, failed=True)
        return Cause(CauseKind.DRIFT, self.drift.note) if name in _API_ERRORS and self.drift.note else None


def _lines(difference: str, mark: str) -> str:
    return "\n".join(line for line in difference.splitlines() if line.startswith(mark))


def _is_rescaled(difference: str) -> bool:
    """Tell whether a picture has another size and about the same shape: what other defaults of a library make of it."""
    sizes = [(int(width), int(height)) for width, height in _SIZE.findall(difference)]
    if len(sizes) != 2 or sizes[0] == sizes[1]:  # noqa: PLR2004 - stored and fresh
        return False
    wider, higher = (b / a for a, b in zip(*sizes, strict=True))
    return bool(max(wider, higher) / min(wider, higher) < _SAME_SHAPE)
