"""Which out-of-order findings have one cause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import Analysis
from nbpipe.analysis.causes import by_cause
from nbpipe.notebook import Cell, Notebook


def groups(*cells: tuple[int, str]) -> list[list[tuple[str, int]]]:
    """Give name and cell of the findings of a notebook, by cause."""
    made = tuple(Cell(index, "code", source, execution_count=count) for index, (count, source) in enumerate(cells))
    shown = [each for each in Analysis(Notebook(made, {})).order_findings if each.grade != "conceivable"]
    return [[(each.use.name, each.use.cell) for each in group] for group in by_cause(shown)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(
            [(1, "x = []"), (3, "x.append(1)"), (2, "x.append(2)"), (4, "x")],
            [[("x", 1), ("x", 2), ("x", 3)]],
            id="changes in another order",
        ),
        pytest.param(
            [(1, "x = []"), (4, "x.append(1)"), (2, "x.append(2)"), (3, "x.append(3)"), (5, "x")],
            [[("x", 1), ("x", 2), ("x", 3), ("x", 4)]],
            id="three changes",
        ),
        pytest.param(
            [(1, "x = []"), (3, "x.append(1)"), (2, "x"), (5, "x.append(2)"), (4, "x")],
            [[("x", 2)], [("x", 4)]],
            id="two changes, each after its reader",
        ),
        pytest.param(
            [(1, "x, y = [], []"), (3, "x.append(1)\ny.append(1)"), (2, "x, y")],
            [[("x", 2)], [("y", 2)]],
            id="two objects",
        ),
        pytest.param(
            [(1, "x = y = 1"), (4, "x = 2\ny = 3"), (2, "x"), (3, "y")],
            [[("x", 2), ("y", 3)]],
            id="definitions of one cell",
        ),
        pytest.param(
            [(1, "x = 1"), (2, "y = 1"), (4, "x = 2"), (5, "y = 2"), (3, "x, y")],
            [[("x", 4)], [("y", 4)]],
            id="definitions of several cells",
        ),
    ],
)
def test_findings_with_one_cause_are_one_group(
    cells: list[tuple[int, str]], expected: list[list[tuple[str, int]]]
) -> None:
    assert groups(*cells) == expected


@given(
    st.permutations([2, 3, 4, 5, 6]), st.lists(st.sampled_from(["x.append(1)", "y = x", "x"]), min_size=5, max_size=5)
)
def test_no_finding_is_lost_or_told_twice(counts: list[int], sources: list[str]) -> None:
    cells = [(1, "x = []"), *zip(counts, sources, strict=True)]
    made = tuple(Cell(index, "code", source, execution_count=count) for index, (count, source) in enumerate(cells))
    findings = Analysis(Notebook(made, {})).order_findings

    found = by_cause(findings)

    assert sorted(map(id, findings)) == sorted(id(each) for group in found for each in group)
    assert all(found)
    assert counts != sorted(counts) or not found


@given(st.permutations([2, 3, 4, 5]))
def test_causes_do_not_share_a_cell_that_changes_the_object(counts: list[int]) -> None:
    cells = [(1, "x = []"), *((count, f"x.append({count})") for count in counts)]
    touched = [{cell for _, cell in group} for group in groups(*cells)]

    assert all(not first & second for first in touched for second in touched if first is not second)
