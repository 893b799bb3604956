from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from nbpipe.runtime import aliasing
from nbpipe.runtime.aliasing import find_aliases
from tests.runtime.samples import Account

if TYPE_CHECKING:
    from collections.abc import Mapping


def _names(values: Mapping[str, object]) -> list[tuple[str, ...]]:
    return [group.names for group in find_aliases(values)]


def test_two_names_for_one_object() -> None:
    df = pd.DataFrame({"a": [1]})
    assert find_aliases({"df": df, "view": df}) == ((("df", "view"), "df and view are one DataFrame", ()),)


def test_a_container_and_what_it_holds() -> None:
    losses: list[float] = []
    history = {"loss": losses, "epochs": 3}
    groups = find_aliases({"losses": losses, "history": history, "other": [1.0]})
    assert groups == ((("history", "losses"), "losses and history['loss'] are one list", ()),)


def test_attributes_slots_closures_and_defaults_reach_objects() -> None:
    entries: list[float] = []
    account = Account("anna", entries)

    def append(value: float, target: list[float] = entries) -> None:
        target.append(value)

    def read() -> list[float]:
        return entries

    assert _names({"a": account, "b": append, "c": read, "d": {"inner": (1, entries)}, "e": []}) == [
        ("a", "b", "c", "d")
    ]


def test_bound_methods_and_members_of_sets() -> None:
    account = Account("anna")
    assert _names({"pay": [account.pay], "account": account}) == [("account", "pay")]


def test_what_cannot_change_is_no_alias() -> None:
    text, number, pair = "x" * 50, 10**20, (1, "a")
    shared = {"a": text, "b": text, "c": number, "d": number, "e": pair, "f": pair, "g": (pair,), "h": frozenset(pair)}
    assert _names({**shared, "i": pd.Timestamp("2024"), "j": Account, "k": Account, "l": np, "m": np}) == []


def test_the_columns_that_pandas_before_3_keeps_of_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aliasing, "_frames_copy_on_write", lambda: False)
    df = pd.DataFrame({"a": [1, 2]})
    object.__setattr__(df, "_item_cache", {"a": df["a"]})
    assert find_aliases({"df": df}) == ()
    assert _names({"df": df, "column": df["a"]}) == [("column", "df")]


def test_views_of_one_array() -> None:
    array = np.arange(10)
    assert _names({"whole": array, "part": array[2:5]}) == [("part", "whole")]
    assert _names({"part": array[2:5], "rest": array[6:]}) == []
    assert _names({"whole": array, "copy": array.copy()}) == []
    assert _names({"even": array[::2], "odd": array[1::2]}) == []


def test_memory_shared_inside_one_value() -> None:
    array = np.arange(10)
    assert find_aliases({"d": {"a": array, "v": array[1:]}})[0].names == ("d",)
    group = find_aliases({"array": array, "pair": (array, array[1:]), "half": array[5:]})[0]
    assert (group.names, group.inside) == (("array", "half", "pair"), ("pair",))


def test_frames_that_copy_on_write_share_nothing() -> None:
    df = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 3.0]})
    parts = {
        "df": df,
        "column": df["a"],
        "head": df.head(2),
        "part": df[["a"]],
        "renamed": df.rename(columns=str.upper),
    }
    assert _names(parts) == []
    assert _names({"df": df, "values": df["a"].to_numpy()}) == [("df", "values")]


def test_objects_in_cells_are_shared() -> None:
    items = [1]
    df = pd.DataFrame({"a": pd.Series([items], dtype=object)})
    assert _names({"df": df, "copy": df.copy(), "items": items}) == [("copy", "df", "items")]
    assert _names({"array": np.array([items, None], dtype=object), "items": items}) == [("array", "items")]


def test_a_split_and_fitted_models_share_nothing() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    features, labels = pd.DataFrame({"x": range(20)}), pd.Series([0, 1] * 10)
    parts = train_test_split(features, labels, random_state=0)
    model = LogisticRegression().fit(parts[0], parts[2])
    assert _names({**dict(zip("abcd", parts, strict=True)), "x": features, "y": labels, "model": model}) == []


def test_an_estimator_inside_a_pipeline_is_shared() -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    assert _names({"scaler": scaler, "model": make_pipeline(scaler)}) == [("model", "scaler")]


def test_cycles_end() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert _names({"a": loop, "b": [loop]}) == [("a", "b")]


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "a", "b"), ("b", "c", "a")])
def test_groups_join_whatever_the_order(order: tuple[str, ...]) -> None:
    first: list[int] = []
    second: list[int] = []
    values = {"a": [first], "b": [first, second], "c": [second]}
    assert _names({name: values[name] for name in order}) == [("a", "b", "c")]
