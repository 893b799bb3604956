"""Settings in cells: what is found, under which name, and that nothing is found twice."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import analyze
from nbpipe.notebook import parse_notebook
from nbpipe.settings.finding import find_hyperparameters, find_paths, find_settings

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.settings.setting import Setting


def analysis(*sources: str, parameters: str | None = None) -> Analysis:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    if parameters is not None:
        tagged = {"cell_type": "code", "source": parameters, "metadata": {"tags": ["parameters"]}, "outputs": []}
        cells.insert(0, tagged)
    return analyze(parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})))


def facts(setting: Setting) -> tuple[str, str, object, str]:
    return (setting.name, setting.type, setting.value, setting.sink)


def test_settings_are_found_with_names_types_and_sinks() -> None:
    found = find_settings(
        analysis(
            "import pandas as pd\n"
            "from sklearn.ensemble import RandomForestClassifier\n"
            "from sklearn.model_selection import train_test_split",
            "df = pd.read_csv('/home/ann/data.csv')",
            "a, b = train_test_split(df, test_size=0.2)\n"
            "model = RandomForestClassifier(200, max_depth=8)\n"
            "df.to_csv('/home/ann/out.csv')",
        )
    )

    assert [facts(setting) for setting in found] == [
        ("data_path", "str", "/home/ann/data.csv", "pandas.read_csv"),
        ("test_size", "float", 0.2, "sklearn.model_selection.train_test_split"),
        ("n_estimators", "int", 200, "sklearn.ensemble.RandomForestClassifier"),
        ("max_depth", "int", 8, "sklearn.ensemble.RandomForestClassifier"),
        ("output_path", "str", "/home/ann/out.csv", "pandas.DataFrame.to_csv"),
    ]


def test_a_range_covers_the_literal_and_the_place_the_call() -> None:
    (setting,) = find_settings(analysis("from sklearn.svm import SVC\nx = SVC(\n    C=-2.5)"))

    assert setting.range.key() == (0, 2, 6, 2, 10)
    assert setting.value == -2.5
    assert isinstance(setting.place, ast.Call)
    assert setting.place.lineno == 2


def test_through_a_name_the_literal_is_what_is_found() -> None:
    (setting,) = find_settings(
        analysis("k = 8", "from sklearn.cluster import KMeans\nmodel = KMeans(n_clusters=k, random_state=0)")
    )

    assert (setting.range.cell, setting.home, setting.via, setting.name) == (0, 1, "k", "k")


def test_the_name_of_a_parameters_cell_is_no_hard_coded_setting() -> None:
    code = "from sklearn.cluster import KMeans\nmodel = KMeans(n_clusters=k, init_size=20)"

    assert [each.keyword for each in find_settings(analysis(code, parameters="k = 8"))] == []
    assert [each.keyword for each in find_settings(analysis("k = 8", code))] == ["n_clusters"]


def test_one_name_for_one_value_and_different_names_for_different_ones() -> None:
    found = find_settings(
        analysis(
            "from sklearn.cluster import Birch, KMeans\n"
            "a = KMeans(n_clusters=3)\nb = KMeans(n_clusters=3)\nc = Birch(n_clusters=5)\nd = Birch(n_clusters=7)"
        )
    )

    assert [each.name for each in found] == ["n_clusters", "n_clusters", "birch_n_clusters", "n_clusters_2"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import joblib\njoblib.dump(m, '/mnt/models/a')", "model_path"),
        ("plt.savefig('/mnt/figures/a')", "figure_path"),
        ("where = '/mnt/x/a'\nopen(where)", "where"),
        ("from torch.optim import Adam\nAdam(p, lr=0.1)", "lr"),
        ("for epoch in range(7): pass", "epochs"),
        ("lambda_ = 3\nimport xgboost\nxgboost.XGBClassifier(reg_lambda=lambda_)", "lambda_"),
    ],
)
def test_names_are_those_that_people_use(code: str, name: str) -> None:
    found = find_settings(analysis(code))

    assert name in [setting.name for setting in found]


@pytest.mark.parametrize(
    "code",
    [
        "n = 5\nn = 6\nKMeans(n_clusters=n)",  # the last assignment alone reaches it
        "n = 6\ndef f():\n    return KMeans(n_clusters=n)\nf()",
        "KMeans(**{'n_clusters': 6})",
        "options = {'n_clusters': 6, 'copy_x': True}\nKMeans(**options)",
        "KMeans(n_clusters=+6)",
    ],
)
def test_ways_in_which_a_literal_arrives(code: str) -> None:
    found = find_hyperparameters(analysis("from sklearn.cluster import KMeans", code))

    assert [(each.keyword, each.value) for each in found] == [("n_clusters", 6)]


@pytest.mark.parametrize(
    "code",
    [
        "n = 5\nif x:\n    n = 6\nKMeans(n_clusters=n)",
        "def f():\n    return KMeans(n_clusters=n)\nn = 5\nf()\nn = 6\nf()",
        "n = int(text)\nKMeans(n_clusters=n)",
        "n = 5\nn += 1\nKMeans(n_clusters=n)",
        "def f(n=6):\n    return KMeans(n_clusters=n)\nf()",
        "options = {'n_clusters': 6}\noptions.update(more)\nKMeans(**options)",
        "K = 6\nKMeans(n_clusters=K)",
        "KMeans(n_clusters=None, init='random', random_state=3, verbose=2)",
    ],
)
def test_ways_in_which_none_surely_arrives(code: str) -> None:
    assert find_hyperparameters(analysis("from sklearn.cluster import KMeans", code)) == []


def test_each_literal_is_one_path() -> None:
    code = "import os\np = '/mnt/data/x'\nopen(p)\nopen(os.path.join(p, 'a'))\nopen('/mnt/data/y')"

    assert [each.value for each in find_paths(analysis(code))] == ["/mnt/data/x", "/mnt/data/y"]


@given(st.text(max_size=40))
def test_any_text_may_stand_where_a_path_does(text: str) -> None:
    code = analysis(f"x = open({text!r})", f"y = {text!r}")

    assert all(setting.value == text for setting in find_paths(code))
