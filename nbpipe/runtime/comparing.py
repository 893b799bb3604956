"""Two values compared: equal, close (by how much), different (where), or not comparable (why)."""

from __future__ import annotations

import math
import numbers
import sys
from typing import Any, NamedTuple

from .fingerprints import UNLIMITED, fingerprint
from .fingerprints.objects import reduce
from .serializers import load_value
from .showing import sides
from .store import CorruptedArtifact, Store

EQUAL = "equal"
CLOSE = "close"
DIFFERENT = "different"
NOT_COMPARABLE = "not comparable"


class Comparison(NamedTuple):
    """What comparing two values gave.

    Attributes:
        verdict: ``equal``, ``close``, ``different`` or ``not comparable``.
        difference: the largest absolute difference of two numbers met.
        where: the part where the values differ (or differ most).
        reason: why they are different, or not comparable.
        shown: both values side by side, where that was asked for: the fields of `nbpipe.runtime.showing.Sides`.
    """

    verdict: str
    difference: float = 0.0
    where: str = ""
    reason: str = ""
    shown: tuple[str, ...] = ()


class _Different(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, where: str, reason: str, difference: float = 0.0) -> None:
        super().__init__(reason)
        self.comparison = Comparison(DIFFERENT, difference, where, reason)


def compare(a: object, b: object, *, rtol: float = 0.0, atol: float = 0.0, local: tuple[str, ...] = ()) -> Comparison:
    """Compare two values in full, part by part; numbers are close when ``|a - b| <= atol + rtol * |b|``."""
    first, second = (fingerprint(value, local=local, limits=UNLIMITED) for value in (a, b))
    for print_ in (first, second):
        if not print_.comparable:
            return Comparison(NOT_COMPARABLE, reason=print_.reason)
    if first.digest == second.digest:
        return Comparison(EQUAL)
    walk = _Walk(rtol, atol, local)
    try:
        walk.parts(a, b, "")
    except _Different as different:
        return different.comparison
    except RecursionError:
        return Comparison(DIFFERENT, reason="the values differ, too deeply nested to say where")
    if not walk.noted:
        return Comparison(DIFFERENT, reason="the values differ in more than their numbers")
    return Comparison(CLOSE, walk.difference, walk.where)


