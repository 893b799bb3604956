"""What is known of libraries reaches the analysis: chains of calls, items, versions, and what users add."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.analysis import analyze, library_extension, members
from nbpipe.analysis.arguments import entry
from nbpipe.analysis.values import root_of, type_name_of
from nbpipe.analysis.versions import versions_of
from nbpipe.errors import ConfigError
from nbpipe.notebook import parse_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.notebook import Notebook

TYPES = Path(members.__file__).parent / "library" / "types"
IMPORTS = """
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
import scipy.stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve
df = pd.read_csv("a.csv")
a = np.zeros(3)
"""


def notebook(code: str, python: str | None = None) -> Notebook:
    metadata = {"language_info": {"name": "python", "version": python}} if python else {}
    cells = [{"cell_type": "code", "source": code}]
    return parse_notebook(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}))


def held(expression: str, name: str = "x", **analysis: Any) -> Any:
    """Give the object that an expression surely gives."""
    flow = analyze(notebook(f"{IMPORTS}{name} = {expression}", analysis.pop("python", None)), **analysis).top_down
    (obj,) = flow.definitions[name.partition(",")[0]][-1].value
    return obj


@pytest.fixture
def _own_knowledge() -> Iterator[None]:
    yield
    library_extension.use((), "")


@pytest.mark.parametrize(
    ("expression", "type_name"),
    [
        ("df.groupby('a').mean().reset_index()", "pandas.DataFrame"),
        ("df['a']", "pandas.Series"),
        ("df[['a', 'b']]", "pandas.DataFrame"),
        ("df[df['a'] > 1].drop(columns=['b'])", "pandas.DataFrame"),
        ("df[unknown]", "pandas.DataFrame[]"),
        ("df.loc[df['a'] > 1, 'b']", "pandas.Series"),
        ("df.iloc[:, 0]", "pandas.Series"),
        ("df.price.value_counts().head()", "pandas.Series"),
        ("df.groupby('a')['b'].sum()", "pandas.Series"),
        ("df['a'].str.lower()", "pandas.Series"),
        ("df.isna().sum()", "pandas.Series"),
        ("df.mean(axis=1)", "pandas.Series"),
        ("df.mean(axis=None)", "pandas.DataFrame.mean()"),
        ("df.values.copy()", "numpy.ndarray"),
        ("pd.read_csv('a.csv', chunksize=10)", "pandas.io.parsers.TextFileReader"),
        ("pd.to_datetime(df['a'])", "pandas.Series"),
        ("pd.to_datetime(unknown)", "pandas.to_datetime()"),
        ("np.zeros(3).reshape(3, 1).T.copy()", "numpy.ndarray"),
        ("np.log(df['a'])", "pandas.Series"),
        ("np.log(a)", "numpy.ndarray"),
        ("np.log(unknown)", "numpy.log()"),
        ("np.random.normal(0, 1, 5)", "numpy.ndarray"),
        ("np.random.random()", "float"),
        ("np.random.random(5)", "numpy.ndarray"),
        ("a.argmax()", "numpy.signedinteger"),
        ("a.argmax(0)", "numpy.ndarray.argmax()"),
        ("LogisticRegression().fit(df, a)", "sklearn.linear_model.LogisticRegression"),
        ("LogisticRegression().fit(df, a).predict(df)", "numpy.ndarray"),
        ("scipy.stats.norm.pdf", None),
    ],
)
def test_types_follow_chains_of_calls(expression: str, type_name: str | None) -> None:
    obj = held(expression)
    assert type_name_of(obj) == (type_name or expression)


def test_tuples_are_taken_apart() -> None:
    assert type_name_of(held("roc_curve(a, a)", "x, y, z")) == "numpy.ndarray"
    assert type_name_of(held("plt.subplots()", "x, y")) == "matplotlib.figure.Figure"


@pytest.mark.parametrize(
    ("expression", "analysis", "shared"),
    [
        ("df['a']", {}, False),
        ("df['a']", {"python": "3.12.1"}, False),
        ("df['a']", {"python": "3.8.5"}, True),
        ("df['a']", {"library_versions": ("pandas==2.2.3",)}, True),
        ("df['a']", {"library_versions": ("pandas==3.0",), "python": "3.8.5"}, False),
        ("df[['a']]", {"python": "3.8.5"}, False),
        ("df[df['a'] > 1]", {"python": "3.8.5"}, False),
        ("df.iloc[:5]", {"python": "3.8.5"}, True),
        ("df.iloc[:5]", {}, False),
        ("a[:2]", {}, True),
        ("a[[0, 1]]", {}, False),
        ("a[a > 1]", {}, False),
        ("a.reshape(3, 1)", {}, True),
        ("a.flatten()", {}, False),
    ],
)
def test_views_share_and_copies_do_not(expression: str, analysis: dict[str, Any], shared: bool) -> None:  # noqa: FBT001
    obj = held(expression, **analysis)
    assert (root_of(obj) is not obj) is shared


@pytest.mark.parametrize(
    ("code", "python", "told", "version"),
    [
        ("%pip install -q pandas==1.5.3 numpy", None, (), 1),
        ("!pip install 'pandas==2.0'", "3.12.0", (), 2),
        ("%pip install pandas==1.5.3", None, ("pandas==2.2",), 1),
        ("pip install pandas", "3.10.4", (), 2),
        ("x = 'pandas==1.0'", None, (), None),
    ],
)
def test_versions(code: str, python: str | None, told: tuple[str, ...], version: int | None) -> None:
    assert versions_of(notebook(code, python), told).get("pandas") == version


def test_in_place_on_an_immutable_result_changes_nothing_else() -> None:
    flow = analyze(notebook(f"{IMPORTS}n = df.shape[0]\nn += 1\nm = df['a'].size\nm += 1")).top_down
    assert not flow.mutations


@pytest.mark.parametrize("path", sorted(TYPES.glob("*.json")), ids=lambda path: path.stem)
def test_generated_files_are_small_and_sound(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))

    assert path.stat().st_size < 150 * 1024
    assert set(content) == {"comment", "immutable", "functions", "classes"}
    for name in [each for each in content["classes"] if not each.startswith("_")]:
        cls = members.class_of(name)
        assert cls is not None, name
        assert not set(cls.returns) & cls.itself
    for module, facts in content["functions"].items():
        for names in facts.get("returns", {}).values():
            assert members.function(f"{module}.{names.split()[0]}".removeprefix(".")) is not None


def test_every_library_has_its_file() -> None:
    assert {path.stem for path in TYPES.glob("*.json")} == members.LIBRARIES


@pytest.mark.usefixtures("_own_knowledge")
def test_users_say_what_their_libraries_do(tmp_path: Path) -> None:
    knowledge = {
        "comment": "A shop.",
        "returns": {"shop.load": "pandas.DataFrame"},
        "mutates": {"shop.clean": [0]},
        "mutating_methods": {"shop.Client": ["refresh"]},
        "classes": {"shop.Client": {"returns": {"pandas.DataFrame": "customers"}, "returns_self": "connect"}},
        "paths": {"load": "path"},
        "positional": {"load": "path"},
    }
    (tmp_path / "shop.json").write_text(json.dumps(knowledge))
    library_extension.use(("shop.json",), str(tmp_path))

    code = "import shop\nx = shop.load('a')['b']\nc = shop.Client().connect()\n"
    code += "y = c.customers()\nc.refresh()\nshop.clean(x)"
    flow = analyze(notebook(code)).top_down

    assert [type_name_of(flow.definitions[name][0].value[0]) for name in "xcy"] == [
        "pandas.Series", "shop.Client", "pandas.DataFrame",
    ]  # fmt: skip
    assert [type_name_of(mutation.obj) for mutation in flow.mutations] == ["shop.Client", "pandas.Series"]
    assert entry("paths", "shop.load") == "path"

    library_extension.use((), "")
    assert entry("paths", "shop.load") is None
    assert members.class_of("shop.Client") is None


@pytest.mark.usefixtures("_own_knowledge")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "must hold an object of tables"),
        ("{", "not valid JSON: Expecting property name"),
        ('{"return": {}}', "unknown table 'return'. Did you mean 'returns'?"),
        ('{"returns": []}', "'returns' must be a table"),
        ('{"returns": {"f": 1}}', "'returns': 'f' must be the name of a type"),
        ('{"mutates": {"f": ["a"]}}', "'mutates': 'f' must be a list of the places of arguments, from 0"),
        ('{"state": {"f": ["random", "shake"]}}', "'state': 'f' must be a list of the state's name and one of"),
        ('{"paths": {"load": "path"}}', "no name says of which library ('shop.load', not 'load')"),
        ('{"complete": "shop"}', "'complete' must be a list of strings"),
        ('{"classes": {"C": {"methods": "f"}}}', "'classes': 'C' must be a table of"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "shop.json").write_text(content)
    with pytest.raises(ConfigError) as error:
        library_extension.use(("shop.json",), str(tmp_path))

    assert message in str(error.value)
    assert f"library-knowledge: {tmp_path / 'shop.json'}: " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        library_extension.use(("shop.json",), str(tmp_path))
