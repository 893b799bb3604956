"""Cells that are left out although a step needs what they do: kept where a step can have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.convert.refusal import LeftOutError, refuse
from nbpipe.steps import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.convert.source import Source
    from nbpipe.errors import ConversionError


def needed(source: Source, cells: Sequence[int], reason: str) -> ConversionError:
    """Give the error for cells that are left out although a step needs what one of them does.

    Those tagged ``skip`` a step that begins before them can keep (`LeftOutError`), so that the pipeline is exact.

    Args:
        source: the notebook.
        cells: their indices, in order.
        reason: as the end of a sentence about them.
    """
    skipped = tuple(cell for cell in cells if source.plan.roles[cell].role is Role.SKIP)
    if not skipped:
        return refuse(cells[-1], f"is left out, but {reason}: tag it step:<name>")
    if any(step.cells[0] < skipped[0] for step in source.steps):
        return LeftOutError(skipped, reason)
    why = f"is tagged skip, but {reason}, and no step before it could keep it"
    return refuse(skipped[-1], f"{why}: tag it step:<name>, or as imports, definitions or parameters")
