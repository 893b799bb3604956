"""Recorded order against document order: which stored results Restart & Run All would not give.

The replay runs cells by their execution counts. Only the last run of each cell has left a count, so a missing count is
a run that cannot be seen: of a deleted cell, or an earlier run of a cell that is still there.
"""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING

from nbpipe.analysis.builtin_names import is_builtin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from nbpipe.analysis.flow import Definition, Flow, Use
    from nbpipe.analysis.session import Session

CERTAIN = "certain"
LIKELY = "likely"
CONCEIVABLE = "conceivable"


class OrderFinding:
    """A use that was reached by something else when the stored results were made than it is top-down.

    Attributes:
        grade: CERTAIN, LIKELY (the counts say so, but a run is missing that could have mended it) or CONCEIVABLE
            (the counts agree with document order, but a run is missing that could have broken it).
        expected: definitions that reach the use top-down.
        reached: definitions that reached it in recorded order; empty when none is known.
        changed: cells that had changed the value by the time of the use, recorded but not top-down, or the reverse.
        gap: a missing count that leaves the doubt, None when there is no doubt.
        rerun: index of a cell that may have run in the gap.
        supported: the counts tell enough to speak of it alone, not only beside a certain finding of the same cause.
    """

    __slots__ = ("changed", "expected", "gap", "grade", "reached", "rerun", "supported", "use")

    def __init__(  # noqa: PLR0913 - the facts of a finding
        self,
        use: Use,
        grade: str,
        expected: tuple[Definition, ...],
        reached: tuple[Definition, ...],
        gap: int | None = None,
        rerun: int | None = None,
        changed: tuple[int, ...] = (),
    ) -> None:
        self.use = use
        self.grade = grade
        self.expected = expected
        self.reached = reached
        self.gap = gap
        self.rerun = rerun
        self.changed = changed
        self.supported = True

    @property
    def other_definition(self) -> bool:
        """Whether another place bound the name, not only something in the value that was changed elsewhere."""
        return _places(self.expected) != _places(self.reached)


def compare(top_down: Flow, recorded: Flow, session: Session) -> list[OrderFinding]:
    """Compare two signed simulations use by use, in order of execution top-down."""
    writers = _writers(top_down, recorded)
    several = session.mixed or _contradicts_itself(top_down, recorded, session)
    findings = []
    for place, use in top_down.uses.items():
        if use.uncalled or use.local or use.cell not in session.counts:
            continue
        finding = _compare_use(use, recorded.uses.get(place), session, writers)
        if finding is None:
            continue
        if several and session.failed.get(use.cell) != use.name:
            finding.grade = CONCEIVABLE  # counts of several sessions cannot be put in order
        findings.append(finding)
    for place, use in recorded.uses.items():
        bound = tuple(definition for definition in use.definitions if definition.bound)
        if bound and place not in top_down.uses and is_builtin(use.name) and not use.uncalled:
            findings.append(OrderFinding(use, CONCEIVABLE if several else LIKELY, (), bound))
    return findings


def _contradicts_itself(top_down: Flow, recorded: Flow, session: Session) -> bool:
    """Tell whether a cell went through with a name that by the counts no cell had bound, and none can have.

    Then the counts are those of several sessions, though none stands twice.
    """
    for place, use in top_down.uses.items():
        replayed = recorded.uses.get(place)
        if replayed is None or use.uncalled or use.local or not use.certain or use.cell not in session.counts:
            continue
        if use.cell in session.failed or any(definition.bound for definition in replayed.definitions):
            continue
        expected = _cells(definition for definition in use.definitions if definition.bound)
        if session.gap(0, session.counts[use.cell]) is None and not expected.isdisjoint(session.counts):
            return True
    return False


