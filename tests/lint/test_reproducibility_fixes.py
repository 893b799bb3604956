"""The fixes of the rules about reproducibility: the finding goes, the code parses, and nothing but it is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.analysis import analyze
from nbpipe.lint.diagnostic import Applicability
from nbpipe.notebook import parse_notebook
from tests.lint.applying import applied, findings, fixed
from tests.lint.test_rule_fixtures import EVERYTHING

if TYPE_CHECKING:
    from nbpipe.notebook import Notebook
    from tests.lint.notation import Snippet

FIXING = ("unseeded-random", "missing-random-state", "unordered-iteration")
PARAMS = [param for param in EVERYTHING if param.values[0] in FIXING]


def notebook(*sources: str, parameters: bool = False) -> Notebook:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    if parameters:
        cells[0]["metadata"] = {"tags": ["parameters"]}
    return parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode())


def after(rule: str, *sources: str, parameters: bool = False) -> list[str]:
    """Give the sources after all fixes of a rule; one more cell makes something of what they have drawn."""
    whole = notebook(*sources, "fit(a, d, m)", parameters=parameters)
    return [cell.source for cell in fixed(whole, rule).cells][:-1]


@pytest.mark.parametrize(("rule", "each"), PARAMS)
def test_a_fix_takes_its_own_finding_away_and_brings_no_other(rule: str, each: Snippet) -> None:
    before = parse_notebook(each.file)
    found = findings(before, rule)
    for item in found:
        if item.fix is None:
            continue
        assert item.fix.applicability is Applicability.UNSAFE
        result = applied(before, [item.fix])

        left = [other.message for other in findings(result, rule)]
        expected = [other.message for other in found]
        expected.remove(item.message)
        assert sorted(left) == sorted(expected)
        changed = [(old.source, new.source) for old, new in zip(before.cells, result.cells, strict=True) if old != new]
        assert all(_is_inside(old.replace("None", ""), new) for old, new in changed)
        assert all(code.error is None for code in analyze(result).codes.values())


def _is_inside(part: str, whole: str) -> bool:
    """Tell whether all characters of one text come in the other in the same order."""
    rest = iter(whole)
    return all(character in rest for character in part)


SPLIT = "from sklearn.model_selection import train_test_split\nimport numpy as np\n"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("a = train_test_split(X)", "a = train_test_split(X, random_state=0)"),
        ("a = train_test_split(X, )", "a = train_test_split(X, random_state=0, )"),
        ("a = train_test_split((X), ((y)))", "a = train_test_split((X), ((y)), random_state=0)"),
        ("a = train_test_split(X, y=[1, (2)])", "a = train_test_split(X, y=[1, (2)], random_state=0)"),
        ("a = train_test_split(X, random_state=None)", "a = train_test_split(X, random_state=0)"),
        (
            "a = train_test_split(\n    X,  # the :) rows\n    y,  # the labels)\n)",
            "a = train_test_split(\n    X,  # the :) rows\n    y, random_state=0,  # the labels)\n)",
        ),
        (
            "a = train_test_split(\n    X,\n    y  # (all)\n)",
            "a = train_test_split(\n    X,\n    y, random_state=0  # (all)\n)",
        ),
        ("ä = 'é'; a = train_test_split(X)", "ä = 'é'; a = train_test_split(X, random_state=0)"),
        ("%time a = train_test_split(X)", "%time a = train_test_split(X, random_state=0)"),
        ("a = train_test_split(x for x in y)", "a = train_test_split(x for x in y)"),
        ("a = train_test_split(X, random_state=f())", "a = train_test_split(X, random_state=f())"),
    ],
)
def test_a_call_is_given_a_seed(call: str, expected: str) -> None:
    assert after("missing-random-state", SPLIT + call) == [SPLIT + expected]


def test_a_call_without_arguments_is_given_a_seed() -> None:
    code = "from sklearn.cluster import KMeans\nimport random\n"
    assert after("missing-random-state", code + "m = KMeans(\n)") == [code + "m = KMeans(\nrandom_state=0)"]


def test_datasets_call_it_seed() -> None:
    code = "from datasets import load_dataset\nd = load_dataset('squad')['train'].shuffle({})"
    assert after("missing-random-state", code.format("")) == [code.format("seed=0")]


@pytest.mark.parametrize(
    ("before", "seed"),
    [
        ("SEED = 42", "SEED"),
        ("random_state = 1", "random_state"),
        ("RANDOM_SEED: int = 1", "0"),
        ("SEED = get()", "0"),
        ("SEED = None", "0"),
        ("SEED = 1\nSEED = 2", "0"),
        ("SEED = 1\ndef f(SEED): pass", "0"),
        ("if X:\n    SEED = 1", "0"),
        ("seeds = 1", "0"),
    ],
)
def test_the_seed_is_one_that_the_notebook_has_bound_once(before: str, seed: str) -> None:
    result = after("missing-random-state", SPLIT, before, "a = train_test_split(X)\nSEED_2 = 3")
    assert result == [SPLIT, before, f"a = train_test_split(X, random_state={seed})\nSEED_2 = 3"]


def test_a_seed_that_is_bound_later_is_none() -> None:
    result = after("missing-random-state", SPLIT + "a = train_test_split(X)\nSEED = 1")
    assert result == [SPLIT + "a = train_test_split(X, random_state=0)\nSEED = 1"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("rng = np.random.default_rng()", "rng = np.random.default_rng(0)"),
        ("rng = np.random.default_rng(seed=None)", "rng = np.random.default_rng(seed=0)"),
        ("rng = np.random.RandomState(None)", "rng = np.random.RandomState(0)"),
        ("seed = 3\nrng = np.random.default_rng()", "seed = 3\nrng = np.random.default_rng(seed)"),
    ],
)
def test_a_generator_is_made_with_a_seed(before: str, expected: str) -> None:
    code = "import numpy as np\n{}\nfit(rng.normal())"
    assert after("unseeded-random", code.format(before)) == [code.format(expected)]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            ("import numpy as np\nx = fit(np.random.rand())",),
            ("import numpy as np\nnp.random.seed(0)\nx = fit(np.random.rand())",),
        ),
        (
            ("import numpy as np\nimport os  # for paths", "x = fit(np.random.rand())"),
            ("import numpy as np\nimport os  # for paths\nnp.random.seed(0)", "x = fit(np.random.rand())"),
        ),
        (
            ("from numpy import random as r", "fit(r.rand())"),
            ("from numpy import random as r\nr.seed(0)", "fit(r.rand())"),
        ),
        (("import random, os", "fit(random.random())"), ("import random, os\nrandom.seed(0)", "fit(random.random())")),
        (
            ("import numpy as np, torch", "fit(np.random.rand(), torch.rand(2))"),
            (
                "import numpy as np, torch\nnp.random.seed(0)\ntorch.manual_seed(0)",
                "fit(np.random.rand(), torch.rand(2))",
            ),
        ),
        (
            ("import numpy as np", "SEED = 7\nrows = 3", "fit(np.random.rand(rows))"),
            ("import numpy as np", "SEED = 7\nnp.random.seed(SEED)\nrows = 3", "fit(np.random.rand(rows))"),
        ),
        (
            ("SEED = 7", "import numpy as np\n", "fit(np.random.rand())"),
            ("SEED = 7", "import numpy as np\nnp.random.seed(SEED)\n", "fit(np.random.rand())"),
        ),
        (
            ("from tensorflow import keras", "m = keras.layers.Dense(1)\nm.fit(X)"),
            ("from tensorflow import keras\nkeras.utils.set_random_seed(0)", "m = keras.layers.Dense(1)\nm.fit(X)"),
        ),
    ],
)
def test_a_generator_is_seeded_behind_its_import_or_the_seed(
    sources: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert after("unseeded-random", *sources) == list(expected)
    assert findings(notebook(*expected), "unseeded-random") == []


@pytest.mark.parametrize(
    "sources",
    [
        ("from random import random", "x = fit(random())"),  # no name for the module
        ("import numpy as np; x = fit(np.random.rand())",),  # the import does not end its line
        ("try:\n    import numpy as np\nexcept ImportError:\n    np = None", "x = fit(np.random.rand())"),
        ("import numpy as np", "x = fit(np.random.rand())", "np = 1"),
        ("import numpy as np", "def f(np): pass", "x = fit(np.random.rand())"),
        ("from torch import nn", "m = nn.Linear(1, 1)", "m.fit(X)"),
    ],
)
def test_where_no_place_is_right_for_a_seed_there_is_no_fix(sources: tuple[str, ...]) -> None:
    assert after("unseeded-random", *sources) == list(sources)


def test_nothing_is_computed_in_the_parameters_cell() -> None:
    above = ("SEED = 1", "import numpy as np", "x = fit(np.random.rand())")
    assert after("unseeded-random", *above, parameters=True)[1] == "import numpy as np\nnp.random.seed(SEED)"
    within = ("import numpy as np\nSEED = 1", "x = fit(np.random.rand())")
    assert after("unseeded-random", *within, parameters=True) == list(within)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("x = os.listdir('a')[:3]", "x = sorted(os.listdir('a'))[:3]"),
        ("x = list(Path('a').glob('*'))[:3]", "x = list(sorted(Path('a').glob('*')))[:3]"),
        ("x = list(Path('a')\n    .glob('*'))[:3]", "x = list(sorted(Path('a')\n    .glob('*')))[:3]"),
        ("x = list(os.scandir('a'))[:3]", "x = list(sorted(os.scandir('a'), key=lambda entry: entry.name))[:3]"),
        ("sorted = 1\nx = os.listdir('a')[:3]", "sorted = 1\nx = os.listdir('a')[:3]"),
        ("x = list(os.walk('a'))[:3]", "x = list(os.walk('a'))[:3]"),
    ],
)
def test_files_are_sorted_where_they_are_listed(before: str, expected: str) -> None:
    imports = "import os\nfrom pathlib import Path\n"
    assert after("unordered-iteration", imports + before) == [imports + expected]
