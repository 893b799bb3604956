"""Shapes: equal for what differs in names, literals and layout only."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import analyze
from nbpipe.analysis.shape import shapes
from nbpipe.notebook import Cell, Notebook

CODE = """\
import numpy as np
from os.path import join
def load(folder, limit=3, *others, strict=True):
    rows = [int(line) for line in open(join(folder, "a.txt")) if len(line) > limit]
    try:
        value = np.mean(rows) + others[0] * -1.5
    except (ValueError, IndexError) as problem:
        raise RuntimeError(f"no rows in {folder}") from problem
    return {key: value for key in sorted(rows, key=lambda row: -row)} if strict else None
class Model(Base):
    def fit(self, table):
        self.weights = np.linalg.lstsq(table[:, :-1], table[:, -1], rcond=None)[0]
        for place, weight in enumerate(self.weights):
            if weight and not place:
                print("none", weight)
        return self
scaled = (load("data", limit=7) @ first).T / 2
"""
OWN = sorted(["load", "folder", "limit", "others", "strict", "rows", "line", "value", "problem", "key", "row", "Model"])


def of(*sources: str) -> list[tuple[int, int]]:
    cells = tuple(Cell(index, "code", source) for index, source in enumerate(sources))
    return [(number, weight) for _, _, number, weight in shapes(analyze(Notebook(cells, {})))]


def same(first: str, second: str) -> bool:
    return of(first) == of(second)


@given(st.permutations(OWN), st.integers(0, 99), st.text("abc", max_size=5))
def test_names_and_literals_do_not_count(names: list[str], number: int, text: str) -> None:
    tree = ast.parse(CODE)
    renamed = dict(zip(OWN, [f"{name}_{number}" for name in names], strict=True))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                node.value = text
            elif type(node.value) in (int, float):
                node.value = number
        for field in ("id", "arg", "name"):
            if getattr(node, field, None) in renamed and not isinstance(node, ast.keyword | ast.alias):
                setattr(node, field, renamed[getattr(node, field)])
    assert same(CODE, ast.unparse(tree))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("import numpy as np\nx = np.ones(3).sum()", "import numpy\ny = numpy.ones(4).sum()"),
        ("from a import b\nx = b(1)", "from a import b as c\nx = c(1)"),
        ("x = f(1, 2).g()", "x = f(\n    1,  # one\n\n    2,\n).g()"),
        ("def f(x):\n    return x.y", 'def f(x):\n    """Give y."""\n    # of x\n    return x.y'),
        ("def f(x):\n    return x.y", "def f(x: pd.Series[int] | None) -> np.ndarray:\n    return x.y"),
        ("x = f.g(3)", "x: a.B[int] = f.g(3)"),
        ("x = f(-1, [1, 2])", "x = f(2, [3])"),
    ],
)
def test_layout_aliases_and_annotations_do_not_count(first: str, second: str) -> None:
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x.fit(y)", "x.predict(y)"),
        ("x = len(y)", "x = sum(y)"),
        ("x = f(1)", "x = f(1, 2)"),
        ("x = a + b", "x = a - b"),
        ("x = a < b", "x = a > b"),
        ("x = a and b", "x = a or b"),
        ("for x in y: f(x)", "while y: f(x)"),
        ("x = [a for a in b]", "x = {a for a in b}"),
        ("from a import b\nx = b(1)", "from a import c as b\nx = b(1)"),
        ("x = a[0]", "x = a"),
    ],
)
def test_what_is_done_does_count(first: str, second: str) -> None:
    assert not same(first, second)


def test_a_shape_is_the_same_in_every_process() -> None:
    # The cache keeps shapes: whoever changes how they are made has to change the cache's format, too.
    assert of("x = frame.groupby(key)[name].mean()") == [(658345498491026, 5)]


def test_a_statement_is_one_however_many_lines_it_has() -> None:
    found = of("a = f(\n    1\n)\nb = 2; c = g(1)\nd = h.i(2)", "@j\ndef k():\n    return l.m")
    assert [weight for _, weight in found] == [1, 1, 2, 3]
