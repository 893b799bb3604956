"""The walk over a value: one digest a compound part, kept by identity; cycles close as in Tarjan's algorithm."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from .atoms import CHUNK, encode_atom, encode_chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

DIGEST_BYTES = 20
KEPT_ITEMS = 100_000

Place = tuple[int, int, str]
"""A stretch of memory: address, bytes, dtype."""


class Limits(NamedTuple):
    """Sizes beyond which a part is sampled: items of one container, bytes of one array."""

    items: int
    bytes: int


DEFAULT_LIMITS = Limits(items=2_000_000, bytes=1 << 30)
UNLIMITED = Limits(items=sys.maxsize, bytes=sys.maxsize)


class Fingerprint(NamedTuple):
    """The canonical digest of a value.

    Attributes:
        digest: hexadecimal; of what could be read, where `comparable` is false.
        sampled: only a sample of a large part was read: equal digests do not mean equal values.
        comparable: false when a part has no value that can be read (a generator, a lock...).
        reason: which part, and why it is not comparable.
        type: the qualified name of the value's type.
    """

    digest: str
    sampled: bool = False
    comparable: bool = True
    reason: str = ""
    type: str = ""

    @property
    def proves_equality(self) -> bool:
        """Whether an equal digest means an equal value."""
        return self.comparable and not self.sampled


def fingerprint(
    value: object,
    *,
    local: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    known: Mapping[Place, bytes] | None = None,
) -> Fingerprint:
    """Give the fingerprint of any value; never raises for a value it cannot read, but says so.

    Args:
        value: anything.
        local: modules whose classes and functions count by code and name, not by import path (a package covers what
            is in it); ``__main__`` always does.
        limits: beyond which parts are sampled.
        known: digests of memory that has been hashed already; see `arrays.place_of`.
    """
    walk = Walk(local, limits, known or {})
    try:
        with _deep_recursion():
            digest = walk.root(value)
    except RecursionError:
        walk.reason = "it is nested too deeply"
        digest = b""
    return Fingerprint(digest.hex(), walk.sampled, not walk.reason, walk.reason, type_name(type(value)))


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Allow values nested some 1500 deep; from Python 3.11 on, calls of Python functions take no C stack."""
    before = sys.getrecursionlimit()
    if sys.version_info >= (3, 11):  # noqa: UP036 - the user's interpreter may be older than nbpipe's
        sys.setrecursionlimit(max(before, 10_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def type_name(kind: type) -> str:
    """Give the name people know a type by: qualified by its module, but for builtins."""
    module = getattr(kind, "__module__", "builtins")
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


class Walk:
    """The state of one walk: digests of finished parts, parts of unfinished cycles, where we are."""

    __slots__ = ("_closed", "_kept", "_low", "_open", "_path", "known", "limits", "local", "reason", "sampled")

    def __init__(self, local: Sequence[str], limits: Limits, known: Mapping[Place, bytes]) -> None:
        self.local = ("__main__", *local)
        self.limits = limits
        self.known = known
        self.sampled = False
        self.reason = ""
        self._closed: dict[int, bytes] = {}
        self._kept: list[object] = []  # keeps temporary parts alive, so that no id is used twice
        self._open: dict[int, int] = {}  # id of a part of an unfinished cycle -> its place among them
        self._low = 0
        self._path: list[str | int] = []

    def root(self, value: object) -> bytes:
        """Give the digest of the value the walk starts from."""
        encoded = encode_atom(value)
        if encoded is not None:
            return blake2b(encoded, digest_size=DIGEST_BYTES).digest()
        return self.digest(value, "")

    def digest(self, value: object, where: str | int) -> bytes:
        """Give the digest of a compound part.

        A part met again inside its own cycle counts as the distance to where it was met first (counted in parts
        of the cycle), so that the digest of a whole cycle depends on nothing outside it and can be kept.
        """
        key = id(value)
        closed = self._closed.get(key)
        if closed is not None:
            return closed
        met = self._open.get(key)
        if met is not None:
            self._low = min(self._low, met)
            return blake2b(b"again%d" % (len(self._open) - met), digest_size=DIGEST_BYTES).digest()
        place = self._open[key] = len(self._open)
        outer_low, self._low = self._low, place
        self._kept.append(value)
        self._path.append(where)
        digest = self._encode(value, place)
        self._path.pop()
        if self._low == place:
            self._close(place)
            self._closed[key] = digest
        self._low = min(outer_low, self._low)
        return digest

    def _close(self, place: int) -> None:
        while len(self._open) > place:
            self._open.popitem()

    def _encode(self, value: object, place: int) -> bytes:
        from .dispatch import handler_of

        sink = Sink(self)
        handler_of(type(value))(value, sink)
        if self._low < place and isinstance(value, (set, frozenset)):
            self.refuse("a set whose members lead back to it has no canonical order")
        return sink.hasher.digest()

    def is_local(self, module: str | None) -> bool:
        """Tell whether a module's definitions count by code instead of by import path."""
        return module is not None and any(module == name or module.startswith(name + ".") for name in self.local)

    def name_of(self, definition: Any) -> str:
        """Give the name that stands for a class or function: without its module where that is local."""
        module = getattr(definition, "__module__", None)
        qualname = getattr(definition, "__qualname__", None) or getattr(definition, "__name__", "?")
        name = str(qualname).rpartition("<locals>.")[2]
        return f"local:{name}" if self.is_local(module) else f"{module}:{name}"

    def refuse(self, why: str) -> None:
        """Note that the current part has no readable value; the first reason stays."""
        if not self.reason:
            place = "".join(f"[{step}]" if isinstance(step, int) else step for step in self._path)
            self.reason = f"{place.lstrip('.')}: {why}" if place else why


class Sink:
    """Where a handler writes what its value consists of; every write is self-delimiting."""

    __slots__ = ("hasher", "walk")

    def __init__(self, walk: Walk) -> None:
        self.hasher = blake2b(digest_size=DIGEST_BYTES)
        self.walk = walk

    def label(self, *labels: str) -> None:
        """Write names: of the kind of value, of a field."""
        for label in labels:
            data = label.encode("utf-8", "surrogatepass")
            self.hasher.update(b"L%d:%b" % (len(data), data))

    def raw(self, data: bytes | bytearray | memoryview) -> None:
        """Write bytes."""
        self.hasher.update(b"R%d:" % memoryview(data).nbytes)
        self.hasher.update(data)

    def value(self, value: object, where: str | int = "") -> None:
        """Write any value found at `where` (an index, ``.attribute`` or ``['key']``)."""
        self.hasher.update(self.encoded(value, where))

    def encoded(self, value: object, where: str | int = "") -> bytes:
        """Give what `value` writes."""
        return encode_atom(value) or b"D" + self.walk.digest(value, where)

    def items(self, values: Sequence[Any], keys: Sequence[Any] = ()) -> None:
        """Write the values of a sequence in order, sampled when there are too many; `keys` say where they stand."""
        self.hasher.update(b"S%d:" % len(values))
        if len(values) > self.walk.limits.items:
            self.walk.sampled = True
            values, keys = _sample(values), ()
        for start in range(0, len(values), CHUNK):
            chunk = values[start : start + CHUNK]
            encoded = encode_chunk(chunk)
            if encoded is not None:
                self.raw(encoded)
                continue
            for place, value in enumerate(chunk, start):
                self.value(value, _place(keys[place]) if keys else place)

    def members(self, values: Iterable[object]) -> None:
        """Write values that have no order."""
        encoded = sorted(self.encoded(value, "{}") for value in values)
        self.hasher.update(b"M%d:" % len(encoded))
        for member in encoded:
            self.raw(member)

    def attributes(self, state: dict[str, Any]) -> None:
        """Write the attributes of an object, whose order does not count."""
        self.hasher.update(b"A%d:" % len(state))
        for name in sorted(state):
            self.label(name)
            self.value(state[name], "." + name)


def _place(key: object) -> str:
    return f"[{key!r}]" if isinstance(key, (str, int)) else "[...]"


def _sample(values: Sequence[Any]) -> list[Any]:
    edge = 1000
    stride = max(1, (len(values) - 2 * edge) // KEPT_ITEMS)
    return [*values[:edge], *values[edge:-edge:stride], *values[-edge:]]


if TYPE_CHECKING:
    Handler = Callable[[Any, Sink], None]
