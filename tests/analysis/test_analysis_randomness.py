"""Seeds and draws in the order of execution."""

from __future__ import annotations

import json

import pytest

from nbpipe.analysis import analyze
from nbpipe.analysis.randomness import Randomness
from nbpipe.notebook import parse_notebook

IMPORTS = "import random\nimport numpy as np\nimport torch\nfrom tensorflow import keras"


def randomness(*sources: str) -> Randomness:
    cells = [{"cell_type": "code", "source": source} for source in (IMPORTS, *sources)]
    notebook = parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    return Randomness(analyze(notebook))


def unseeded(*sources: str) -> list[str]:
    found = randomness(*sources)
    return [draw.name for draw in found.draws() if draw.own or not found.seeded_before(draw.generator, draw.order)]


def test_draws_come_in_the_order_of_execution() -> None:
    found = randomness("def f():\n    return random.random()", "np.random.rand()", "f()").draws()

    assert [(draw.name, draw.generator) for draw in found] == [
        ("numpy.random.rand", "numpy.random"),
        ("random.random", "random"),
    ]


@pytest.mark.parametrize(
    "seed",
    [
        "np.random.seed(0)",
        "np.random.set_state(state)",
        "def f():\n    np.random.seed(0)\nf()",
        "def f(n=3):\n    g(n)\ndef g(n):\n    np.random.seed(n)\nf()",
        "if x:\n    np.random.seed(0)",
        "keras.utils.set_random_seed(1)",
        "import lightning\nlightning.seed_everything(1)",
        "from transformers import Trainer\nTrainer(model)",
        "from utils import seed_all\nseed_all()",
    ],
)
def test_a_seed_before_the_draw_counts(seed: str) -> None:
    assert unseeded(seed, "np.random.rand()") == []
    assert unseeded("np.random.rand()", seed) == ["numpy.random.rand"]


@pytest.mark.parametrize(
    "other",
    ["random.seed(0)", "np.random.seed()", "np.random.seed(None)", "def seed_all():\n    pass\nseed_all()", "x = 1"],
)
def test_what_is_no_seed_of_it(other: str) -> None:
    assert unseeded(other, "np.random.rand()") == ["numpy.random.rand"]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("np.random.default_rng()", ["numpy.random.default_rng"]),
        ("np.random.default_rng(None)", ["numpy.random.default_rng"]),
        ("np.random.default_rng(seed=None)", ["numpy.random.default_rng"]),
        ("np.random.default_rng(5)", []),
        ("np.random.default_rng(seed=s)", []),
        ("random.Random()", ["random.Random"]),
        ("random.Random(5)", []),
        ("np.random.Generator(np.random.PCG64(1))", []),
        ("torch.utils.data.DataLoader(d)", []),
        ("torch.utils.data.DataLoader(d, shuffle=x)", []),
        ("torch.utils.data.DataLoader(d, shuffle=True)", ["torch.utils.data.DataLoader"]),
        ("torch.utils.data.DataLoader(d, 8, True)", ["torch.utils.data.DataLoader"]),
        ("torch.utils.data.DataLoader(d, shuffle=True, generator=g)", []),
        ("keras.layers.Dense(3)", ["tensorflow.keras.layers.Dense"]),
        ("keras.layers.Dense(3, kernel_initializer='zeros')", []),
    ],
)
def test_calls_that_draw_or_make_a_generator(call: str, found: list[str]) -> None:
    assert unseeded(call, "model.fit(x)") == found


def test_what_networks_draw_counts_where_something_is_trained() -> None:
    assert unseeded("net = torch.nn.Linear(1, 2)", "net(x)") == []
    assert unseeded("net = torch.nn.Linear(1, 2)", "loss.backward()") == ["torch.nn.Linear"]


def test_functions_that_nothing_calls_draw_nothing() -> None:
    assert unseeded("def f():\n    return np.random.rand()") == []
