"""Values of many kinds, each made anew by a call, so that two of them are equal and share nothing."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import operator
import random
import re
import types
import uuid
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Point(NamedTuple):
    x: int
    y: float


@dataclass
class Account:
    owner: str
    entries: list[float] = field(default_factory=list)

    def pay(self, amount: float) -> None:
        self.entries.append(amount)


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left: int, right: list[int]) -> None:
        self.left = left
        self.right = right


class Node:
    def __init__(self) -> None:
        self.parent: Node | None = None
        self.children: list[Node] = []


class Bag(dict[str, int]):
    pass


def _tree() -> Node:
    root = Node()
    for _ in range(3):
        child = Node()
        child.parent = root
        root.children.append(child)
    return root


def _loop() -> list[Any]:
    items: list[Any] = [1]
    items.append(items)
    return items


def _closure(start: int) -> Callable[[int], int]:
    def add(amount: int, times: int = 2) -> int:
        return start + amount * times

    return add


def _structured() -> Any:
    dtype = np.dtype([("flag", "i1"), ("value", "f8")], align=True)
    return np.array([(1, 2.5), (0, np.nan)], dtype=dtype)


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "text": ["a", None, "c"],
            "kind": pd.Categorical(["u", "v", "u"], categories=["v", "u"], ordered=True),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "when": pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin"),
        }
    )


def _fitted() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = np.arange(40.0).reshape(20, 2) % 7
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(features, np.arange(20) % 2)


def _forest() -> Any:
    from sklearn.ensemble import RandomForestRegressor

    features = np.arange(40.0).reshape(20, 2) % 7
    return RandomForestRegressor(3, random_state=0).fit(features, np.arange(20.0))


def _sparse() -> Any:
    from scipy import sparse

    return sparse.csr_matrix(np.eye(4))


def _bit_generator() -> Any:
    return np.random.default_rng(5)


PLAIN: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "true": lambda: True,
    "int": lambda: 3,
    "huge int": lambda: 10**5000,
    "float": lambda: 0.1,
    "nan": lambda: float("nan"),
    "negative zero": lambda: -0.0,
    "complex": lambda: 1 - 2j,
    "text": lambda: "name",
    "lone surrogate": lambda: "\ud800",
    "bytes": lambda: b"\x00\xff",
    "bytearray": lambda: bytearray(b"ab"),
    "list": lambda: [1, [2.0, "x"], None],
    "long list": lambda: list(range(10_000)),
    "tuple": lambda: (1, (2,)),
    "dict": lambda: {"a": 1, 2: [3]},
    "set": lambda: {"x", "y", 3, (1, 2)},
    "frozenset": lambda: frozenset({"x", "y"}),
    "ordered dict": lambda: collections.OrderedDict(a=1, b=2),
    "defaultdict": lambda: collections.defaultdict(list, a=[1]),
    "counter": lambda: collections.Counter("abba"),
    "deque": lambda: collections.deque([1, 2], maxlen=5),
    "dict subclass": lambda: Bag(a=1),
    "range": lambda: range(0, 10, 3),
    "slice": lambda: slice(1, None),
    "date": lambda: dt.date(2024, 2, 29),
    "datetime": lambda: dt.datetime(2024, 2, 29, 12, tzinfo=ZoneInfo("Europe/Berlin")),
    "timedelta": lambda: dt.timedelta(days=1, microseconds=5),
    "decimal": lambda: decimal.Decimal("1.10"),
    "fraction": lambda: fractions.Fraction(1, 3),
    "path": lambda: PurePosixPath("/a/b"),
    "uuid": lambda: uuid.UUID(int=5),
    "enum": lambda: Colour.RED,
    "named tuple": lambda: Point(1, 2.0),
    "dataclass": lambda: Account("anna", [1.0]),
    "slots": lambda: Slotted(1, [2]),
    "tree": _tree,
    "loop": _loop,
    "function": lambda: _frame,
    "closure": lambda: _closure(3),
    "lambda": lambda: lambda x: x + 1,
    "partial": lambda: functools.partial(int, base=2),
    "builtin": lambda: operator.itemgetter(1),
    "class": lambda: Account,
    "pattern": lambda: re.compile("a+", re.IGNORECASE),
    "random": lambda: random.Random(3),
    "namespace": lambda: types.SimpleNamespace(a=1, b=[2]),
    "text in memory": lambda: io.StringIO("some text"),
    "exception": lambda: ValueError("bad", 3),
}

LIBRARY: dict[str, Callable[[], Any]] = {
    "array": lambda: np.arange(6.0).reshape(2, 3),
    "fortran array": lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided array": lambda: np.arange(12)[::2],
    "text array": lambda: np.array(["a", "bcd"]),
    "object array": lambda: np.array([1, "a", None], dtype=object),
    "structured array": _structured,
    "masked array": lambda: np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    "date array": lambda: np.array(["2024-01-01", "NaT"], dtype="M8[D]"),
    "numpy scalar": lambda: np.float32(0.5),
    "dtype": lambda: np.dtype("f4"),
    "ufunc": lambda: np.sin,
    "random state": lambda: np.random.RandomState(4),
    "generator": _bit_generator,
    "frame": _frame,
    "indexed frame": lambda: _frame().set_index(["whole", "kind"]),
    "wide frame": lambda: pd.DataFrame(np.arange(12.0).reshape(3, 4), columns=list("abcd")),
    "empty frame": pd.DataFrame,
    "arrow frame": lambda: _frame().convert_dtypes(dtype_backend="pyarrow"),
    "series": lambda: pd.Series([1.5, None], name="s", index=["a", "b"]),
    "object series": lambda: pd.Series([1, "a", [2]], dtype=object),
    "intervals": lambda: pd.cut(pd.Series([1, 5]), [0, 3, 6]),
    "index": lambda: pd.Index([3, 1], name="i"),
    "periods": lambda: pd.period_range("2024-01", periods=3, freq="M"),
    "multi index": lambda: pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"]),
    "categorical": lambda: pd.Categorical(["a", None]),
    "nullable array": lambda: pd.array([1.5, None], dtype="Float64"),
    "sparse series": lambda: pd.Series(pd.arrays.SparseArray([0, 0, 1])),
    "timestamp": lambda: pd.Timestamp("2024-01-01", tz="UTC"),
    "timedelta": lambda: pd.Timedelta(days=2),
    "not a time": lambda: pd.NaT,
    "not available": lambda: pd.NA,
    "offset": lambda: pd.offsets.MonthEnd(2),
    "sparse matrix": _sparse,
    "fitted pipeline": _fitted,
    "forest": _forest,
}
