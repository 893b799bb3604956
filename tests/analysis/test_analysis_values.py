"""What a cell binds, deletes, changes and reads: facts of values and their aliases."""

from __future__ import annotations

import pytest

from nbpipe.analysis import Analysis
from nbpipe.notebook import Cell, Notebook

FRAME = "import pandas as pd\ndf = pd.read_csv('x.csv')"
ARRAY = "import numpy as np\na = np.zeros(3)"
MODEL = "from sklearn.svm import SVC\nmodel = SVC()"


def analysis_of(*sources: str) -> Analysis:
    return Analysis(Notebook(tuple(Cell(index, "code", source) for index, source in enumerate(sources)), {}))


@pytest.mark.parametrize(
    ("made", "changed", "expected"),
    [
        ("x = [1]", "x.append(2)", {"x": True}),
        ("x = [1]", "x.sort()", {"x": True}),
        ("x = [1]", "sorted(x)", {}),
        ("x = [1]", "x += [2]", {"x": True}),
        ("x = [1]", "del x[0]", {"x": True}),
        ("x = [1]", "if len(x):\n    x.append(2)", {"x": False}),
        ("x = [1]", "[x.append(n) for n in range(3)]", {"x": True}),
        ("x = {}", "x['a'] = 1", {"x": True}),
        ("x = {}", "x.get('a'), x.items(), len(x)", {}),
        ("x = 1", "x += 1", {}),
        ("x = 'a'", "x += 'b'", {}),
        ("x = (1,)", "x += (2,)", {}),
        ("import random\nx = [1]", "random.shuffle(x)", {"x": True}),
        ("def f(t):\n    t.append(1)\nx = []", "f(x)", {"x": True}),
        ("def f(t):\n    return t + [1]\nx = []", "f(x)", {}),
        ("def f():\n    x.append(1)\nx = []", "f()", {"x": True}),
        ("class K: ...\nk = K()", "k.a = 1", {"k": True}),
        (FRAME, "df['a'] = 1", {"df": True}),
        (FRAME, "df.loc[0, 'a'] = 1", {"df": True}),
        (FRAME, "df.dropna(inplace=True)", {"df": True}),
        (FRAME, "df.dropna(inplace=False)", {}),
        (FRAME, "df.dropna()", {}),
        (FRAME, "df.insert(0, 'a', 1)", {"df": True}),
        (ARRAY, "a[0] = 1", {"a": True}),
        (ARRAY, "a.fill(1)", {"a": True}),
        (ARRAY, "a + 1", {}),
        (ARRAY, "a += 1", {"a": False}),
        (MODEL, "model.fit([[1]], [1])", {"model": True}),
        (MODEL, "model.predict([[1]])", {}),
    ],
)
def test_what_changes_an_object_in_place(made: str, changed: str, expected: dict[str, bool]) -> None:
    assert analysis_of(made, changed).cells[1].change.mutates == expected


