"""What a pickle holds, told without running anything of it: classes and functions in it are stood in for.

Equal values have pickles of different bytes (what is one object in one and two equal ones in the other is written
differently), so bytes cannot be compared; and a file may come from anywhere, so it must not be loaded.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from .fingerprints.objects import without_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray)
_DEEPEST = 400
_CACHES = ("_cache", "_item_cache")  # of pandas: which it has depends on what was asked, be it to show the value


class UnreadableError(Exception):
    """The file is no pickle, or holds what cannot be told without running it."""


class _Standin:
    """An object of a class that is not imported: what it would have been made of.

    `_nb_made`: the ways in which it was given content, in order.
    """

    _nb_name: str = ""
    _nb_made: list[tuple[str, Any, Any]]

    def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
        self = object.__new__(cls)
        self._nb_made = [("made", arguments, keywords)]
        return self

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        """Take anything."""

    def __setstate__(self, state: Any) -> None:
        self._nb_made.append(("state", state, {}))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._nb_made.append(("item", (key, value), {}))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return type(self)(self, *arguments, **keywords)

    def append(self, value: Any) -> None:
        """Take an item of a list."""
        self._nb_made.append(("append", value, {}))

    def extend(self, values: Any) -> None:
        """Take items of a list."""
        self._nb_made.extend(("append", value, {}) for value in values)

    add = append

    def __hash__(self) -> int:
        return id(self)


def _standin(module: str, name: str, local: Sequence[str]) -> Any:
    top = module.partition(".")[0]
    place = "local" if module == "__main__" or top in local else module
    return type("Standin", (_Standin,), {"_nb_name": f"{place}:{name}"})


def digest(file: BinaryIO, local: Sequence[str] = ()) -> str:
    """Give a digest of the values in a file of pickles, one after another.

    Args:
        file: open for reading.
        local: top packages whose definitions count by name, as those of a notebook do.

    Raises:
        UnreadableError: it cannot be told.
    """
    content = file.read()
    for read in (_read_plain, _read_joblib):
        try:
            values = read(content, local)
            sink = hashlib.sha256()
            for value in values:
                _feed(value, sink.update, {}, 0)
            return sink.hexdigest()
        except Exception:  # noqa: BLE001, S112 - whatever the bytes make of the machine: the other format may do
            continue
    raise UnreadableError


class _Reader(pickle.Unpickler):
    """Reads one pickle of a file."""

    def __init__(self, file: Any, local: Sequence[str]) -> None:
        super().__init__(file)
        self._local = local

    def find_class(self, module: str, name: str) -> Any:
        return _array_part(module, name, self._local) or _standin(module, name, self._local)

    def persistent_load(self, pid: Any) -> Any:
        return ("persistent", pid)


def _array_part(module: str, name: str, local: Sequence[str]) -> Any:
    """Give what plain arrays are made with, None for all else; of an array only its elements are told.

    Its bytes hold more: the order in memory, and between the fields of records whatever was there before.
    """
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not module.startswith("numpy"):
        return None

    def reconstruct(kind: Any, shape: Any, dtype: Any) -> Any:
        if kind is numpy.ndarray:
            return numpy.ndarray(shape, dtype)
        return _standin(module, name, local)(kind, shape, dtype)

    def from_buffer(buffer: Any, dtype: Any, shape: Any, order: str) -> Any:
        return numpy.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)

    made = {"_reconstruct": reconstruct, "_frombuffer": from_buffer}
    if module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric"):
        return made.get(name)
    return {"ndarray": numpy.ndarray, "dtype": numpy.dtype}.get(name) if module == "numpy" else None


def _read_plain(content: bytes, local: Sequence[str]) -> list[Any]:
    file, values = io.BytesIO(content), []
    while file.tell() < len(content):
        values.append(_Reader(file, local).load())
    return values


def _read_joblib(content: bytes, local: Sequence[str]) -> list[Any]:
    """Read joblib's format, in which the bytes of arrays stand between the parts of the pickle."""
    joblib: Any = sys.modules["joblib.numpy_pickle"]
    numpy: Any = sys.modules["numpy"]

    class Wrapper(joblib.NumpyArrayWrapper):  # type: ignore[misc]
        def read_array(self, unpickler: Any, *rest: Any) -> Any:
            if self.dtype.hasobject:  # a pickle of its own stands here
                return _Reader(unpickler.file_handle, local).load()
            return super().read_array(unpickler, *rest)

    known = {
        ("joblib.numpy_pickle", "NumpyArrayWrapper"): Wrapper,
        ("numpy", "ndarray"): numpy.ndarray,
        ("numpy", "dtype"): numpy.dtype,
    }

    class Joblib(joblib.NumpyUnpickler):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            return known.get((module, name)) or _standin(module, name, local)

    file = io.BytesIO(content)
    reader: Any = Joblib("", file, ensure_native_byte_order=False)
    values = [reader.load()]
    if file.tell() < len(content):
        raise UnreadableError
    return values


