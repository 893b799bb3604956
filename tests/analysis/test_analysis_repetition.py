"""What a second run of a cell changes or fails at: the analysis against what Python does when the cell is run twice."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import Analysis
from nbpipe.analysis.repetition import Repetitions
from nbpipe.notebook import Cell, Notebook

FIRST = "import random\nx, y, n, s, d = [3, 1, 2, *range(4, 40)], [3, *range(50, 90)], 7, 'a b', {'k': 1, 'm': 2}"

STATEMENTS = [
    "x = x + [41]",
    "x += y",
    "x = sorted(x)",
    "x = x[1:]",
    "x = x[:2]",
    "x = x[::-1]",
    "x = [v for v in x if v > 1]",
    "x = [v * 2 for v in x]",
    "x = list(set(x))",
    "x.append(4)",
    "x.sort()",
    "x.remove(3)",
    "x.insert(0, 9)",
    "x = [0]",
    "x, y = y, x",
    "x = [*x, 5]",
    "y = list(x)",
    "y.extend([1, 2])",
    "y = y[0:1]",
    "n += 1",
    "n = n * 2",
    "n = n * 1",
    "n = 10 - n",
    "n = -n",
    "n = abs(n)",
    "n = 5",
    "n = len(x)",
    "n |= 8",
    "n = n - n // 2",
    "s = s + '!'",
    "s = s.upper()",
    "s = s.strip()",
    "s = s.split()",
    "s = f'{s}.'",
    "s = 'b a'",
    "d['k'] += 1",
    "d['k'] = 5",
    "d['new'] = n",
    "d['c'] = d.get('c', 0) + 1",
    "del d['m']",
    "d.pop('m')",
    "d.pop('m', None)",
    "d = {'k': 1, 'm': 2}",
    "del s",
    "for v in [1, 2]: n += v",
    "for v in [41, 42]: x.append(v)",
    "if 3 in x: x.remove(3)",
    "if n < 9: n = n + 1",
    "while n < 9: n += 1",
]
# Without these, everything a cell does is in the table: then the analysis must find each difference.
CONDITIONAL = ("if ", "while ", "n - n")


def told(cell: str) -> set[str]:
    """Give the names that the analysis says the second run of a cell changes or fails at."""
    analysis = Analysis(Notebook((Cell(0, "code", FIRST), Cell(1, "code", cell)), {}))
    return {found.name for found in Repetitions(analysis).updates(analysis.codes[1])}


def differs(cell: str) -> bool:
    """Tell whether running the cell twice fails or gives another state than running it once; None: it fails at once."""
    once: dict[str, Any] = {}
    exec(FIRST, once)
    exec(cell, once)
    once = {name: copy.deepcopy(once[name]) for name in "xynsd" if name in once}
    twice = copy.deepcopy(once)
    try:
        exec(cell, twice)
    except Exception:  # noqa: BLE001 - any failure counts
        return True
    return any(once.get(name) != twice.get(name) for name in "xynsd")


def runs(cell: str) -> bool:
    state: dict[str, Any] = {}
    try:
        exec(FIRST + "\n" + cell, state)
    except Exception:  # noqa: BLE001 - such a cell is none
        return False
    return True


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4).map("\n".join).filter(runs))
def test_what_is_told_is_so(cell: str) -> None:
    if told(cell):
        assert differs(cell)


@pytest.mark.parametrize("statement", [each for each in STATEMENTS if not any(part in each for part in CONDITIONAL)])
def test_what_one_statement_does_the_second_time_is_found(statement: str) -> None:
    assert bool(told(statement)) == differs(statement)
