from __future__ import annotations

import pickle
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from nbpipe.runtime.fingerprints import Limits, fingerprint
from tests.runtime.samples import LIBRARY


def _same(first: object, second: object) -> bool:
    return fingerprint(first).digest == fingerprint(second).digest


@pytest.mark.parametrize("name", LIBRARY)
def test_values_of_many_kinds(name: str) -> None:
    make = LIBRARY[name]
    first = fingerprint(make())
    assert first.comparable, first.reason
    assert fingerprint(make()) == first
    assert fingerprint(pickle.loads(pickle.dumps(make()))) == first


def test_memory_layout_does_not_show() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    assert _same(array, np.asfortranarray(array))
    assert _same(array[:, ::2], array[:, ::2].copy())
    assert _same(array.T, array.T.copy())
    assert not _same(array, array.T)
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    assert _same(frame, pd.DataFrame(np.array([[1.0, 3.0], [2.0, 4.0]]), columns=["a", "b"]))
    assert _same(frame, frame.set_index(pd.Index([0, 1])))


def test_large_arrays_stream_to_the_same_digest_in_any_layout() -> None:
    array = np.arange(3_000_000.0).reshape(3, 1000, 1000)
    assert _same(array, np.asfortranarray(array))
    changed = array.copy()
    changed[2, 999, 999] += 1
    assert not _same(array, changed)


def test_all_nans_are_one() -> None:
    negative = np.array([0.0])
    negative[0] = -np.nan
    assert _same(np.array([np.nan]), negative)
    assert _same(np.array([complex(np.nan, 1)]), np.array([complex(-np.nan, 1)]))
    assert not _same(np.array([np.nan]), np.array([1.0]))
    assert not _same(np.array([0.0]), np.array([-0.0]))


def test_padding_of_structures_and_long_doubles_does_not_show() -> None:
    dtype = np.dtype([("flag", "i1"), ("value", "f8")], align=True)
    one, other = np.frombuffer(bytes(16), dtype).copy(), np.frombuffer(b"\0" + b"\7" * 7 + bytes(8), dtype).copy()
    assert one.tobytes() != other.tobytes()
    assert _same(one, other)
    assert not _same(np.longdouble("0.1"), np.longdouble(0.1)) or np.longdouble("0.1") == np.longdouble(0.1)
    assert _same(np.array([np.inf, np.nan, 1], "longdouble"), np.array([np.inf, np.nan, 1], "longdouble"))


@pytest.mark.parametrize(
    "change",
    [
        lambda df: df.assign(a=[1, 2, 4]),
        lambda df: df.astype({"a": "int32"}),
        lambda df: df[["b", "a"]],
        lambda df: df.rename(columns={"a": "c"}),
        lambda df: df.set_index(pd.Index([0, 1, 3])),
        lambda df: df.rename_axis("i"),
        lambda df: df.rename_axis(columns="i"),
        lambda df: df.iloc[:2],
        lambda df: df.replace({"b": {"x": None}}),
        lambda df: df.assign(b=df["b"].astype(object)),
        lambda df: df.assign(b=df["b"].astype("category")),
        lambda df: df["a"],
    ],
)
def test_one_change_of_a_frame_shows(change: Any) -> None:
    df = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert not _same(df, change(df))
    df.attrs["unit"] = "kg"
    assert not _same(df, pd.DataFrame(df.copy().to_dict("list")))


def test_categories_and_their_order_show() -> None:
    one = pd.Categorical(["a", "b"])
    assert not _same(one, one.reorder_categories(["b", "a"]))
    assert not _same(one, one.add_categories(["c"]))
    assert not _same(one, one.as_ordered())


def test_sparse_matrices_are_canonical() -> None:
    from scipy import sparse

    one = sparse.csr_matrix(([1.0, 2.0, 3.0], [1, 0, 1], [0, 2, 3]), shape=(2, 2))
    other = sparse.csr_matrix(np.array([[2.0, 1.0], [0.0, 3.0]]))
    assert _same(one, other)
    assert not _same(one, other.tocsc())
    assert not one.has_sorted_indices


def test_generators_show_their_state_and_are_not_drawn_from() -> None:
    for make in (LIBRARY["random state"], LIBRARY["generator"]):
        one, other = make(), make()
        assert _same(one, other)
        other.normal()
        assert not _same(one, other)
        again = make()
        fingerprint(again)
        assert again.normal() == one.normal()


def test_estimators_are_equal_when_fitted_alike() -> None:
    from sklearn.tree import DecisionTreeClassifier

    features, labels = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    one, other = (DecisionTreeClassifier(random_state=0).fit(features, labels) for _ in range(2))
    assert _same(one, other)
    assert not _same(one, DecisionTreeClassifier(random_state=0, max_depth=1).fit(features, labels))
    assert not _same(one, DecisionTreeClassifier(random_state=0))
    labels[3] = 1 - labels[3]
    assert not _same(one, DecisionTreeClassifier(random_state=0).fit(features, labels))


def test_large_arrays_are_sampled_and_say_so() -> None:
    limits = Limits(items=1000, bytes=1 << 20)
    array = np.arange(300_000.0)
    result = fingerprint(array, limits=limits)
    assert result.sampled
    assert fingerprint(array.copy(), limits=limits) == result
    assert fingerprint(array.reshape(3, -1), limits=limits).digest != result.digest
    array[-1] = 0
    assert fingerprint(array, limits=limits).digest != result.digest


def test_figures_are_what_they_look_like_and_stay_untouched() -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figures = []
    for data in ([1, 2, 3], [1, 2, 3], [1, 2, 4]):
        figure, axes = plt.subplots(figsize=(2, 2))
        axes.plot(data)
        figures.append((figure, axes))
    numbers = plt.get_fignums()
    canvas = figures[0][0].canvas
    assert _same(figures[0][0], figures[1][0])
    assert not _same(figures[0][0], figures[2][0])
    assert _same(figures[0][1], figures[1][1])
    assert not fingerprint(figures[0][1].lines[0]).comparable
    assert plt.get_fignums() == numbers
    assert figures[0][0].canvas is canvas
    plt.close("all")


def test_two_searches_over_parameters_are_equal_although_their_fits_took_other_times() -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    tree = pytest.importorskip("sklearn.tree")
    points, targets = np.arange(60.0).reshape(30, 2), np.arange(30) % 2

    def search(*depths: int) -> Any:
        model = tree.DecisionTreeClassifier(random_state=0)
        return selection.GridSearchCV(model, {"max_depth": depths}, cv=3).fit(points, targets)

    one, same, other = search(1, 2), search(1, 2), search(1, 3)
    same.refit_time_ += 1.0
    same.cv_results_["mean_fit_time"] += 1.0
    assert fingerprint(one).digest == fingerprint(same).digest != fingerprint(other).digest
