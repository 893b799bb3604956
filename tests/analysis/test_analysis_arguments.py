"""What is known of arguments: the tables agree with each other, and with calls."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from nbpipe.analysis import analyze, arguments
from nbpipe.analysis.arguments import entry, has_unknown, passed
from nbpipe.notebook import parse_notebook

FOLDER = Path(arguments.__file__).parent / "library" / "arguments"
TABLES = {
    "comment", "draws", "paths", "positional", "random", "random_sources", "random_when", "seed_argument", "settings",
    "settings_in",
}  # fmt: skip


def the_call(code: str) -> Any:
    notebook = {"cells": [{"cell_type": "code", "source": code}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return analyze(parse_notebook(json.dumps(notebook))).calls[-1]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_each_file_holds_known_tables_in_order(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))

    assert set(content) <= TABLES
    assert content.pop("comment")
    for name, table in content.items():
        assert list(table) == sorted(table), f"{path.stem}: {name} is not sorted"
    draws, random = content.get("draws", {}), {**content.get("random", {}), **content.get("random_when", {})}
    assert set(draws) <= set(random), "what draws must say when"
    for name in content.get("paths", {}):
        words = content["positional"].get(name, "").split() if "positional" in content else []
        assert len(words) == len(set(words))


def test_every_module_is_known_to_a_file_that_exists() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(arguments._FILES.values())


@pytest.mark.parametrize(
    ("name", "table", "known"),
    [
        ("sklearn.ensemble.RandomForestClassifier", "settings", True),
        ("sklearn.ensemble.forest.RandomForestClassifier", "settings", True),
        ("sklearn.ensemble.RandomForestClassifier.fit", "settings", False),
        ("os.path.join", "paths", True),
        ("open", "paths", True),
        ("elsewhere.open", "paths", False),
        ("PIL.Image.open", "paths", True),
        ("nowhere.RandomForestClassifier", "settings", False),
    ],
)
def test_names_are_found_in_full_or_by_their_last_parts(name: str, table: str, known: bool) -> None:  # noqa: FBT001
    assert (entry(table, name) is not None) is known


def test_arguments_are_matched_to_parameters() -> None:
    site = the_call("from sklearn.cluster import KMeans\nKMeans(3, tol=x, **{'n_init': 5})")
    given = passed(site, site.names[0])

    assert {name: argument.constant and argument.constant.value for name, argument in given.items()} == {
        "n_clusters": 3,
        "tol": None,
        "n_init": 5,
    }
    assert isinstance(given["tol"].node, ast.Name)
    assert given["n_init"].node is None


@pytest.mark.parametrize(
    ("call", "unknown"),
    [("f(1, a=2)", False), ("f(*x)", True), ("f(**x)", True), ("f(**{'a': 1})", False), ("f(a=1, **x)", True)],
)
def test_what_cannot_be_seen(call: str, unknown: bool) -> None:  # noqa: FBT001
    assert has_unknown(the_call(f"from somewhere import f\n{call}")) is unknown
