# ruff: noqa: NPY002 - the global generators are observed
from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING, Any

import numpy as np

from nbpipe.runtime import generators
from nbpipe.runtime.recorder import answer, differences, observe, save, snapshot, user_names
from nbpipe.runtime.serializers import load_value
from nbpipe.runtime.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_names_of_the_user_only() -> None:
    namespace = {"df": 1, "_": 2, "_i3": "x", "In": [], "Out": {}, "np": np, "get_ipython": None, "f": len}
    assert user_names(namespace) == ("df", "f")


def test_what_a_cell_did_is_seen() -> None:
    namespace: dict[str, Any] = {"kept": [1], "grown": [1], "gone": 1, "lines": (line for line in "ab")}
    before = observe(namespace)
    namespace["grown"].append(2)
    namespace["new"] = 3
    del namespace["gone"]
    found = differences(before, observe(namespace))
    assert found["bound"] == ["new"]
    assert found["changed"] == ["grown", "lines"]
    assert found["removed"] == ["gone"]
    assert found["unknown"] == ["lines"]
    assert found["generators"] == found["state"] == found["environ"] == []


def test_global_state_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    states = generators.get_states()
    before = observe({})
    random.random()
    np.random.rand()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOP", "open")
    options = np.get_printoptions()
    np.set_printoptions(precision=3)
    found = differences(before, observe({}))
    np.set_printoptions(**options)
    generators.set_states(states)
    assert found["generators"] == ["numpy.random", "random"]
    assert found["state"] == ["cwd", "numpy.printoptions"]
    assert found["environ"] == ["SHOP"]


def test_observing_changes_nothing() -> None:
    namespace: dict[str, Any] = {"df": np.arange(3), "items": iter([1, 2])}
    first = observe(namespace)
    assert observe(namespace) == first
    assert list(namespace["items"]) == [1, 2]


def test_shared_parts_are_reported() -> None:
    part: list[int] = []
    assert observe({"a": part, "b": [part]})["aliases"][0]["names"] == ("a", "b")


def test_snapshot_of_chosen_names_leaves_out_what_is_not_bound() -> None:
    assert list(snapshot({"a": 1, "b": 2}, ["b", "c"])) == ["b"]


def test_values_are_saved_or_refused_by_name(tmp_path: Path) -> None:
    found = save({"a": [1, 2], "lines": (line for line in "ab")}, ["a", "lines"], str(tmp_path))
    assert load_value(Store(tmp_path), found["a"]["key"]) == [1, 2]
    assert found["lines"] == {
        "error": "a generator, which can be read only once",
        "advice": "make a list of it, or build it in the step that uses it",
    }


def test_requests_are_answered_in_json_and_errors_are_answers(tmp_path: Path) -> None:
    states = json.loads(answer(json.dumps({"command": "states"})))
    assert states == json.loads(json.dumps(generators.get_states()))
    path = tmp_path / "answer.json"
    assert answer(json.dumps({"command": "observe", "names": [], "path": str(path)})) == ""
    assert json.loads(path.read_text())["environ"].keys() == os.environ.keys()
    assert json.loads(answer(json.dumps({"command": "seed", "seed": "no number"})))["error"].startswith("TypeError")