@pytest.mark.parametrize(
    ("made", "changed", "expected"),
    [
        ("x = [1]\ny = x", "y.append(2)", {"x", "y"}),
        ("x = [1]\ny = [x]", "y[0].append(2)", {"x", "y"}),
        ("x = [1]\ny = {'a': x}", "y['a'].append(2)", {"x", "y"}),
        ("x = [1]\ny, z = x, 1", "y.append(2)", {"x", "y"}),
        ("x = [1]\ny = x if x else []", "y.append(2)", {"x", "y"}),
        ("x = [1]\nf = lambda: x", "f().append(2)", {"x"}),
        ("x = [1]\ny = x.copy()", "y.append(2)", {"y"}),
        ("x = [1]\ny = x[:]", "y.append(2)", {"y"}),
        ("x = [1]\ny = list(x)", "y.append(2)", {"y"}),
        ("x = [1]\ny = x + [2]", "y.append(3)", {"y"}),
        (FRAME + "\nother = df", "other['a'] = 1", {"df", "other"}),
        (FRAME + "\nother = df.copy()", "other['a'] = 1", {"other"}),
        (FRAME + "\nother = df.dropna()", "other['a'] = 1", {"other"}),
        (ARRAY + "\nb = a[1:]", "b[0] = 1", {"a", "b"}),
        (ARRAY + "\nb = a.reshape(3, 1)", "b[0] = 1", {"a", "b"}),
        (ARRAY + "\nb = a.T", "b[0] = 1", {"a", "b"}),
        (ARRAY + "\nb = a + 1", "b[0] = 1", {"b"}),
        (MODEL + "\nfitted = model.fit([[1]], [1])", "fitted.fit([[2]], [2])", {"model", "fitted"}),
    ],
)
def test_a_change_is_seen_through_every_alias_and_no_copy(made: str, changed: str, expected: set[str]) -> None:
    assert set(analysis_of(made, changed).cells[1].change.mutates) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", {"x": True}),
        ("x: int = 1", {"x": True}),
        ("x: int", {}),
        ("(a, [b, *c]) = f()", {"a": True, "b": True, "c": True}),
        ("for i in range(3): j = i", {"i": True, "j": True}),
        ("for i in items: j = i", {"i": False, "j": False}),
        ("if flag: x = 1", {"x": False}),
        ("if flag:\n    x = 1\nelse:\n    x = 2", {"x": True}),
        ("while True:\n    x = 1\n    break", {"x": True}),
        ("try:\n    x = f()\nexcept ValueError:\n    pass", {"x": False}),
        ("try:\n    x = f()\nexcept ValueError:\n    raise", {"x": True}),
        ("try:\n    pass\nfinally:\n    x = 1", {"x": True}),
        ("with open('x') as file: text = file.read()", {"file": True, "text": True}),
        ("from contextlib import suppress\nwith suppress(E): x = 1", {"suppress": True, "x": False}),
        ("import a.b, c.d as e\nfrom f import g as h, i", {"a": True, "e": True, "h": True, "i": True}),
        ("def f(): y = 1", {"f": True}),
        ("def f():\n    global y\n    y = 1", {"f": True}),
        ("def f():\n    global y\n    y = 1\nf()", {"f": True, "y": True}),
        ("class K: y = 1", {"K": True}),
        ("[y for y in range(3)]", {}),
        ("[z := y for y in range(3)]", {"z": True}),
        ("(x := 1) and (y := 2)", {"x": True, "y": False}),
        ("match v:\n    case [x, *y]: pass\n    case _: pass", {"x": False, "y": False}),
        ("try:\n    f()\nexcept E as error:\n    pass", {}),
        ("x = !ls", {"x": True}),
        ("%%capture out\ny = 1", {"out": True, "y": True}),
        ("%%timeit\ny = 1", {}),
        ("%%bash\ny=1", {}),
        ("%time y = 1", {"y": True}),
    ],
)
def test_what_a_cell_binds_and_whether_it_surely_does(source: str, expected: dict[str, bool]) -> None:
    assert analysis_of(source).cells[0].change.binds == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("del x", {"x": True}),
        ("if y: del x", {"x": False}),
        ("del x\nx = 2", {}),
        ("del (x, [y])", {"x": True, "y": True}),
        ("x = 2\ndel x", {"x": True}),
        ("del z[0]", {}),
        ("def f():\n    global x\n    del x\nf()", {"x": True}),
    ],
)
def test_what_a_cell_deletes(source: str, expected: dict[str, bool]) -> None:
    assert analysis_of("x, y, z = 1, 2, [3]", source).cells[1].change.deletes == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x", {"x"}),
        ("y = 1\ny", set()),
        ("f()", {"f", "x"}),
        ("g = f", {"f"}),
        ("def g(v=x):\n    return y", {"x"}),
        ("[x for x in z]", {"z"}),
        ("[v for v in z if x]", {"x", "z"}),
        ("class K:\n    v = x\n    def m(self):\n        return y", {"x"}),
        ("class K:\n    def m(self):\n        return y\nK().m()", {"y"}),
        ("f'{x:{y}}'", {"x", "y"}),
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("z[x] = y", {"x", "y", "z"}),
        ("!echo {x}", {"x"}),
        ("%time f()", {"f", "x"}),
        ("print(len([]))", set()),
        ("lambda: x", set()),
        ("list(map(lambda v: x + v, z))", {"x", "z"}),
        ("def g(v: x) -> y: ...", {"x", "y"}),
    ],
)
def test_what_a_cell_reads_of_what_was_there_before(source: str, expected: set[str]) -> None:
    assert set(analysis_of("x, y, z = 1, 2, [3]\ndef f():\n    return x", source).cells[1].reads) == expected


def test_a_generator_is_taken_to_be_read_possibly() -> None:
    uses = analysis_of("x, z = 1, [2]", "g = (x for _ in z)").cells[1].reads

    assert uses["z"][0].certain
    assert not uses["x"][0].certain


def test_a_coroutine_reads_when_it_is_awaited() -> None:
    analysis = analysis_of("x = 1\nasync def f():\n    return x", "task = f()", "await task")

    assert set(analysis.cells[1].reads) == {"f"}
    assert set(analysis.cells[2].reads) == {"task", "x"}


@pytest.mark.parametrize("version", ["3.13.1", "3.14.0"])
def test_annotations_are_evaluated_before_python_3_14(version: str) -> None:
    cells = (Cell(0, "code", "T = int"), Cell(1, "code", "def f(x: T) -> T: ...\ny: T = 1"))
    analysis = Analysis(Notebook(cells, {"language_info": {"name": "python", "version": version}}))

    assert ("T" in analysis.cells[1].reads) == (version < "3.14")


def test_annotations_after_the_future_import_are_not_evaluated() -> None:
    analysis = analysis_of("T = int", "from __future__ import annotations", "def f(x: T): ...")

    assert not analysis.cells[2].reads


def test_python_2_has_its_own_builtins() -> None:
    notebook = Notebook((Cell(0, "code", "xrange(3)"),), {"language_info": {"name": "python", "version": "2.7.18"}})

    assert not Analysis(notebook).undefined_uses
    assert analysis_of("xrange(3)").undefined_uses
