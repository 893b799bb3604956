"""The funnel: how many of many notebooks came how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.verify.verdict import STAGES, Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.verify.verdict import NotebookVerdict


class Funnel:
    """Counts by stage.

    Attributes:
        counts: how many notebooks reached each stage.
        executed: the mean share of code cells that ran in those that failed in a cell; None where none did.
        nothing: how many ran to the end, but have nothing to compare.
    """

    __slots__ = ("counts", "executed", "nothing")

    def __init__(self, notebooks: Sequence[NotebookVerdict]) -> None:
        reached = [STAGES.index(item.stage) for item in notebooks]
        self.counts = {stage: sum(at >= number for at in reached) for number, stage in enumerate(STAGES)}
        shares = [item.executed for item in notebooks if item.executed is not None]
        self.executed = sum(shares) / len(shares) if shares else None
        self.nothing = sum(item.verdict is Verdict.NOTHING for item in notebooks)

    def lines(self) -> list[str]:
        """Give the funnel as text: a stage, its count and its share a line."""
        total = self.counts[Stage.FOUND]
        lines = [f"{stage.value:<18}{count:>6}{_share(count, total):>8}" for stage, count in self.counts.items()]
        if self.nothing:
            lines.append(f"({self.nothing} of those that run to the end have no output to compare)")
        if self.executed is not None:
            lines.append(f"(where a cell failed, {self.executed:.0%} of the code cells had run, on average)")
        return lines

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "stages": {stage.value: count for stage, count in self.counts.items()},
            "nothing_to_compare": self.nothing,
            "executed_where_failed": self.executed,
        }


def _share(count: int, total: int) -> str:
    return f"{count / total:.0%}" if total else "-"
