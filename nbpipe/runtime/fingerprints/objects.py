"""The handler of all other objects: what pickle would keep of them, read as a structure and not as bytes."""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .walk import Sink

_KINDS = {
    "lock": "a lock",
    "RLock": "a lock",
    "socket": "a socket",
    "Connection": "an open connection",
    "Cursor": "an open cursor",
    "frame": "a stack frame",
    "traceback": "a traceback",
    "weakref": "a weak reference",
    "ReferenceType": "a weak reference",
    "_contextvars.Context": "a context",
}


def refuse_iterator(value: object, sink: Sink) -> None:
    """An iterator's value is what it has yet to give: reading it would consume it."""
    sink.label("iterator", type(value).__name__)
    sink.walk.refuse(f"a {type(value).__name__}, which can be read only once")


def encode_object(value: object, sink: Sink) -> None:
    """What the object reduces to (`object.__reduce_ex__`): constructor, arguments, state, items."""
    kind = type(value)
    sink.label("object", sink.walk.name_of(kind))
    try:
        reduced = reduce(value)
    except RecursionError:
        raise
    except Exception:  # noqa: BLE001 - a user's __reduce__ may raise anything
        sink.walk.refuse(f"{_KINDS.get(kind.__name__, 'an object without a readable value')} ({kind.__name__})")
        return
    if isinstance(reduced, str):
        module = getattr(value, "__module__", None)
        sink.label("global", "local" if sink.walk.is_local(module) else str(module), reduced)
        return
    _encode_reduced(value, reduced, sink)


def reduce(value: object) -> str | tuple[Any, ...]:
    """Give what pickle reduces an object to; raises what the object raises."""
    reducer = copyreg.dispatch_table.get(type(value))
    reduced = reducer(value) if reducer is not None else value.__reduce_ex__(4)
    return reduced if isinstance(reduced, str) else tuple(reduced)


def _encode_reduced(value: object, reduced: tuple[Any, ...], sink: Sink) -> None:
    make, arguments, state, items, pairs = (*reduced[:5], None, None, None)[:5]
    if make is not type(value):
        sink.value(make, ".__reduce__")
    # An instance names its class and does not hold it: a class that moved gives equal instances.
    sink.items([sink.walk.name_of(part) if part is type(value) else part for part in arguments])
    encode_state(state, sink)
    if items is not None:
        sink.items(list(items))
    if pairs is not None:
        sink.label("pairs")
        content = list(pairs)
        sink.items([key for key, _ in content])
        sink.items([item for _, item in content])


def encode_state(state: object, sink: Sink) -> None:
    """Write an object's state: attributes without order where it is attributes (also of slots), else as it is."""
    if type(state) is tuple and len(state) == 2 and type(state[1]) is dict:  # noqa: PLR2004 - attributes, slots
        sink.label("slots")
        encode_state(state[0], sink)
        encode_state(state[1], sink)
    elif type(state) is dict and all(type(name) is str for name in state):
        sink.attributes(state)
    else:
        sink.value(state)
