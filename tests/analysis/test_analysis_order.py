"""The replay of recorded counts: which readings it finds other than top-down, and how sure it is."""

from __future__ import annotations

from typing import Any

import pytest

from nbpipe.analysis import Analysis
from nbpipe.analysis.order import CERTAIN, CONCEIVABLE, LIKELY
from nbpipe.notebook import Cell, Notebook


def analysis_of(*cells: tuple[int | None, str], errors: dict[int, str] | None = None) -> Analysis:
    """Make a notebook of cells with their counts; `errors` are the stored NameErrors, by cell."""
    made = []
    for index, (count, source) in enumerate(cells):
        outputs: list[dict[str, Any]] = []
        if errors and index in errors:
            evalue = f"name '{errors[index]}' is not defined"
            outputs = [{"output_type": "error", "ename": "NameError", "evalue": evalue, "traceback": []}]
        made.append(Cell(index, "code", source, execution_count=count, raw_outputs=outputs))
    return Analysis(Notebook(tuple(made), {}))


def found(analysis: Analysis) -> list[tuple[str, str, int]]:
    return [(finding.grade, finding.use.name, finding.use.cell) for finding in analysis.order_findings]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([(1, "x = 1"), (3, "x = 2"), (2, "print(x)")], id="another definition"),
        pytest.param([(1, "x = 1"), (3, "print(x)"), (2, "x = 2")], id="a definition from below"),
        pytest.param([(1, "x = []"), (3, "x.append(1)"), (2, "print(x)")], id="a change not yet made"),
        pytest.param([(1, "x = []"), (3, "print(x)"), (2, "x.append(1)")], id="a change already made"),
        pytest.param([(1, "x = []\ny = x"), (3, "y.append(1)"), (2, "print(x)")], id="through an alias"),
        pytest.param([(1, "def f(): return 1"), (3, "def f(): return 2"), (2, "f()")], id="a function"),
        pytest.param([(1, "x = 1\ndef f(): return x"), (3, "x = 2"), (2, "f()")], id="inside a function"),
        pytest.param(
            [(1, "import random\nrandom.seed(1)"), (3, "random.seed(2)"), (2, "random.random()")], id="a seed"
        ),
    ],
)
def test_no_count_is_missing_so_the_finding_is_certain(cells: list[tuple[int, str]]) -> None:
    assert CERTAIN in [finding.grade for finding in analysis_of(*cells).order_findings]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([(1, "x = 1"), (2, "x = 2"), (3, "print(x)")], id="in order"),
        pytest.param([(2, "x = 1"), (1, "y = 2"), (3, "print(x, y)")], id="unsorted and harmless"),
        pytest.param([(None, "x = 1"), (None, "x = 2"), (None, "x")], id="never run"),
        pytest.param([(1, "import a"), (3, "import a"), (2, "a.f()")], id="imported again"),
        pytest.param([(1, "x = 'a'"), (3, "x = 'a'"), (2, "print(x)")], id="the same literal"),
        pytest.param([(2, "for i in range(3): i"), (1, "for i in range(4): i")], id="loop variables"),
        pytest.param([(1, "x = []\ny = x.copy()"), (3, "y.append(1)"), (2, "x")], id="a copy"),
        pytest.param([(1, "x = 1"), (3, "x = 2"), (2, "y = 1"), (4, "del x")], id="a deletion"),
        pytest.param([(1, "y = 1"), (3, "len([])"), (2, "len = print\ndel len")], id="a builtin that is free again"),
        pytest.param([(1, "x = 1"), (3, "%%timeit\nx = 2"), (2, "x")], id="timeit"),
    ],
)
def test_nothing_is_found(cells: list[tuple[int | None, str]]) -> None:
    assert analysis_of(*cells).order_findings == []


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([(2, "x = 1"), (1, "x = 2"), (5, "print(x)")], id="a count is missing before the use"),
        pytest.param([(1, "x = 1"), (3, "if c(): x = 2"), (2, "print(x)")], id="on some path only"),
        pytest.param([(1, "x = 1"), (3, "x = 2"), (2, "if c(): print(x)")], id="used on some path only"),
        pytest.param([(1, "x = {}"), (3, "x['a'] = 1"), (2, "print(x)")], id="an item that is overwritten"),
        pytest.param([(1, "y = 1"), (3, "len([])"), (2, "len = print")], id="a builtin that was rebound"),
    ],
)
def test_a_doubt_makes_the_finding_likely(cells: list[tuple[int, str]]) -> None:
    assert [finding.grade for finding in analysis_of(*cells).order_findings if finding.grade != CONCEIVABLE] == [LIKELY]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([(1, "x = 1"), (9, "x = 2"), (5, "print(x)")], id="the definer was run again later"),
        pytest.param([(1, "x = [1]"), (9, "x.append(2)"), (5, "print(x)")], id="the change was made again later"),
        pytest.param([(1, "x = 1"), (None, "x = 2"), (2, "print(x)")], id="the definer's count is gone"),
        pytest.param([(9, "import a"), (2, "x = a.f()"), (3, "x.y = 1"), (4, "print(x)")], id="imported again later"),
        pytest.param([(1, "x = 1"), (2, "x"), (5, "x = 2"), (4, "print(x)")], id="in order, with a gap"),
        pytest.param([(1, "x = 1"), (3, "x = 2"), (2, "print(x)"), (2, "y = 1")], id="a count stands twice"),
        pytest.param([(2, "x = 1"), (1, "print(x)")], id="went through before its definition"),
        pytest.param([(2, "x = 1"), (1, "x"), (3, "y = 1"), (5, "y = 2"), (4, "y")], id="another went through so"),
        pytest.param([(4, "def f(): return []"), (2, "x = f()"), (3, "print(x)")], id="what made it ran again later"),
        pytest.param([(1, "y = 1"), (2, "x = 1"), (3, "x"), (1, "x = 2"), (3, "x")], id="the kernel was started again"),
    ],
)
def test_what_the_counts_cannot_tell_is_at_most_conceivable(cells: list[tuple[int | None, str]]) -> None:
    assert {finding.grade for finding in analysis_of(*cells).order_findings} <= {CONCEIVABLE}


