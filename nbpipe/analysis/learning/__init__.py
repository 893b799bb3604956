"""How a notebook learns from data: which rows each model was fitted and tried on, and what else was learned of them.

A second simulation of the notebook, watched: each value carries a fact about its rows (see `facts`), from the file
they were read from through splits, transformers and functions of the notebook to models.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from nbpipe.analysis.learning import findings, uses
from nbpipe.analysis.learning.watcher import RowWatcher

if TYPE_CHECKING:
    from nbpipe.analysis.learning.findings import Leak, Overlap, Skew
    from nbpipe.analysis.learning.models import History
    from nbpipe.analysis.learning.uses import Alone, Reuse

__all__ = ["Learning", "RowWatcher"]


class Learning:
    """The findings about one notebook, computed when they are asked for."""

    def __init__(self, history: History) -> None:
        self.history = history

    @cached_property
    def leaks(self) -> list[Leak]:
        """What was learned from rows that models are tried on."""
        return list(findings.leaks(self.history))

    @cached_property
    def overlaps(self) -> list[Overlap]:
        """Rows that models are both fitted and tried on."""
        return list(findings.overlaps(self.history))

    @cached_property
    def skews(self) -> list[Skew]:
        """Transformations that the rows to try on did not share with those to fit on."""
        return list(findings.skews(self.history))

    @cached_property
    def reuses(self) -> list[Reuse]:
        """Choices among models by their score on test rows."""
        return list(uses.reuses(self.history))

    @cached_property
    def exported_alone(self) -> list[Alone]:
        """Models that are saved without what their input has to go through."""
        return list(uses.exported_alone(self.history))
