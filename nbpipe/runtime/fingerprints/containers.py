"""Handlers of the standard library's containers and of values with a state of their own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import enum
    import functools
    import random
    import re
    import types
    from pathlib import PurePath

    from .walk import Handler, Sink

# Subclasses of these have more state than their items: they are read as objects.
EXACT = (list, tuple, dict, bytearray, memoryview)


def encode_list(value: list[Any], sink: Sink) -> None:
    """Items in order."""
    sink.label("list")
    sink.items(value)


def encode_tuple(value: tuple[Any, ...], sink: Sink) -> None:
    """Items in order."""
    sink.label("tuple")
    sink.items(value)


def encode_dict(value: dict[Any, Any], sink: Sink) -> None:
    """Keys and values in insertion order."""
    sink.label("dict")
    keys = list(value)
    sink.items(keys)
    sink.items(list(value.values()), keys)


def encode_set(value: set[Any] | frozenset[Any], sink: Sink) -> None:
    """Members in no order, and the attributes of a subclass."""
    sink.label("set", sink.walk.name_of(type(value)))
    sink.members(value)
    sink.attributes(getattr(value, "__dict__", {}))


def encode_bytearray(value: bytearray, sink: Sink) -> None:
    """Its bytes."""
    sink.label("bytearray")
    sink.raw(bytes(value))


def encode_memoryview(value: memoryview, sink: Sink) -> None:
    """Format, shape and bytes."""
    sink.label("memoryview", value.format)
    sink.value(value.shape)
    sink.raw(value.tobytes())


def encode_slice(value: slice, sink: Sink) -> None:
    """Start, stop and step."""
    sink.label("slice")
    sink.items([value.start, value.stop, value.step])


def encode_range(value: range, sink: Sink) -> None:
    """Start, stop and step as far as they show: empty ranges are equal, and so are equal items."""
    sink.label("range")
    sink.items([value.start, value[-1], value.step] if len(value) > 1 else list(value))


def encode_mapping_proxy(value: types.MappingProxyType[Any, Any], sink: Sink) -> None:
    """The dict behind it."""
    sink.label("mappingproxy")
    sink.value(dict(value))


def encode_enum(value: enum.Enum, sink: Sink) -> None:
    """Class and name of the member."""
    sink.label("enum", sink.walk.name_of(type(value)), str(value.name))
    sink.value(value.value, ".value")


def encode_pattern(value: re.Pattern[Any], sink: Sink) -> None:
    """Pattern and flags."""
    sink.label("pattern")
    sink.items([value.pattern, value.flags])


def encode_path(value: PurePath, sink: Sink) -> None:
    """The path as text; parts that a path caches do not count."""
    sink.label("path", sink.walk.name_of(type(value)), str(value))


def encode_partial(value: functools.partial[Any], sink: Sink) -> None:
    """Function, arguments and attributes."""
    sink.label("partial", sink.walk.name_of(type(value)))
    sink.value(value.func, ".func")
    sink.value(value.args, ".args")
    sink.value(value.keywords, ".keywords")
    sink.attributes(getattr(value, "__dict__", {}))


def encode_bunch(value: dict[str, Any], sink: Sink) -> None:
    """Its items: scikit-learn's Bunch keeps notes about deprecated keys beside them, and loses these when pickled."""
    sink.label("bunch", sink.walk.name_of(type(value)))
    encode_dict(value, sink)


def encode_random(value: random.Random, sink: Sink) -> None:
    """The generator's state; nothing is drawn."""
    sink.label("random", sink.walk.name_of(type(value)))
    sink.value(value.getstate())


def encode_stream(value: io.IOBase, sink: Sink) -> None:
    """Content and position of a stream in memory; any other stream has no value."""
    if isinstance(value, (io.StringIO, io.BytesIO)) and not value.closed:
        sink.label("stream", sink.walk.name_of(type(value)))
        sink.value(value.getvalue())
        sink.value(value.tell())
        return
    sink.label("open file")
    sink.walk.refuse(f"an open file ({getattr(value, 'name', type(value).__name__)})")


HANDLERS: dict[tuple[str, str], Handler] = {
    ("builtins", "list"): encode_list,
    ("builtins", "tuple"): encode_tuple,
    ("builtins", "dict"): encode_dict,
    ("builtins", "set"): encode_set,
    ("builtins", "frozenset"): encode_set,
    ("builtins", "bytearray"): encode_bytearray,
    ("builtins", "memoryview"): encode_memoryview,
    ("builtins", "slice"): encode_slice,
    ("builtins", "range"): encode_range,
    ("builtins", "mappingproxy"): encode_mapping_proxy,
    ("enum", "Enum"): encode_enum,
    ("re", "Pattern"): encode_pattern,
    ("pathlib", "PurePath"): encode_path,
    ("functools", "partial"): encode_partial,
    ("random", "Random"): encode_random,
    ("sklearn", "Bunch"): encode_bunch,
    # What ``x = !command`` gives: plain Python has a list for it.
    ("IPython", "SList"): encode_list,
    ("_io", "_IOBase"): encode_stream,
}
