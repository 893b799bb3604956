"""Uses without a definition: which kind they are, and on which paths a definition reaches them."""

from __future__ import annotations

import pytest

from nbpipe.analysis import Analysis
from nbpipe.notebook import Cell, Notebook

FLAG = "flag, other = input(), input()\n"


def undefined(*sources: str) -> list[tuple[str, str, int]]:
    analysis = Analysis(Notebook(tuple(Cell(index, "code", source) for index, source in enumerate(sources)), {}))
    return [(found.kind, found.use.name, found.use.cell) for found in analysis.undefined_uses]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (("x",), ("never", "x", 0)),
        (("x", "x = 1"), ("later", "x", 0)),
        (("x\nx = 1",), ("later", "x", 0)),
        (("x = 1\ndel x\nx",), ("never", "x", 0)),
        (("x = 1", "del x", "x"), ("never", "x", 2)),
        (("x = 1\ndel x\nx\nx = 2",), ("never", "x", 0)),
        (("x = 1", "del x", "x", "x = 2"), ("never", "x", 2)),
        (("try: f = 1\nexcept E as e: pass\ne",), ("never", "E", 0)),
        (("try:\n    int()\nexcept ValueError as e:\n    pass\ne",), ("never", "e", 0)),
        (("def f(): return x\nf()", "x = 1"), ("later", "x", 0)),
        (("def f(): return x",), ("never", "x", 0)),
        (("def f():\n    x\n    x = 1\nf()",), ("later", "x", 0)),
        (("if input(): x = 1", "x"), ("maybe", "x", 1)),
        (("for y in input(): x = 1", "x"), ("maybe", "x", 1)),
        (("class K:\n    v = 1\n    def m(self): return v\nK().m()",), ("never", "v", 0)),
        (("[n for n in []]", "n"), ("never", "n", 1)),
        (("%%timeit\nx = 1", "x"), ("never", "x", 1)),
        (("%%timeit\nx\nx = 1",), ("later", "x", 0)),
        (("for i in range(3):\n    x\n    x = i",), ("later", "x", 0)),
        (("for i in input():\n    x\n    x = i",), ("later", "x", 0)),
    ],
)
def test_the_kind_of_an_undefined_use(sources: tuple[str, ...], expected: tuple[str, str, int]) -> None:
    assert undefined(*sources)[0] == expected


@pytest.mark.parametrize(
    "sources",
    [
        ("def f(): return x", "x = 1"),
        ("def f(): return x", "x = 1", "f()"),
        ("lambda: x", "x = 1"),
        ("def outer(x):\n    def inner(): return x\n    return inner",),
        ("def outer(x):\n    def inner(): return [x for _ in x]\n    raise ValueError(inner)",),
        ("def outer(x):\n    return lambda: x\nouter(1)",),
        ("x = (1", "x", "x = 2"),
        ("%%somewhere\ndef x(): ...", "x", "x = 2"),
        ("def f(): return x\nf.__name__", "x = 1"),
        ("from torch import DataLoader\ndef f(): return x\nDataLoader(f)", "x = 1"),
        ("button = print()\ndef f(): return x\nbutton.on_click(f)", "x = 1"),
        ("for i in range(3):\n    if i: x\n    x = i",),
        ("def f():\n    for i in range(3):\n        if i:\n            while x: pass\n        x = i\nf()",),
        ("class K:\n    def m(self): return __class__\nK().m()",),
        ("class K:\n    v = __qualname__",),
        ("try: x\nexcept NameError: x = 1", "x"),
        ("if input(): x = 1", "try: x\nexcept NameError: x = 1", "x"),
        ("try:\n    import a as x\nexcept ImportError:\n    import b as x", "x"),
        ("if input():\n    x = 1\nelse:\n    raise ValueError", "x"),
        ("if input():\n    x = 1\nelse:\n    import sys\n    sys.exit()", "x"),
        ("from a import *", "x"),
        ("while True:\n    x = 1\n    break", "x"),
        ("for i, v in enumerate([1]): x = v", "x", "i"),
        ("for a, b in zip([1], 'b'): x = a", "x", "b"),
        ("try:\n    import a\n    def f(): return a\nexcept ImportError:\n    def f(): return 1", "f()"),
    ],
)
def test_what_is_defined_when_it_is_used(sources: tuple[str, ...]) -> None:
    assert undefined(*sources) == []


@pytest.mark.parametrize(
    ("defined", "used"),
    [
        ("if flag: x = 1", "if flag: x"),
        ("if flag: x = 1", "if flag and other: x"),
        ("if flag: x = 1", "if flag and x: pass"),
        ("if flag: x = 1", "not flag or x"),
        ("if flag: x = 1", "x if flag else 1"),
        ("if flag: x = 1", "1 if not flag else x"),
        ("if flag: x = 1", "[x for _ in 'a' if flag]"),
        ("if flag: x = 1", "if not flag:\n    pass\nelse:\n    x"),
        ("if flag: x = 1", "def f():\n    if not flag: return\n    x\nf()"),
        ("if flag: x = 1", "for _ in 'ab':\n    if not flag: continue\n    x"),
        ("if flag: x = 1", "if not flag: raise ValueError\nx"),
        ("if not flag: x = 1", "if flag: pass\nelse: x"),
        ("if flag or other: x = 1", "if flag: x"),
        ("if flag is None: x = 1", "if flag is not None: pass\nelse: x"),
        ("if flag == 'a': x = 1", "if flag == 'a': x"),
        ("if flag == 'a': x = 1", "if not flag != 'a': x"),
        ("if flag:\n    if other: x = 1", "if flag:\n    if other: x"),
        ("if flag: x = 1\nif not flag: x = 2", "x"),
    ],
)
def test_a_condition_that_holds_for_both(defined: str, used: str) -> None:
    assert undefined(FLAG + defined, used) == []


@pytest.mark.parametrize(
    ("defined", "used"),
    [
        ("if flag: x = 1", "if other: x"),
        ("if flag: x = 1", "if not flag: x"),
        ("if flag: x = 1", "if flag or other: x"),
        ("if flag: x = 1", "flag or x"),
        ("if flag: x = 1", "flag = input()\nif flag: x"),
        ("if flag and other: x = 1", "if flag: x"),
        ("if flag == 'a': x = 1", "if flag == 'b': x"),
        ("if flag: x = 1\nif other: x = 2", "x"),
        ("if flag: x = 1\nflag = input()\nif not flag: x = 2", "x"),
    ],
)
def test_a_condition_that_holds_for_one_only(defined: str, used: str) -> None:
    assert undefined(FLAG + defined, used) == [("maybe", "x", 1)]


def test_whoever_gets_past_a_use_has_found_the_name_bound() -> None:
    assert undefined("if input(): x = 1", "x", "x") == [("maybe", "x", 1)]
    assert undefined("if input(): x = 1", "if open('y'): x", "x") == [("maybe", "x", 1), ("maybe", "x", 2)]


def test_a_function_that_may_be_missing_is_still_called() -> None:
    assert undefined("if input():\n    def f(): return x", "f()") == [("maybe", "f", 1), ("never", "x", 1)]


def test_the_first_place_in_each_cell_is_told() -> None:
    assert undefined("x\nx\ny", "x") == [("never", "x", 0), ("never", "y", 0), ("never", "x", 1)]
