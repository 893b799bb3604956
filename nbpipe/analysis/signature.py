"""What a value depends on: the definitions it came from and the changes made to all that is reachable from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.values import MISSING, Bound, Container, Function, Instance, Member, Obj, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.analysis.flow import Definition, Mutation
    from nbpipe.analysis.state import State

# Beyond this many objects a value's parts are no longer looked at: real containers of the notebook's own are small.
REACH = 200


class Signature:
    """What one reading of a name depends on; two readings with equal origins see the same value.

    Attributes:
        origins: sites of the objects it may be, then the changes made to them and to what is reachable from them.
        own: the same without what is only reachable: where this differs and both are sure, the values differ.
        changes: the changes, in order.
        cells: indices of the cells that had a hand in it.
        incomplete: some name that was read to make it had no value.
        sure: it is exactly one object, every change of it surely happened and kept what was there, and nothing in it
            is missing.
    """

    __slots__ = ("cells", "changes", "incomplete", "origins", "own", "sure")

    def __init__(  # noqa: PLR0913 - the facts of a reading
        self,
        made: tuple[object, ...],
        changes: tuple[Mutation, ...],
        own: tuple[Mutation, ...],
        cells: frozenset[int],
        *,
        incomplete: bool,
        sure: bool,
    ) -> None:
        self.origins = (made, _places(changes))
        self.own = (made, _places(own))
        self.changes = changes
        self.cells = cells
        self.incomplete = incomplete
        self.sure = sure


def _places(changes: Iterable[Mutation]) -> tuple[tuple[int, int], ...]:
    return tuple((change.cell, id(change.node)) for change in changes)


def reachable(state: State, definitions: Iterable[Definition]) -> list[Obj]:
    """Give the objects that the definitions may hold, directly or as parts, nearest first."""
    found: dict[Obj, None] = {}
    pending = [obj for definition in definitions for obj in definition.value]
    while pending and len(found) < REACH:
        obj = pending.pop(0)
        if obj in found:
            continue
        found[obj] = None
        if isinstance(obj, Container):
            pending.extend(obj.elements())
        elif isinstance(obj, Thing | Member):
            if obj.base is not None:
                pending.append(obj.base)
        elif isinstance(obj, Bound):
            pending.append(obj.receiver)
        elif isinstance(obj, Instance | Function):
            pending.extend(
                part
                for key in state.members.get(obj, ())
                for definition in state.names.get(key, ())
                for part in definition.value
            )
    return list(found)


def sign(state: State, definitions: Iterable[Definition]) -> Signature:
    """Give the signature of reading a name that these definitions may reach."""
    definitions = tuple(definitions)
    held = [obj for definition in definitions for obj in definition.value]
    parts = reachable(state, definitions)
    changes = tuple(mutation for obj in parts for mutation in state.mutations.get(obj, ()))
    own = tuple(mutation for obj in held for mutation in state.mutations.get(obj, ()))
    cells = {definition.cell for definition in definitions}
    cells.update(mutation.cell for mutation in changes)
    cells.update(obj.cell for obj in parts)
    incomplete = MISSING in parts
    sure = (
        len(definitions) == len(held) == 1
        and definitions[0].certain
        and not incomplete
        and all(mutation.certain and not mutation.erases for mutation in own)
    )
    made = tuple(obj.site for obj in held)
    known = frozenset(cell for cell in cells if cell >= 0)
    return Signature(made, changes, own, known, incomplete=incomplete, sure=sure)
