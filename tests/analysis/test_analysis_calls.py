"""Calls under their qualified names, the state of the process that they touch, and what cannot be seen."""

from __future__ import annotations

import pytest

from nbpipe.analysis import Analysis
from nbpipe.notebook import Cell, Notebook


def analysis_of(*sources: str) -> Analysis:
    return Analysis(Notebook(tuple(Cell(index, "code", source) for index, source in enumerate(sources)), {}))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy\nnumpy.random.rand(3)", ["numpy.random.rand"]),
        ("import numpy as np\nnp.random.rand(3)", ["numpy.random.rand"]),
        ("import numpy.random as r\nr.rand()", ["numpy.random.rand"]),
        ("import numpy.random\nnumpy.random.rand()", ["numpy.random.rand"]),
        ("from numpy.random import rand\nrand()", ["numpy.random.rand"]),
        ("from numpy.random import rand as draw\ndraw()", ["numpy.random.rand"]),
        ("from numpy import random\nrandom.rand()", ["numpy.random.rand"]),
        ("import numpy as np\nf = np.random.rand\nf()", ["numpy.random.rand"]),
        ("from . import helpers\nhelpers.go()", [".helpers.go"]),
        ("from .helpers import go\ngo()", [".helpers.go"]),
        ("print(1)", ["print"]),
        ("f = open\nf('a')", ["open"]),
        ("'a'.join([])", ["str.join"]),
        ("[].append(1)", ["list.append"]),
        ("from sklearn.svm import SVC\nm = SVC()\nm.fit([], [])", ["sklearn.svm.SVC", "sklearn.svm.SVC.fit"]),
        (
            "from sklearn.svm import SVC\nSVC().fit([], []).predict([])",
            ["sklearn.svm.SVC", "sklearn.svm.SVC.fit", "sklearn.svm.SVC.predict"],
        ),
        (
            "import pandas as pd\npd.read_csv('x').dropna().head()",
            ["pandas.read_csv", "pandas.DataFrame.dropna", "pandas.DataFrame.head"],
        ),
        (
            "import numpy as np\nrng = np.random.default_rng(0)\nrng.normal()",
            ["numpy.random.default_rng", "numpy.random.Generator.normal"],
        ),
        (
            "from sklearn.svm import SVC\nmodels = {'a': SVC()}\nmodels['a'].fit([], [])",
            ["sklearn.svm.SVC", "sklearn.svm.SVC.fit"],
        ),
        (
            "from sklearn.svm import SVC\ndef train(m):\n    m.fit([], [])\ntrain(SVC())",
            ["sklearn.svm.SVC.fit", "sklearn.svm.SVC"],
        ),
        (
            "from sklearn.svm import SVC\ndef make():\n    return SVC()\nmake().fit([], [])",
            ["sklearn.svm.SVC", "sklearn.svm.SVC.fit"],
        ),
        (
            "from sklearn.svm import SVC\nclass K:\n    def __init__(self):\n        self.m = SVC()\nK().m.fit([], [])",
            ["sklearn.svm.SVC", "sklearn.svm.SVC.fit"],
        ),
        ("unknown()", []),
        ("def f(): ...\nf()", []),
        ("class K:\n    def m(self): ...\nK().m()", []),
        ("def print(*_): ...\nprint(1)", []),
    ],
)
def test_the_qualified_names_of_what_is_called(source: str, expected: list[str]) -> None:
    assert [name for site in analysis_of(source).calls for name in site.names] == expected


def test_a_name_is_followed_through_cells_and_the_last_binding_counts() -> None:
    analysis = analysis_of("import numpy as np", "import math as np", "np.sqrt(4)")

    assert [site.names for site in analysis.calls] == [("math.sqrt",)]


def test_all_that_a_call_may_reach_is_named() -> None:
    analysis = analysis_of("import a\nf = a.first if a else a.second\nf()")

    assert [site.names for site in analysis.calls] == [("a.first", "a.second")]