def may_conflict(
    flow: Flow, session: Session, cells: Sequence[int], readers: Callable[[str], frozenset[int] | None]
) -> bool:
    """Tell whether two cells stand in another order than they ran in, of which one writes what the other uses.

    A cell without a count counts as never run: it is out of order with all others. One that failed may have written
    nothing: it is so with those that use what it writes.

    Args:
        flow: the top-down simulation.
        session: the recorded order.
        cells: indices of the code cells, in document order.
        readers: gives the cells that read a builtin of this name, as far as the looks tell; None where they do not.
    """
    if any(session.failed.get(cell) for cell in cells):
        return True  # a name that it lacked may be one that is defined top-down
    writers = _writers(flow)
    reading = {name: readers(name) for name, writing in writers.items() if is_builtin(name) and writing & set(cells)}
    if None in reading.values():
        return True  # it hides a builtin from cells that use that
    writes: dict[int, set[str]] = {cell: set() for cell in cells}
    for name, writing in writers.items():
        for cell in writing.intersection(cells):
            writes[cell].add(name)
    touches = {cell: set(names) for cell, names in writes.items()}
    used = [(use.cell, use.name) for use in flow.uses.values()]
    used += [(cell, name) for name, found in reading.items() for cell in found or ()]
    for cell, name in used:
        if cell in touches:
            touches[cell].add(name)
    return _out_of_order(writes, touches, session)


def _out_of_order(
    writes: Mapping[int, AbstractSet[str]], touches: Mapping[int, AbstractSet[str]], session: Session
) -> bool:
    ran = {cell: place for place, cell in enumerate(session.order)}
    for number, later in enumerate(writes):
        for earlier in itertools.islice(writes, number):
            ordered = earlier in ran and later in ran and ran[earlier] < ran[later]
            forth = not writes[earlier].isdisjoint(touches[later])
            if forth and (not ordered or earlier in session.failed):
                return True
            if not ordered and not writes[later].isdisjoint(touches[earlier]):
                return True
    return False


def _writers(*flows: Flow) -> dict[str, frozenset[int]]:
    """Give the cells that bind a name, or change what it may hold, by name."""
    found: dict[str, set[int]] = {}
    for flow in flows:
        for name, definitions in flow.definitions.items():
            found.setdefault(name, set()).update(definition.cell for definition in definitions)
        for cell, change in flow.changes.items():
            for name in (*change.mutates, *change.deletes):
                found.setdefault(name, set()).add(cell)
    return {name: frozenset(cells) for name, cells in found.items()}


def _compare_use(
    use: Use, replayed: Use | None, session: Session, writers: Mapping[str, frozenset[int]]
) -> OrderFinding | None:
    expected = tuple(definition for definition in use.definitions if definition.bound)
    if not expected:
        return None
    if session.failed.get(use.cell) == use.name:
        return OrderFinding(use, CERTAIN if use.certain else LIKELY, expected, ())
    if replayed is None or not any(definition.bound for definition in replayed.definitions):
        return _compare_unreached(use, replayed, expected, session, writers)
    if isinstance(use.node, ast.Name) and isinstance(use.node.ctx, ast.Del):
        return None  # any value will do
    if _origins(use) == _origins(replayed):
        return _conceive(use, replayed, expected, session, writers)
    reached = tuple(definition for definition in replayed.definitions if definition.bound)
    made = min((session.counts.get(cell, 0) for cell in replayed.signatures[0].cells), default=0)
    now = session.counts[use.cell]
    gap = session.gap(made, now)
    changed = _changed(use, replayed)
    # One cell made it in both, and what that cell called was only run again later.
    alike = _places(expected) == _places(reached) and set(changed) <= _cells(expected)
    if alike or _unknowable(use, replayed, session, {*_cells(expected), *_cells(reached), *changed}):
        return OrderFinding(use, CONCEIVABLE, expected, reached, gap, changed=changed)
    if gap is None:
        sure = (
            use.certain
            and replayed.certain
            and use.signatures[0].sure
            and replayed.signatures[0].sure
            and use.signatures[0].own != replayed.signatures[0].own
            and not session.mixed
            and not session.failed.keys() & {use.cell, *replayed.signatures[0].cells}
        )
        return OrderFinding(use, CERTAIN if sure else LIKELY, expected, reached, changed=changed)
    # A cell that was run again later is presumed to have run in the gap, too (rules.md, "The facts").
    absent = _cells(expected) if _places(expected) != _places(reached) else _absent(use, replayed)
    mended = bool(absent) and all(session.counts.get(cell, 0) > gap for cell in absent)
    found = OrderFinding(use, CONCEIVABLE if mended else LIKELY, expected, reached, gap, changed=changed)
    # What runs that cannot be seen did to an object, or to anything where most of them cannot, is guessing.
    found.supported = found.other_definition and session.mostly_seen(made, now)
    return found


