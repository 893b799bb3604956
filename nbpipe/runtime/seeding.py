"""Whether a call seeds a global generator before it draws: then its result does not depend on the state before."""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import generators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Generator to the functions that seed it, and to those that set a state, which may be an earlier one.
_SEEDING = {
    "random": (("random", "seed"),),
    "numpy.random": (("numpy.random", "seed"),),
    "torch": (("torch", "manual_seed"), ("torch.random", "manual_seed")),
}
_RESTORING = {
    "random": (("random", "setstate"),),
    "numpy.random": (("numpy.random", "set_state"),),
    "torch": (("torch", "set_rng_state"), ("torch.random", "set_rng_state")),
}
# Makers of generators that are values, by the name under which their seeds are told.
_MAKING = {"numpy.random.default_rng": (("numpy.random", "default_rng"),)}
_MOST_SEEDS = 20
_LONGEST_SEED = 80


class Seeding:
    """Which generators were seeded while they still were as `before` says.

    Attributes:
        before: the states that count; None: nothing counts yet.
        seeds: those that were given, ``{"generator", "seed"}`` each; None is one of the system's.
    """

    def __init__(self) -> None:
        self.before: generators.States | None = None
        self.seeds: list[dict[str, Any]] = []
        self._seeded: set[str] = set()
        self._restored: set[str] = set()

    @property
    def first(self) -> frozenset[str]:
        """The generators that were seeded before anything was drawn, and not set back to an earlier state."""
        return frozenset(self._seeded - self._restored)

    def seeded(self, kind: str, values: Sequence[Any]) -> None:
        """Note that a generator is about to be seeded; without a seed it takes one from the system."""
        self.given(kind, values)
        if self.before is None or kind in self._seeded or all(value is None for value in values):
            return
        if generators.get_states().get(kind) == self.before.get(kind):
            self._seeded.add(kind)

    def given(self, name: str, values: Sequence[Any]) -> None:
        """Note a seed."""
        first = next((value for value in values if value is not None), None)
        known = type(first) in (int, float, str) or first is None
        entry = {"generator": name, "seed": first if known else repr(first)[:_LONGEST_SEED]}
        if self.before is not None and entry not in self.seeds and len(self.seeds) < _MOST_SEEDS:
            self.seeds.append(entry)

    def restored(self, kind: str, _: Sequence[Any]) -> None:
        """Note that a generator is about to be set to a state, perhaps one of before."""
        if self.before is not None:
            self._restored.add(kind)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note within the block; what is imported within it counts as well."""
        wrapped: list[tuple[Any, str, Any]] = []
        for table, note in ((_SEEDING, self.seeded), (_RESTORING, self.restored), (_MAKING, self.given)):
            for kind, places in table.items():
                for module_name, name in places:
                    module = sys.modules.get(module_name)
                    function = getattr(module, name, None)
                    if function is not None:
                        wrapped.append((module, name, function))
                        setattr(module, name, _before(function, functools.partial(note, kind)))
        try:
            yield
        finally:
            for module, name, function in wrapped:
                setattr(module, name, function)


def _before(function: Any, note: Callable[[Sequence[Any]], None]) -> Any:
    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        note((*arguments, *options.values()))
        return function(*arguments, **options)

    return call
