"""Several listeners as one: how everybody who wants to hear of a run is told of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def as_one(kind: type[T], listeners: Sequence[T]) -> T:
    """Give one listener that tells every event to all.

    Args:
        kind: the base of the listeners; each of its methods is an event.
        listeners: who is told, in this order.
    """

    def telling(event: str) -> Callable[..., None]:
        def tell(_: T, *facts: Any) -> None:
            for listener in listeners:
                getattr(listener, event)(*facts)

        return tell

    events = {name: telling(name) for name in vars(kind) if not name.startswith("_")}
    everybody: T = type(f"All{kind.__name__}s", (kind,), events)()
    return everybody
