"""Why outputs differ: the kinds of causes, and one cause of one cell's difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from nbpipe.verify.kinds import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable


class CauseKind(Enum):
    """What makes outputs differ."""

    HASH = "hash order"
    LISTING = "order of files or of a set"
    RANDOM = "random seed"
    THREADS = "threads"
    CLOCK = "clock"
    PATH = "path"
    FLOAT = "float noise"
    ADDRESS = "memory address"
    PROCESS = "process id"
    IDENTIFIER = "random identifier"
    PROGRESS = "progress bar"
    TIMING = "measured time"
    ORDER = "out-of-order execution"
    NETWORK = "network"
    STALE = "stale output"
    DRIFT = "environment drift"
    STALE_OR_DRIFT = "stale output or environment drift"
    UNEXPLAINED = "unexplained"


class DivergenceKind(Enum):
    """What makes a pipeline's values differ from its notebook's, beside what makes any run differ."""

    UPSTREAM = "earlier step"
    PARAMETER = "parameter"
    EDITED = "edited code"
    CHANGED = "changed notebook"
    STATE = "random state"
    FAILED = "failed step"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause.

    Attributes:
        text: what is known about it, one line.
        cell: index of the cell where it lies, None where that is not known.
        code, rule: of the static finding that predicts it, "" where none does.
        shown: whether runs showed it; else it is likely.
    """

    kind: CauseKind | DivergenceKind
    text: str = ""
    cell: int | None = None
    code: str = ""
    rule: str = ""
    shown: bool = False

    def __str__(self) -> str:
        """Give the kind, how sure it is, and what is known."""
        kind = self.kind.value if self.shown or self.kind is CauseKind.UNEXPLAINED else f"likely {self.kind.value}"
        place = f" in cell {self.cell + 1}" if self.cell is not None else ""
        text = f": {self.text}" if self.text else ""
        return f"{kind}{place}{text}{f' [{self.code} {self.rule}]' if self.code else ''}"

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "kind": self.kind.value,
            "text": self.text,
            "cell": None if self.cell is None else self.cell + 1,
            "code": self.code,
            "rule": self.rule,
            "shown_by_runs": self.shown,
        }


OF_NORMALISER: Final[dict[str, CauseKind]] = {
    "memory addresses": CauseKind.ADDRESS,
    "names of objects": CauseKind.ADDRESS,
    "process ids": CauseKind.PROCESS,
    "UUIDs": CauseKind.IDENTIFIER,
    "widget ids": CauseKind.IDENTIFIER,
    "element ids": CauseKind.IDENTIFIER,
    "progress bars": CauseKind.PROGRESS,
    "overwritten text": CauseKind.PROGRESS,
    "timings": CauseKind.TIMING,
    "durations": CauseKind.TIMING,
    "timestamps": CauseKind.CLOCK,
    "dates": CauseKind.CLOCK,
    "kernel paths": CauseKind.PATH,
    "temporary paths": CauseKind.PATH,
    "library paths": CauseKind.PATH,
    "folders": CauseKind.PATH,
    NUMBERS: CauseKind.FLOAT,
}
"""What a normaliser that was needed between two runs tells; those of notation tell nothing about runs."""


def of_normalisers(needed: Iterable[str]) -> Cause | None:
    """Give the cause that the normalisers which were needed between two fresh runs show."""
    names = [name for name in needed if name in OF_NORMALISER]
    return Cause(OF_NORMALISER[names[0]], ", ".join(names), shown=True) if names else None