class _Walk:
    """Two values side by side; keeps the largest difference that is within the tolerance."""

    def __init__(self, rtol: float, atol: float, local: tuple[str, ...]) -> None:
        self.rtol = rtol
        self.atol = atol
        self.local = local
        self.difference = 0.0
        self.where = ""
        self.noted = 0  # how often numbers differed within the tolerance
        self.met: set[tuple[int, int]] = set()
        self.kept: list[object] = []

    def parts(self, a: Any, b: Any, where: str) -> None:
        """Compare any two values; raises _Different at the first place that is not close."""
        pair = (id(a), id(b))
        if pair in self.met:
            return
        self.met.add(pair)
        self.kept += (a, b)
        if type(a).__name__ != type(b).__name__:
            raise _Different(where, f"a {type(a).__name__} and a {type(b).__name__}")
        if isinstance(a, bool) or a is None or isinstance(a, (str, bytes)):
            if a != b:
                raise _Different(where, f"{_short(a)} and {_short(b)}")
        elif isinstance(a, numbers.Number):
            self.numbers(a, b, where)
        elif type(a) in (list, tuple):
            self.sequences(a, b, where)
        elif type(a) is dict:
            self.mappings(a, b, where)
        else:
            self.library(a, b, where)

    def numbers(self, a: Any, b: Any, where: str) -> None:
        """Compare two numbers of one type."""
        if self.same(a, b):
            return
        try:
            difference = abs(a - b)
            close = difference <= self.atol + self.rtol * abs(b)
        except (TypeError, OverflowError, ArithmeticError):
            difference, close = math.inf, False
        self.note(float(difference), where, close=bool(close), reason=f"{_short(a)} and {_short(b)}")

    def note(self, difference: float, where: str, *, close: bool, reason: str) -> None:
        """Take one difference into account."""
        if not close:
            raise _Different(where, reason, difference)
        self.noted += 1
        if difference > self.difference:
            self.difference, self.where = difference, where

    def sequences(self, a: Any, b: Any, where: str) -> None:
        """Compare item by item."""
        if len(a) != len(b):
            raise _Different(where, f"{len(a)} and {len(b)} items")
        for place, (one, other) in enumerate(zip(a, b)):  # noqa: B905 - `strict` is newer than Python 3.9
            self.parts(one, other, f"{where}[{place}]")

    def mappings(self, a: dict[Any, Any], b: dict[Any, Any], where: str) -> None:
        """Compare keys, their order, and the values."""
        if list(a) != list(b):
            keys = [key for key in (*a, *b) if (key in a) != (key in b)]
            raise _Different(where, f"key {_short(keys[0])} is in one only" if keys else "keys in another order")
        for key, value in a.items():
            self.parts(value, b[key], f"{where}[{key!r}]")

    def library(self, a: Any, b: Any, where: str) -> None:
        """Compare arrays and frames by their numbers, all else by what it reduces to."""
        if self.same(a, b):
            return
        noted, package, name = self.noted, type(a).__module__.partition(".")[0], type(a).__name__
        if (package, name) == ("numpy", "ndarray"):
            self.arrays(a, b, where)
        elif (package, name) == ("pandas", "DataFrame"):
            self.frames(a, b, where)
        elif package == "pandas" and (name == "Series" or name.endswith("Index")):
            self.columns(a, b, where)
        elif isinstance(a, (set, frozenset)) and a != b:
            raise _Different(where, f"{_short(next(iter(a ^ b)))} is in one only")
        else:
            self.objects(a, b, where)
        if self.noted == noted:
            raise _Different(where, f"two {name} differ in more than their numbers")

    def same(self, a: Any, b: Any) -> bool:
        """Tell whether two parts are equal."""
        one, other = (fingerprint(value, local=self.local, limits=UNLIMITED) for value in (a, b))
        return one.digest == other.digest

    def arrays(self, a: Any, b: Any, where: str) -> None:
        """Compare dtype, shape and numbers."""
        numpy = sys.modules["numpy"]
        if a.dtype != b.dtype or a.shape != b.shape:
            raise _Different(where, f"{a.dtype}{a.shape} and {b.dtype}{b.shape}")
        if a.dtype.names:
            for name in a.dtype.names:
                self.arrays(a[name], b[name], f"{where}[{name!r}]")
        elif self.same(a, b):
            return
        elif a.dtype.kind in "fciu":
            one, other = (numpy.asarray(value) for value in (a, b))
            if a.dtype.kind in "iu":
                one, other = one.astype(object), other.astype(object)
            self._numeric(numpy, one, other, where)
        elif a.dtype.kind == "O":
            self.sequences(a.ravel().tolist(), b.ravel().tolist(), where)
        else:
            differ = numpy.flatnonzero((a != b).ravel())
            raise _Different(f"{where}[{differ[0]}]" if len(differ) else where, "other values")

    def _numeric(self, numpy: Any, a: Any, b: Any, where: str) -> None:
        unequal = (a != b) & ~((a != a) & (b != b))  # noqa: PLR0124 - NaN
        if not unequal.any():
            self.noted += 1  # only the signs of zeros differ
            return
        places = numpy.argwhere(numpy.atleast_1d(unequal))
        one, other = numpy.atleast_1d(a)[tuple(places.T)], numpy.atleast_1d(b)[tuple(places.T)]
        differences = numpy.abs(one - other).astype(float)
        excess = differences - (self.atol + self.rtol * numpy.abs(other).astype(float))
        worst = int(numpy.argmax(numpy.where(numpy.isnan(excess), numpy.inf, excess)))
        place = f"{where}[{', '.join(map(str, places[worst].tolist()))}]"
        reason = f"{_short(one[worst])} and {_short(other[worst])}; {len(places)} of {a.size} values differ"
        self.note(float(differences.max()), place, close=bool((excess <= 0).all()), reason=reason)

    def frames(self, a: Any, b: Any, where: str) -> None:
        """Compare labels and, column by column, dtypes and values."""
        self.columns(a.columns, b.columns, f"{where}.columns")
        self.columns(a.index, b.index, f"{where}.index")
        if a.attrs != b.attrs:
            raise _Different(f"{where}.attrs", "other attrs")
        for place, name in enumerate(a.columns):
            self.columns(a.iloc[:, place], b.iloc[:, place], f"{where}[{name!r}]", index=False)

    def columns(self, a: Any, b: Any, where: str, *, index: bool = True) -> None:
        """Compare two series or indexes."""
        numpy = sys.modules["numpy"]
        if len(a) != len(b):
            raise _Different(where, f"{len(a)} and {len(b)} values")
        if a.dtype != b.dtype:
            raise _Different(where, f"dtypes {a.dtype} and {b.dtype}")
        if index and hasattr(a, "index") and not self.same(a.index, b.index):
            self.columns(a.index, b.index, f"{where}.index")
        if tuple(getattr(a, "names", [a.name])) != tuple(getattr(b, "names", [b.name])):
            raise _Different(where, f"names {a.name!r} and {b.name!r}")
        if isinstance(a.dtype, numpy.dtype) and a.dtype.kind in "fciu":
            self.arrays(a.to_numpy(), b.to_numpy(), where)
        elif not self.same(a.array, b.array):
            self.sequences(list(a), list(b), where)
            raise _Different(where, "other values")

    def objects(self, a: Any, b: Any, where: str) -> None:
        """Compare what two objects reduce to: constructor, arguments, state, items."""
        try:
            one, other = reduce(a), reduce(b)
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001 - a user's __reduce__ may raise anything
            raise _Different(where, f"two different {type(a).__name__}") from None
        if isinstance(one, str) or isinstance(other, str) or len(one) != len(other):
            raise _Different(where, f"two different {type(a).__name__}")
        for left, right in zip(_readable(one), _readable(other)):  # noqa: B905 - as above
            self.state(left, right, where)

    def state(self, a: Any, b: Any, where: str) -> None:
        """Compare two states: attributes whatever their order."""
        if type(a) is dict and type(b) is dict and all(type(key) is str for key in (*a, *b)):
            for name in sorted({*a, *b}):
                if (name in a) != (name in b):
                    raise _Different(f"{where}.{name}", "one has this attribute only")
                self.parts(a[name], b[name], f"{where}.{name}")
        elif type(a) is type or callable(a):
            if not self.same(a, b):
                raise _Different(where, f"{_short(a)} and {_short(b)}")
        else:
            self.parts(a, b, where)


