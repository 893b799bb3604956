"""What is asked of the kernel while a notebook is recorded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.convert.recorded import Wanted
from nbpipe.convert.recording import _Script
from nbpipe.steps import StepCells

if TYPE_CHECKING:
    from pathlib import Path


def made(kind: str, source: str) -> Any:
    return SimpleNamespace(cell_type=kind, source=source)


@pytest.mark.parametrize(
    ("between", "observed"),
    [
        ([], 3),
        ([("markdown", "# Next"), ("code", "  ")], 3),
        ([("code", "draw()")], 4),
    ],
    ids=["nothing", "text", "code"],
)
def test_a_boundary_is_observed_once_where_nothing_runs_between_two_steps(
    between: list[tuple[str, str]], observed: int, tmp_path: Path
) -> None:
    cells = [made("code", "a = 1"), made("code", "b = a"), *(made(*cell) for cell in between), made("code", "c = b")]
    steps = (StepCells("one", "one", (0, 1)), StepCells("two", "two", (len(cells) - 1,)))
    script = _Script(Wanted(steps, ("a", "b", "c"), ()), tmp_path)
    document: Any = SimpleNamespace(node=SimpleNamespace(cells=cells))
    asked = [cell.source for cell in script.cells(document)]
    assert sum("observe" in source and "pause" in source for source in asked) == observed
