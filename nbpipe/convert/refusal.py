"""The one way to refuse: a cell, and a reason in one line."""

from __future__ import annotations

from nbpipe.errors import ConversionError


class TiedStepsError(ConversionError):
    """Something that steps in processes of their own would not keep, and one step would.

    Attributes:
        cell: index of the cell.
        reason: in one line, without the cell.
        first, last: names of the first and the last of the steps that would have to be one.
    """

    def __init__(self, cell: int, reason: str, first: str, last: str) -> None:
        super().__init__(f"cell {cell + 1}: {reason}")
        self.cell = cell
        self.reason = reason
        self.first = first
        self.last = last


class LeftOutError(ConversionError):
    """Cells are left out (tag ``skip``) that draw, or change what a step uses: they have to be kept.

    Attributes:
        cells: their indices.
        reason: as the end of a sentence about them.
    """

    def __init__(self, cells: tuple[int, ...], reason: str) -> None:
        super().__init__(f"cell {cells[-1] + 1}: is left out, but {reason}: tag it step:<name>")
        self.cells = cells
        self.reason = reason


def refuse(cell: int, reason: str) -> ConversionError:
    """Give the error that names a cell (index from 0, shown from 1) and says why it cannot be converted exactly."""
    return ConversionError(f"cell {cell + 1}: {reason}")
