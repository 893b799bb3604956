"""The one way to refuse: a cell, and a reason in one line."""

from __future__ import annotations

from nbpipe.errors import ConversionError


def refuse(cell: int, reason: str) -> ConversionError:
    """Give the error that names a cell (index from 0, shown from 1) and says why it cannot be converted exactly."""
    return ConversionError(f"cell {cell + 1}: {reason}")