def _readable(reduced: tuple[Any, ...]) -> list[Any]:
    make, arguments, *rest = reduced
    plain = [part for part in arguments if not isinstance(part, type)]
    return [make, plain, *(list(part) if hasattr(part, "__next__") else part for part in rest)]


def _short(value: Any) -> str:
    plain = value.item() if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () else value
    text = repr(plain)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - characters of a message


def compare_stored(request: dict[str, Any]) -> dict[str, Any]:
    """Compare stored values pair by pair.

    Args:
        request: ``path`` (entries for `sys.path`), ``local`` (see `fingerprint`) and ``pairs``: ``name``, ``a`` and
            ``b`` (each ``store`` and ``key``), ``rtol``, ``atol``, ``show``.

    Returns:
        ``comparisons``: name to the fields of a `Comparison`.
    """
    sys.path[:0] = request.get("path", [])
    local = tuple(request.get("local", ()))
    found = {}
    for pair in request["pairs"]:
        try:
            a, b = (load_value(Store(side["store"]), side["key"]) for side in (pair["a"], pair["b"]))
        except (CorruptedArtifact, ImportError, AttributeError) as error:
            found[pair["name"]] = Comparison(NOT_COMPARABLE, reason=str(error))._asdict()
            continue
        tolerances = {"rtol": pair.get("rtol", 0.0), "atol": pair.get("atol", 0.0)}
        comparison = compare(a, b, local=local, **tolerances)
        if pair.get("show") and comparison.verdict != EQUAL:
            comparison = comparison._replace(shown=tuple(sides(a, b)))
        found[pair["name"]] = comparison._asdict()
    return {"comparisons": found}
