"""L0: what is worked out about an object once, and kept in it for as long as it lives."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Owner = TypeVar("Owner")
Result = TypeVar("Result")


def kept(function: Callable[[Owner], Result]) -> Callable[[Owner], Result]:
    """Let a function of one object, which has a `__dict__`, work its result out once and keep it in that object.

    A cache beside the function (`functools.lru_cache`) would keep the last object alive that it was asked about: a
    whole notebook, with outputs of megabytes, for each such function.
    """
    name = f"{function.__module__}.{function.__qualname__}"  # no attribute is called so: it has a dot

    @wraps(function)
    def of(owner: Owner) -> Result:
        values = owner.__dict__
        if name not in values:
            values[name] = function(owner)
        result: Result = values[name]
        return result

    return of
