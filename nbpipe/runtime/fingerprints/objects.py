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
    """Give what pickle reduces an object to, but for measured times; raises what the object raises."""
    reducer = copyreg.dispatch_table.get(type(value))
    reduced = reducer(value) if reducer is not None else value.__reduce_ex__(4)
    return reduced if isinstance(reduced, str) else _untimed(value, tuple(reduced))


def _untimed(value: object, reduced: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out how long the fits of a search over parameters took (`sklearn.model_selection.GridSearchCV`...)."""
    if len(reduced) < 3 or type(reduced[2]) is not dict or not _is_search(type(value)):  # noqa: PLR2004 - has a state
        return reduced
    return (*reduced[:2], without_times(reduced[2]), *reduced[3:])


def without_times(state: dict[str, Any]) -> dict[str, Any]:
    """Give the attributes of a fitted search over parameters but for the seconds it measured."""
    state = {name: part for name, part in state.items() if name != "refit_time_"}
    results = state.get("cv_results_")
    if type(results) is dict:
        state["cv_results_"] = {name: part for name, part in results.items() if name not in _TIMES}
    return state


_TIMES = ("mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time")


def _is_search(kind: type) -> bool:
    return any(base.__name__ == "BaseSearchCV" and base.__module__.startswith("sklearn.") for base in kind.__mro__)


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