def test_a_call_in_a_function_stands_where_its_source_does() -> None:
    (site, _) = analysis_of("def f():\n    print(1)", "f()").calls

    assert (site.home, site.cell, site.node.lineno) == (0, 1, 2)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import random\nrandom.seed(1)\nrandom.random()", [("random", "seed"), ("random", "draw")]),
        ("from random import seed, choice\nseed(1)\nchoice([1])", [("random", "seed"), ("random", "draw")]),
        (
            "import numpy as np\nnp.random.seed(0)\nnp.random.rand()",
            [("numpy.random", "seed"), ("numpy.random", "draw")],
        ),
        ("import torch\ntorch.manual_seed(0)\ntorch.rand(1)", [("torch.random", "seed"), ("torch.random", "draw")]),
        ("import tensorflow as tf\ntf.random.set_seed(1)", [("tensorflow.random", "seed")]),
        ("import random\nown = random.Random(1)\nown.random()", []),
        ("import numpy as np\nown = np.random.default_rng(0)\nown.normal()", []),
        ("import os\nos.chdir('x')", [("cwd", "set")]),
        ("import warnings\nwarnings.filterwarnings('ignore')", [("warnings", "set")]),
        ("import pandas as pd\npd.set_option('a', 1)", [("pandas.options", "set")]),
        ("import math\nmath.sqrt(2)", []),
    ],
)
def test_state_of_the_process_that_calls_touch(source: str, expected: list[tuple[str, str]]) -> None:
    assert [(event.kind, event.effect) for event in analysis_of(source).top_down.global_state] == expected


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import os\nos.environ['A'] = 'b'", "environ"),
        ("import matplotlib.pyplot as plt\nplt.rcParams['a'] = 1", "matplotlib.rcParams"),
        ("import pandas as pd\npd.options.display.max_rows = 3", "pandas.options"),
    ],
)
def test_state_of_the_process_that_assignments_set(source: str, kind: str) -> None:
    assert (kind, "set") in [(event.kind, event.effect) for event in analysis_of(source).top_down.global_state]


def test_a_seed_in_a_branch_is_not_certain() -> None:
    events = analysis_of("import random\nif input():\n    random.seed(1)\nrandom.seed(2)").top_down.global_state

    assert [event.certain for event in events] == [False, True]


def test_state_touched_in_a_function_belongs_to_the_cell_that_calls_it() -> None:
    (event,) = analysis_of("import random\ndef f():\n    random.seed(1)", "f()").top_down.global_state

    assert (event.cell, event.home) == (1, 0)


@pytest.mark.parametrize(
    ("source", "reason", "binds"),
    [
        ("from helpers import *", "from helpers import *", True),
        ("%run setup.py", "%run setup.py", True),
        ("%pylab inline", "%pylab inline", True),
        ("%load_ext sql", "%load_ext sql", False),
        ("exec('x = 1')", "exec()", True),
        ("globals()['x'] = 1", "globals()", True),
        ("eval('1')", "eval()", False),
        ("x = (", "a cell that does not parse", True),
    ],
)
def test_what_cannot_be_seen_is_marked(source: str, reason: str, *, binds: bool) -> None:
    marks = analysis_of("x = 1", source).top_down.opaque

    assert [(mark.cell, mark.reason, mark.binds) for mark in marks] == [(1, reason, binds)]


@pytest.mark.parametrize("source", ["import os", "%matplotlib inline", "!ls", "x.eval()", "%%bash\nls", "%store -r y"])
def test_what_can_be_seen_is_not_marked(source: str) -> None:
    assert not analysis_of(source).top_down.opaque


def test_a_solution_to_be_written_may_bind_anything() -> None:
    cell = Cell(0, "code", "# YOUR CODE HERE\nraise NotImplementedError", metadata={"nbgrader": {"solution": True}})

    assert Analysis(Notebook((cell,), {})).top_down.opaque[0].binds
