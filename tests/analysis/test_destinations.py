"""Where values go: what stands around a node, what reads a name, and whether every run meets a place."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.analysis import analyze
from nbpipe.analysis.destinations import around, is_met, reads_of
from nbpipe.notebook import parse_notebook

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis


def analysis_of(*sources: str) -> Analysis:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    return analyze(parse_notebook(text.encode()))


def call(analysis: Analysis, name: str) -> tuple[int, ast.Call]:
    """Give the one call of a function of this name."""
    return next((home, node) for home, node in analysis.nodes(ast.Call) if ast.unparse(node.func) == name)


def test_every_node_has_its_statement_outermost_and_its_parent_innermost() -> None:
    source = (
        "@wrap(1)\ndef f(a=g()):\n    return [f'{x + 1}' for x in (yield_(a), *b) if x]\n"
        "class C(D, metaclass=M):\n    with open(p) as q:\n        y: int = {**z, 'k': lambda: w}\n"
        "match v:\n    case {'a': e} if h(e):\n        pass"
    )
    analysis = analysis_of(source)
    for statement in analysis.codes[0].body:
        for parent in ast.walk(statement):
            for child in ast.iter_child_nodes(parent):
                if hasattr(child, "lineno"):
                    outer = around(analysis, 0, child)
                    assert (outer[0], outer[-1]) == (parent, statement)


def test_what_stands_nowhere_has_nothing_around_it() -> None:
    assert around(analysis_of("a = 1"), 0, ast.Name("a", lineno=1)) == ()


@pytest.mark.parametrize(
    ("sources", "lines"),
    [
        (("a = f()\nb = a", "a + 1"), [(0, 2), (1, 1)]),
        (("a = f()", "a = 2\na"), []),
        (("a = f()\ndef g():\n    return a", "g()"), [(0, 3)]),
        (("def g():\n    a = f()\n    return a + h(a)", "g()\na = 1\na"), [(0, 3), (0, 3)]),
        (("def g():\n    global a\n    a = f()", "g()\na"), [(1, 2)]),
    ],
)
def test_reads_are_those_that_the_binding_reaches(sources: tuple[str, ...], lines: list[tuple[int, int]]) -> None:
    analysis = analysis_of(*sources)
    home, target = next(
        (home, node.targets[0]) for home, node in analysis.nodes(ast.Assign) if ast.unparse(node.value) == "f()"
    )
    assert sorted((place, node.lineno) for place, node in reads_of(analysis, home, target)) == lines


@pytest.mark.parametrize(
    "source",
    [
        "ask()",
        "x = [ask() for y in z]",
        "if ask():\n    pass",
        "ask() or 1",
        "while True:\n    ask()",
        "if __name__ == '__main__':\n    ask()",
        "def f():\n    ask()\n    return 1\nf()",
        "def f():\n    ask()\ndef g():\n    f()\ng()",
        "class C:\n    def __init__(self):\n        ask()\nC()",
        "with a:\n    ask()",
    ],
)
def test_what_every_run_meets(source: str) -> None:
    analysis = analysis_of(source)
    assert is_met(analysis, *call(analysis, "ask"))


@pytest.mark.parametrize(
    "source",
    [
        "if a:\n    ask()",
        "b if a else ask()",
        "a or ask()",
        "try:\n    ask()\nexcept E:\n    pass",
        "try:\n    a\nexcept E:\n    ask()",
        "while a:\n    ask()",
        "f = lambda: ask()",
        "def f():\n    ask()",
        "def f():\n    f()\n    ask()",
        "def f():\n    ask()\nif a:\n    f()",
        "def f():\n    if a:\n        return\n    ask()\nf()",
        "class C:\n    def __init__(self):\n        ask()",
        "match a:\n    case 1:\n        ask()",
    ],
)
def test_what_a_run_may_pass_by(source: str) -> None:
    analysis = analysis_of(source)
    assert not is_met(analysis, *call(analysis, "ask"))
