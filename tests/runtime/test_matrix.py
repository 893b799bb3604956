"""Values of every kind that steps pass: each made in two ways, stored and read; or refused by name, with advice."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import functools
import io
import itertools
import pickle
import random
import socket
import sqlite3
import tempfile
import threading
import types
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from nbpipe.runtime.comparing import EQUAL, compare
from nbpipe.runtime.fingerprints import fingerprint
from nbpipe.runtime.serializers import Unserializable, load_value, save_value
from nbpipe.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Flag(enum.Flag):
    READ = 1
    WRITE = 2


class Row(NamedTuple):
    name: str
    amount: float


@dataclass
class Order:
    name: str
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Fixed:
    a: int
    b: tuple[int, ...] = ()


def _adder(start: list[int]) -> Callable[[int], int]:
    return lambda amount: start[0] + amount


def _built(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(list(reversed(pairs))))


def _order(*, late: bool) -> Order:
    order = Order("anna", [Row("x", 1.5)])
    if late:
        order = Order("", [])
        del order.name
        order.rows.append(Row("x", 1.5))
        order.name = "an" + "na"
    return order


FRAME: dict[str, Any] = {"n": [1, 2, 3], "t": ["a", "b", None], "f": [0.5, np.nan, 2.0]}


def _by_columns() -> pd.DataFrame:
    frame = pd.DataFrame(index=range(3))
    for name, values in FRAME.items():
        frame[name] = values
    return frame


def _zoned(*, shifted: bool) -> pd.DataFrame:
    times = pd.to_datetime(["2024-03-31 00:30", "2024-03-31 03:30"])
    if shifted:
        return pd.DataFrame(
            {"at": (times - pd.Timedelta(hours=1)).tz_localize("Etc/GMT-1").tz_convert("Europe/Rome")[:1]}
        )
    return pd.DataFrame({"at": times.tz_localize("Europe/Rome")[:1] - pd.Timedelta(hours=1)})


def _features() -> Any:
    return np.arange(60.0).reshape(20, 3) % 7


def _estimator(*, stepwise: bool) -> Any:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    if stepwise:
        pipeline = Pipeline([("scale", StandardScaler()), ("fit", Ridge())])
        pipeline.set_params(fit__alpha=2.0)
    else:
        pipeline = Pipeline(steps=[("scale", StandardScaler(with_mean=True)), ("fit", Ridge(2.0))])
    return pipeline.fit(_features(), np.arange(20.0))


def _forest(seed: int = 0) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(4, random_state=seed).fit(_features(), np.arange(20) % 2)


def _columns_transformer() -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0], "t": ["a", "b", "a"]})
    return ColumnTransformer([("n", StandardScaler(), ["n"]), ("t", OneHotEncoder(), ["t"])]).fit(frame)


def _least_squares() -> Any:
    import statsmodels.api as sm

    x = sm.add_constant(_features())
    return sm.OLS(np.arange(20.0), x).fit()


def _figure() -> Any:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([1, 2, 3], [3, 1, 2], label="line")
    return figure


def _multi(*, from_product: bool) -> pd.MultiIndex:
    if from_product:
        return pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"])
    return pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1), ("b", 2)], names=["x", "y"])


def _structured(order: list[int]) -> Any:
    array = np.zeros(2, dtype=[("name", "U3"), ("value", "f8")])
    for place in order:
        array[place] = ("ab"[place], float(place))
    return array


def _sparse(kind: str) -> Any:
    return getattr(sparse, f"{kind}_matrix")((np.array([1.0, 2.0]), (np.array([0, 2]), np.array([1, 0]))), shape=(3, 3))


def _cached() -> Any:
    @functools.lru_cache
    def double(number: int) -> int:
        return 2 * number

    return double.__wrapped__


# Name to one way to make the value, and another.
PAIRS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "nested dict": (lambda: {"a": {"b": [1, 2]}}, lambda: _built([("a", _built([("b", [*range(1, 3)])]))])),
    "list of tuples": (lambda: [(1, "a"), (2, "b")], lambda: list(zip([1, 2], "ab", strict=True))),
    "set": (lambda: {"x", "y", "z"}, lambda: set("zyx")),
    "frozenset of tuples": (lambda: frozenset({(1, 2), (3,)}), lambda: frozenset([(3,), (1, 2)])),
    "big integer": (lambda: 2**200, lambda: int(str(2**200))),
    "float": (lambda: 0.1 + 0.2, lambda: 0.30000000000000004),
    "nan": (lambda: [float("nan")], lambda: [float("inf") - float("inf")]),
    "text": (lambda: "über", b"\xc3\xbcber".decode),
    "bytes": (lambda: b"\x00\x01", lambda: bytes(range(2))),
    "counter": (lambda: collections.Counter("abba"), lambda: collections.Counter({"a": 2, "b": 2})),
    "default dict": (
        lambda: collections.defaultdict(list, a=[1]),
        lambda: _grouped([("a", 1)]),
    ),
    "deque": (lambda: collections.deque([2, 3], 2), lambda: collections.deque([1, 2, 3], 2)),
    "ordered dict": (lambda: collections.OrderedDict(a=1), lambda: collections.OrderedDict([("a", 1)])),
    "namespace": (lambda: types.SimpleNamespace(a=1, b=2), lambda: types.SimpleNamespace(b=2, a=1)),
    "date and time": (
        lambda: dt.datetime(2024, 2, 29, 12, tzinfo=ZoneInfo("Asia/Tokyo")),
        lambda: dt.datetime.fromisoformat("2024-02-29T12:00:00").replace(tzinfo=ZoneInfo("Asia/Tokyo")),
    ),
    "decimal": (lambda: decimal.Decimal("1.10"), lambda: decimal.Decimal((0, (1, 1, 0), -2))),
    "enum": (lambda: Size.SMALL, lambda: Size("s")),
    "flag": (lambda: Flag.READ | Flag.WRITE, lambda: Flag(3)),
    "dict of enums": (lambda: {Size.SMALL: 1}, lambda: {Size["SMALL"]: 1}),
    "named tuple": (lambda: Row("a", 1.0), lambda: Row._make(["a", 1.0])),
    "dataclass": (lambda: _order(late=False), lambda: _order(late=True)),
    "frozen dataclass": (lambda: Fixed(1, (2,)), lambda: Fixed(b=(2,), a=1)),
    "class": (lambda: Order, lambda: globals()["Order"]),
    "function": (lambda: _features, lambda: globals()["_features"]),
    "closure": (lambda: _adder([3]), lambda: _adder([*range(3, 4)])),
    "partial": (lambda: functools.partial(int, base=2), lambda: functools.partial(functools.partial(int), base=2)),
    "inner function": (_cached, _cached),
    "random": (lambda: random.Random(3), lambda: _seeded(3)),
    "generator of numpy": (
        lambda: np.random.default_rng(3),
        lambda: np.random.Generator(np.random.PCG64(3)),
    ),
    "array": (lambda: np.array([1.0, 2.0]), lambda: np.arange(1.0, 3.0)),
    "array, Fortran order": (lambda: np.asfortranarray(np.eye(3)), lambda: np.eye(3).T.copy("F")),
    "view of an array": (lambda: np.arange(10)[::2], lambda: np.arange(0, 10, 2)),
    "read-only array": (lambda: _read_only(np.arange(3)), lambda: _read_only(np.array([0, 1, 2]))),
    "empty array": (lambda: np.zeros((0, 3)), lambda: np.ones((2, 3))[:0]),
    "array without dimensions": (lambda: np.array(2.5), lambda: np.array([2.5])[0:1].reshape(())),
    "object array": (lambda: np.array([1, "a"], dtype=object), lambda: _objects([1, "a"])),
    "structured array": (lambda: _structured([0, 1]), lambda: _structured([1, 0])),
    "masked array": (
        lambda: np.ma.masked_array([1.0, 99.0], mask=[False, True]),
        lambda: np.ma.masked_greater(np.array([1.0, 50.0]), 10),
    ),
    "text array": (lambda: np.array(["a", "bc"]), lambda: np.array(["a", "b"]) + np.array(["", "c"])),
    "date array": (lambda: np.array(["2024-01-01"], dtype="M8[D]"), lambda: np.array([19723], dtype="M8[D]")),
    "numpy scalar": (lambda: np.float32(0.5), lambda: np.array([0.5], dtype="f4")[0]),
    "sparse rows": (lambda: _sparse("csr"), lambda: _sparse("coo").tocsr()),
    "sparse columns": (lambda: _sparse("csc"), lambda: _sparse("csr").tocsc()),
    "sparse array": (lambda: sparse.csr_array(np.eye(3)), lambda: sparse.csr_array(sparse.eye_array(3))),
    "frame": (lambda: pd.DataFrame(FRAME), _by_columns),
    "frame of one dtype": (
        lambda: pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"]),
        lambda: pd.DataFrame({"a": [0.0, 2.0, 4.0], "b": [1.0, 3.0, 5.0]}),
    ),
    "frame with two levels": (
        lambda: pd.DataFrame({"v": range(4)}, index=_multi(from_product=True)),
        lambda: pd.DataFrame({"v": [0, 1, 2, 3]}, index=_multi(from_product=False)),
    ),
    "frame with named columns": (
        lambda: pd.DataFrame([[1, 2]], columns=pd.Index(["a", "b"], name="c")),
        lambda: pd.DataFrame({"a": [1], "b": [2]}).rename_axis(columns="c"),
    ),
    "frame with whole-number columns": (lambda: pd.DataFrame([[1, 2]]), lambda: pd.DataFrame({0: [1], 1: [2]})),
    "frame with equal columns": (
        lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        lambda: pd.DataFrame({"a": [1], "b": [2]}).set_axis(["a", "a"], axis=1),
    ),
    "categorical column": (
        lambda: pd.DataFrame({"c": pd.Categorical(["u", "v"], categories=["v", "u"], ordered=True)}),
        lambda: pd.DataFrame({"c": pd.Series(["u", "v"]).astype(pd.CategoricalDtype(["v", "u"], ordered=True))}),
    ),
    "time zones": (lambda: _zoned(shifted=False), lambda: _zoned(shifted=True)),
    "nullable columns": (
        lambda: pd.DataFrame({"i": pd.array([1, None], dtype="Int64"), "b": pd.array([True, None], dtype="boolean")}),
        lambda: pd.DataFrame({"i": [1, None], "b": [True, None]}).astype({"i": "Int64", "b": "boolean"}),
    ),
    "object column": (
        lambda: pd.DataFrame({"o": pd.Series([[1], {"a": 2}, None], dtype=object)}),
        lambda: pd.DataFrame({"o": pd.Series([[*range(1, 2)], dict(a=2), None], dtype=object)}),  # noqa: C408
    ),
    "Arrow-backed frame": (
        lambda: pd.DataFrame(FRAME).convert_dtypes(dtype_backend="pyarrow"),
        lambda: _by_columns().convert_dtypes(dtype_backend="pyarrow"),
    ),
    "periods and intervals": (
        lambda: pd.DataFrame({"p": pd.period_range("2024-01", periods=2, freq="M"), "i": pd.interval_range(0, 2)}),
        lambda: pd.DataFrame({"p": pd.PeriodIndex(["2024-01", "2024-02"], freq="M"), "i": pd.interval_range(0, 2)}),
    ),
    "durations": (
        lambda: pd.DataFrame({"d": pd.to_timedelta(["1 day", "2 days"])}),
        lambda: pd.DataFrame({"d": pd.to_timedelta([24, 48], unit="h").as_unit("us")}).astype("timedelta64[us]"),
    ),
    "frame with attributes": (lambda: _with_attributes({"a": 1}), lambda: _with_attributes(dict([("a", 1)]))),  # noqa: C406
    "empty frame": (pd.DataFrame, lambda: pd.DataFrame([], columns=pd.RangeIndex(0))),
    "series": (lambda: pd.Series([1.0, None], name="s"), lambda: pd.DataFrame({"s": [1.0, np.nan]})["s"]),
    "grouped index": (lambda: _multi(from_product=True), lambda: _multi(from_product=False)),
    "Arrow table": (lambda: pa.table({"a": [1, 2]}), lambda: pa.Table.from_pylist([{"a": 1}, {"a": 2}])),
    "estimators in steps": (lambda: _estimator(stepwise=False), lambda: _estimator(stepwise=True)),
    "forest": (_forest, _forest),
    "transformer of columns": (_columns_transformer, _columns_transformer),
    "least squares of statsmodels": (_least_squares, _least_squares),
    "figure": (_figure, _figure),
    "text in memory": (lambda: io.StringIO("text"), lambda: io.StringIO("te" + "xt")),
    "exception": (lambda: ValueError("bad", 3), lambda: ValueError(*["bad", 3])),
}


def _grouped(pairs: list[tuple[str, int]]) -> Any:
    table: Any = collections.defaultdict(list)
    for key, value in pairs:
        table[key].append(value)
    return table


def _seeded(seed: int) -> random.Random:
    source = random.Random()
    source.seed(seed)
    return source


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _with_attributes(attributes: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs.update(attributes)
    return frame


@pytest.mark.parametrize("name", PAIRS)
def test_made_in_two_ways_stored_and_read(name: str, tmp_path: Path) -> None:
    one, other = (make() for make in PAIRS[name])
    local = (__name__,)
    known = fingerprint(one, local=local)
    assert known.proves_equality, known.reason
    assert fingerprint(other, local=local) == known
    store = Store(tmp_path)
    artifact = save_value(one, store, local=local)
    again = load_value(store, artifact.key)
    assert fingerprint(again, local=local) == known
    assert type(again) is type(one)
    assert compare(one, again, local=local).verdict == EQUAL
    assert fingerprint(one, local=local) == known  # storing it has not changed it


class _Unreadable:
    def __reduce__(self) -> Any:
        raise TypeError("no")


class _Weak:
    pass


def _counting() -> Iterator[int]:
    yield from range(3)


# Name to what makes the value, a part of the reason, and of the advice.
REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "generator": (_counting, "a generator", "make a list of it"),
    "iterator of a list": (lambda: iter([1, 2]), "a list_iterator", "make a list of it"),
    "zip": (lambda: zip([1], [2], strict=True), "a zip", "make a list of it"),
    "map in a dict": (lambda: {"rows": map(str, [1])}, "['rows']: a map", "make a list of it"),
    "islice": (lambda: itertools.islice(itertools.count(), 3), "a islice", "make a list of it"),
    "chunks of a reader": (
        lambda: pd.read_csv(io.StringIO("a\n1\n2\n"), chunksize=1),
        "",
        "",
    ),
    "lock": (threading.Lock, "a lock", "build it in the step that uses it"),
    "lock in an object": (
        lambda: types.SimpleNamespace(guard=threading.RLock()),
        ".guard: a lock".lstrip("."),
        "build",
    ),
    "open file": (tempfile.TemporaryFile, "an open file", "pass the path"),
    "connection": (lambda: sqlite3.connect(":memory:"), "connection", "pass the address"),
    "socket": (socket.socket, "a socket", "build it in the step that uses it"),
    "module": (lambda: itertools, "a module (itertools)", "import it"),
    "weak reference": (lambda: weakref.ref(_Weak), "a weak reference", "build it"),
    "thread": (threading.Thread, "", "build it in the step that uses it"),
    "what refuses itself": (_Unreadable, "an object without a readable value", "build it in the step that uses it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_with_advice(name: str, tmp_path: Path) -> None:
    make, reason, advice = REFUSED[name]
    value = make()
    try:
        with pytest.raises(Unserializable) as caught:
            save_value(value, Store(tmp_path))
    finally:
        if hasattr(value, "close"):
            value.close()
    assert reason in caught.value.reason
    assert advice in caught.value.advice
    assert caught.value.reason
    assert not (tmp_path / "objects").exists()


def test_a_refused_iterator_is_not_consumed(tmp_path: Path) -> None:
    numbers = iter([1, 2, 3])
    with pytest.raises(Unserializable):
        save_value(numbers, Store(tmp_path))
    assert list(numbers) == [1, 2, 3]


def test_nothing_is_drawn(tmp_path: Path) -> None:
    source = np.random.default_rng(3)
    before = pickle.dumps(source.bit_generator.state)
    save_value(source, Store(tmp_path))
    assert pickle.dumps(source.bit_generator.state) == before


def test_the_matrix_is_large_enough() -> None:
    assert len(PAIRS) >= 60
