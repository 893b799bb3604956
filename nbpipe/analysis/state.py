"""The state of a simulation: what each name may hold now, with an undo log so that branches cost what they touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.analysis.flow import UNBOUND, Definition, Mutation, all_bound
from nbpipe.analysis.paths import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.analysis.frames import Key
    from nbpipe.analysis.paths import Path
    from nbpipe.analysis.values import Obj

Definitions = tuple[Definition, ...]
Mutations = tuple[Mutation, ...]
Delta = dict[tuple[int, Any], Any]

# On how many paths a name may be unbound before no more are told apart.
MOST_UNBOUND = 8

RUNNING = 0
JUMPED = 1  # by return, break or continue
RAISED = 2


class State:
    """Names and mutations on the path being simulated.

    Attributes:
        names: definitions that may be in force, by key (see `Frame.key`); a missing key is unbound.
        members: the keys under which attributes of each object were ever stored, on any path.
        mutations: what changed each object since it was made, in order.
        certain: the path is surely taken when its cell is run (unless the cell stops with an error before).
        ended: whether the path goes on: RUNNING, JUMPED or RAISED.
    """

    __slots__ = ("_log", "_tables", "certain", "ended", "members", "mutations", "names")

    def __init__(self) -> None:
        self.names: dict[Key, Definitions] = {}
        self.members: dict[Obj, dict[Key, None]] = {}
        self.mutations: dict[Obj, Mutations] = {}
        self._tables: tuple[dict[Any, Any], dict[Any, Any]] = (self.names, self.mutations)
        self._log: list[tuple[tuple[int, Any], Any]] = []  # what was written, and what it held before
        self.certain = True
        self.ended = RUNNING

    def set_names(self, key: Key, definitions: Definitions) -> None:
        """Let these definitions, and no others, be in force for the key."""
        self._log.append(((0, key), self.names.get(key)))
        self.names[key] = definitions

    def add_mutation(self, obj: Obj, mutation: Mutation) -> None:
        """Add a change of the object."""
        before = self.mutations.get(obj)
        self._log.append(((1, obj), before))
        self.mutations[obj] = (*before, mutation) if before else (mutation,)

    def bound_globals(self) -> Iterator[str]:
        """Give the notebook's names that are surely bound now."""
        return (key for key, held in self.names.items() if key.__class__ is str and all_bound(held))

    def mark(self) -> int:
        """Give a point to measure deltas from and to go back to."""
        return len(self._log)

    def delta(self, mark: int) -> Delta:
        """Give the present value of all that was written since the mark."""
        tables = self._tables
        return {place: tables[place[0]].get(place[1]) for place, _ in self._log[mark:]}

    def old_names(self, mark: int) -> dict[Key, Definitions | None]:
        """Give what the names written since the mark held at the mark, in order of the first writing."""
        found: dict[Key, Definitions | None] = {}
        for (table, key), before in self._log[mark:]:
            if table == 0:
                found.setdefault(key, before)
        return found

    def undo(self, mark: int) -> None:
        """Go back to the mark."""
        log, tables = self._log, self._tables
        while len(log) > mark:
            (table, key), before = log.pop()
            if before is None:
                tables[table].pop(key, None)
            else:
                tables[table][key] = before

    def take(self, delta: Delta) -> Delta:
        """Apply a delta measured from the present point, and give it."""
        for place, value in delta.items():
            self._set(place, value)
        return delta

    def merge(self, deltas: Sequence[Delta], steps: Sequence[Path | None] = ()) -> None:
        """Join alternatives that were all measured from the present point; `steps` are the conditions of each."""
        if len(deltas) == 1 and not steps:
            self.take(deltas[0])
            return
        mark = len(self._log)
        ways = steps or [None] * len(deltas)
        places = deltas[0] if len(deltas) == 1 else {place: None for delta in deltas for place in delta}
        for place in places:
            table, key = place
            before = self._tables[table].get(key)
            values = [delta.get(place, before) for delta in deltas]
            first = values[0]
            for value in values:
                if value is not first:
                    break
            else:
                if first is not before:
                    self._set(place, first)
                continue
            # What lives in a frame or object made on one way cannot be asked for on the others.
            elsewhere = key.__class__ is tuple and getattr(key[0], "mark", mark) >= mark
            if not table and not elsewhere:
                values = [
                    value if place in delta else _unbound_along(value, step)
                    for value, delta, step in zip(values, deltas, ways, strict=True)
                ]
            joined = tuple(dict.fromkeys([item for value in values if value for item in value]))
            self._set(place, joined if table or len(joined) <= MOST_UNBOUND else _fewer(joined))

    def _set(self, place: tuple[int, Any], value: Any) -> None:
        table, key = place
        target = self._tables[table]
        self._log.append((place, target.get(key)))
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value


def _fewer(definitions: Definitions) -> Definitions:
    """Leave out some of the paths on which a name is unbound: they would double at each branch that follows."""
    unbound = [definition for definition in definitions if not definition.bound]
    if len(unbound) <= MOST_UNBOUND:
        return definitions
    dropped = set(unbound[MOST_UNBOUND:])
    return tuple(definition for definition in definitions if definition not in dropped)


def _unbound_along(definitions: Definitions | None, step: Path | None) -> Definitions:
    """Give the definitions of a name that one way did not touch: where it was unbound, it is so on that way only."""
    if definitions is None:
        definitions = (UNBOUND,)
    if step is None or all_bound(definitions):
        return definitions
    reach = tuple(
        definition if definition.bound else definition.along(step)
        for definition in definitions
        if definition.bound or not exclusive(definition.paths, (step,))
    )
    return reach or definitions