def _feed(value: Any, put: Callable[[bytes], object], met: dict[int, int], depth: int) -> None:
    """Write a value in one form, whatever of it is one object and what two equal ones; cycles by where they lead."""
    if isinstance(value, _PLAIN):
        put(f"{type(value).__name__} {value!r};".encode("utf-8", "surrogatepass"))
        return
    if depth > _DEEPEST:
        raise UnreadableError
    if id(value) in met:
        put(f"above {depth - met[id(value)]};".encode())
        return
    met[id(value)] = depth
    if isinstance(value, type) and issubclass(value, _Standin):
        put(f"class {value._nb_name};".encode())  # noqa: SLF001 - of this module
    elif isinstance(value, type):
        put(f"class {value.__module__}:{value.__qualname__};".encode())
    elif type(value).__module__ == "numpy" and hasattr(value, "tobytes"):
        _feed_array(value, put, met, depth)
    else:
        for label, parts in _parts(value):
            put(f"{label} {len(parts)};".encode())
            for part in parts:
                _feed(part, put, met, depth + 1)
    del met[id(value)]


def _feed_array(value: Any, put: Callable[[bytes], object], met: dict[int, int], depth: int) -> None:
    put(f"array {value.dtype!r} {value.shape};".encode())
    if value.dtype.names:
        for name in value.dtype.names:
            _feed(value[name], put, met, depth + 1)
    elif value.dtype.hasobject:
        for part in value.ravel().tolist():
            _feed(part, put, met, depth + 1)
    else:
        put(value.tobytes())


def _parts(value: Any) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, _Standin):
        yield f"object {type(value)._nb_name}", []  # noqa: SLF001 - of this module
        for how, what, keywords in value._nb_made:  # noqa: SLF001
            yield how, [_state(value, what), keywords]
    elif isinstance(value, dict):
        yield "dict", [part for item in value.items() for part in item]
    elif isinstance(value, (list, tuple)):
        yield type(value).__name__, list(value)
    elif isinstance(value, (set, frozenset)):
        yield type(value).__name__, sorted(value, key=repr)
    elif isinstance(value, (slice, range)) or type(value).__module__.startswith("numpy"):  # dtypes
        yield repr(value), []
    else:
        raise UnreadableError


def _state(value: _Standin, what: Any) -> Any:
    """Give what an object was given without what is no part of its value: measured times, what pandas keeps ready."""
    if type(what) is dict and "cv_results_" in what:
        return without_times(what)
    if not type(value)._nb_name.startswith("pandas."):  # noqa: SLF001 - of this module
        return what
    if type(what) is tuple:
        return tuple(_without_caches(part) for part in what)
    return _without_caches(what)


def _without_caches(state: Any) -> Any:
    return {key: part for key, part in state.items() if key not in _CACHES} if type(state) is dict else state
