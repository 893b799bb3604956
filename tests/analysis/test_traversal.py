"""Walks through syntax give what the standard library's give, and what is analyzed is freed without a search."""

from __future__ import annotations

import ast
import gc
import json
import weakref
from pathlib import Path

import pytest

from nbpipe.analysis import analyze
from nbpipe.analysis.traversal import children, parents, walk
from nbpipe.config import Settings
from nbpipe.lint.context import Facts
from nbpipe.notebook.read import parse_notebook

FILES = sorted((Path(__file__).parents[2] / "nbpipe" / "analysis").glob("*.py"))
GAPS = "def f(*, a, b=1): return {**a, 'x': b}\nprint(f'{a!r:>{b}}')\nmatch a:\n    case {'k': v, **r}: pass\n"
CODE = """\
def outer(n):
    rows = [k for k in range(n) if k > 1 and k < 9 or k == 11]
    return lambda m: (outer(m), rows)
made = outer(3)
kept = made and made(2) or [x for x in made if x if x > 1]
"""
OPERATORS = (ast.boolop, ast.cmpop, ast.expr_context, ast.operator, ast.unaryop)


@pytest.mark.parametrize("source", [GAPS, *(path.read_text(encoding="utf-8") for path in FILES[::9])])
def test_walk_gives_the_nodes_of_the_standard_library_in_its_order(source: str) -> None:
    tree = ast.parse(source)
    expected = [node for node in ast.walk(tree) if not isinstance(node, OPERATORS)]
    assert walk(tree) == expected
    for node in expected:
        assert children(node) == [part for part in ast.iter_child_nodes(node) if not isinstance(part, OPERATORS)]


def test_parents_leads_from_each_node_to_what_holds_it() -> None:
    tree = ast.parse(GAPS)
    outer = parents(tree.body)
    for node in walk(tree):
        for part in children(node) if node is not tree else ():
            assert outer[id(part)] is node
    assert not any(id(statement) in outer for statement in tree.body)


def test_what_a_check_knows_of_a_notebook_is_freed_without_a_search_for_circles() -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": CODE}
    notebook = parse_notebook(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    gc.collect()
    gc.disable()
    try:
        facts = Facts(notebook, Settings())
        assert facts.analysis.top_down.uses
        known = weakref.ref(facts.analysis)
        del facts
        assert known() is None
        analysis = analyze(notebook)
        function = weakref.ref(analysis.codes[0].body[0])
        assert analysis.top_down.calls
        del analysis
        assert function() is None
    finally:
        gc.enable()