@pytest.mark.parametrize(
    ("cells", "supported"),
    [
        pytest.param([(2, "x = 1"), (1, "x = 2"), (5, "print(x)")], False, id="most runs between are missing"),
        pytest.param([(2, "x = 1"), (1, "x = 2"), (3, ""), (4, "y = 1"), (6, "x")], False, id="as many are"),
        pytest.param([(2, "x = 1"), (1, "x = 2"), (3, "z = 1"), (4, "y = 1"), (6, "x")], True, id="fewer are"),
        pytest.param([(1, "x = []"), (7, "x"), (4, "x.append(1)"), (5, "y = 1"), (6, "z = 1")], False, id="a change"),
        pytest.param([(1, "x = 1"), (3, "if c(): x = 2"), (2, "print(x)")], True, id="none is missing"),
    ],
)
def test_a_finding_is_supported_by_runs_that_are_seen(cells: list[tuple[int, str]], *, supported: bool) -> None:
    assert [finding.supported for finding in analysis_of(*cells).disorder] == [supported]


def test_a_stored_name_error_is_certain() -> None:
    analysis = analysis_of((2, "import math"), (1, "math.pi"), errors={1: "math"})

    assert found(analysis) == [(CERTAIN, "math", 1)]


def test_a_cell_that_failed_may_have_stopped_before_it_bound_anything() -> None:
    cells = [(1, "x = 1"), (2, "x = 2\ny"), (4, "x = 3"), (3, "print(x)")]
    (finding,) = analysis_of(*cells, errors={1: "y"}).order_findings

    assert finding.grade == LIKELY
    assert {definition.cell for definition in finding.reached} == {0, 1}


def test_a_finding_names_both_definitions() -> None:
    (finding,) = analysis_of((1, "x = 1"), (3, "x = 2"), (2, "print(x)")).order_findings

    assert [definition.cell for definition in finding.expected] == [1]
    assert [definition.cell for definition in finding.reached] == [0]
    assert finding.other_definition


def test_a_finding_names_the_cells_that_changed_the_value() -> None:
    finding = analysis_of((1, "x = []"), (3, "x.append(1)"), (2, "print(x)")).order_findings[0]

    assert finding.changed == (1,)
    assert not finding.other_definition


@pytest.mark.parametrize(
    ("counts", "missing", "mixed", "gap"),
    [
        ([1, 2, 3], set(), False, None),
        ([1, 5], {2, 3, 4}, False, 4),
        ([3], {1, 2}, False, 2),
        ([1, 2, 2], set(), True, None),
        ([4, 1], {2, 3}, False, 3),
    ],
)
def test_what_a_session_tells(counts: list[int], missing: set[int], gap: int | None, *, mixed: bool) -> None:
    session = analysis_of(*[(count, "x = 1") for count in counts]).session

    assert (set(session.missing), session.mixed, session.gap(1, 5)) == (missing, mixed, gap)


@pytest.mark.parametrize(
    ("counts", "numbers"),
    [
        ([1, 2, 3, 1, 2, 3], [0, 0, 0, 1, 1, 1]),
        ([1, 3, 2, 5, 4], [0, 0, 0, 0, 0]),
        ([5, 6, 1, 2], [0, 0, 0, 0]),
        ([2, 3, 5, 1, 2, 4], [0, 0, 0, 1, 1, 1]),
        ([1, 2, 1, 2, 1, 2], [0, 0, 1, 1, 2, 2]),
        ([1, 1], [0, 1]),
    ],
)
def test_counts_that_begin_anew_are_another_session(counts: list[int], numbers: list[int]) -> None:
    session = analysis_of(*[(count, "x = 1") for count in counts]).session

    assert [session.numbers[index] for index in range(len(counts))] == numbers
    assert session.order[0] == counts.index(min(counts[: numbers.count(0)]))


def test_empty_cells_have_no_count() -> None:
    assert analysis_of((1, "x = 1"), (2, "  "), (3, "x")).session.counts == {0: 1, 2: 3}