def _unknowable(use: Use, replayed: Use, session: Session, cells: set[int]) -> bool:
    """Tell whether the counts cannot say what the use saw.

    A cell without a count may have run all the same; what another session left is gone; and what was made of a name
    that no visible run had bound was made in a run that is not visible.
    """
    if replayed.signatures[0].incomplete and not use.signatures[0].incomplete:
        return True
    return any(session.numbers.get(cell) != session.numbers[use.cell] for cell in cells)


def _compare_unreached(
    use: Use,
    replayed: Use | None,
    expected: tuple[Definition, ...],
    session: Session,
    writers: Mapping[str, frozenset[int]],
) -> OrderFinding | None:
    """Judge a use that no last run reaches: an earlier run of some definer is presumed where a count is missing."""
    if not any(cell in session.counts for cell in _cells(expected)):
        return None  # the definer's own count is gone: that it did run shows in the use
    now = session.counts[use.cell]
    gap = session.gap(0, now)
    if gap is None:
        # Not even evaluated: on another branch, or behind the end of a cell that was cut short.
        return None if replayed is None else OrderFinding(use, CONCEIVABLE, expected, ())
    candidates = {cell for cell in writers.get(use.name, ()) if session.counts.get(cell, 0) > min(session.missing)}
    if candidates <= _cells(expected) and len(candidates) == 1:
        return None
    others = sorted(candidates - _cells(expected))
    return OrderFinding(use, CONCEIVABLE, expected, (), gap, others[0] if others else None)


def _conceive(
    use: Use,
    replayed: Use,
    expected: tuple[Definition, ...],
    session: Session,
    writers: Mapping[str, frozenset[int]],
) -> OrderFinding | None:
    """Look for a run that is missing between a definer and the use and may have changed what the use saw."""
    now = session.counts[use.cell]
    made = min((session.counts.get(cell, 0) for cell in replayed.signatures[0].cells), default=0)
    gap = session.gap(made, now)
    if gap is None:
        return None
    last = min(count for count in session.missing if made < count)
    again = sorted(cell for cell in writers.get(use.name, ()) if session.counts.get(cell, 0) > last)
    if not again:
        return None
    return OrderFinding(use, CONCEIVABLE, expected, expected, gap, again[0])


def _origins(use: Use) -> list[tuple[object, ...]]:
    return [signature.origins for signature in use.signatures]


def _cells(definitions: Iterable[Definition]) -> set[int]:
    return {definition.cell for definition in definitions}


def _places(definitions: Iterable[Definition]) -> set[tuple[int, int]]:
    return {(definition.cell, id(definition.node)) for definition in definitions}


def _changed(use: Use, replayed: Use) -> tuple[int, ...]:
    """Give the cells whose changes to the value only one of the two runs had met, or in another order."""
    first = [(change.cell, id(change.node)) for change in use.signatures[0].changes]
    second = [(change.cell, id(change.node)) for change in replayed.signatures[0].changes]
    if sorted(first) == sorted(second):
        return tuple(dict.fromkeys(a[0] for a, b in zip(first, second, strict=True) if a != b))
    return tuple(dict.fromkeys(cell for cell, _ in set(first) ^ set(second)))


def _absent(use: Use, replayed: Use) -> set[int]:
    """Give the cells that change the value only top-down; none where others change it only in the recorded run."""
    first = {(change.cell, id(change.node)) for change in use.signatures[0].changes}
    second = {(change.cell, id(change.node)) for change in replayed.signatures[0].changes}
    return {cell for cell, _ in first - second} if second <= first else set()
