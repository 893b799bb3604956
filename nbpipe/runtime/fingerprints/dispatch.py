"""Which handler encodes a type: found by the names of its bases, so that no library is imported for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arrays, containers, definitions, figures, frames, objects

if TYPE_CHECKING:
    from .walk import Handler

# A base class, named by its top package and its own name -> what encodes it.
_HANDLERS: dict[tuple[str, str], Handler] = {
    **containers.HANDLERS,
    **definitions.HANDLERS,
    **arrays.HANDLERS,
    **frames.HANDLERS,
    **figures.HANDLERS,
}
_known: dict[type, Handler] = {}


def handler_of(kind: type) -> Handler:
    """Give the handler of a type: that of its nearest base that has one, else the one for objects."""
    handler = _known.get(kind)
    if handler is None:
        handler = _known[kind] = _find(kind)
    return handler


def _find(kind: type) -> Handler:
    if kind.__module__ in ("builtins", "itertools") and hasattr(kind, "__next__"):
        return objects.refuse_iterator
    for base in kind.__mro__:
        handler = _HANDLERS.get((base.__module__.partition(".")[0], base.__name__))
        if handler is not None and (base is kind or base not in containers.EXACT):
            return handler
    return objects.encode_object
