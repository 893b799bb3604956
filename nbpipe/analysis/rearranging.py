"""Another order of the cells, which moves as few of them as can be, under constraints on which comes before which.

Two cells that touch nothing in common may change places; of two that do, the order decides what is computed
(Bernstein, "Analysis of programs for parallel processing", IEEE Trans. EC 15, 1966). So an order that keeps that of all
conflicting pairs of a run computes what the run did.
"""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.analysis.flow import Flow
    from nbpipe.analysis.notebook_analysis import Analysis

# Code that may read or write what is outside of the process.
_REACHES_OUT = pattern(
    r"\bopen\(|\.to_\w+\(|\bread_\w+\(|load|save|dump|write|\bos\.|shutil|subprocess|requests|retrieve|connect|execute"
)
EVERYTHING = "<everything>"
OUTSIDE = "<outside>"


class Effects:
    """What one cell reads and writes: names, and process-wide state by its kind."""

    __slots__ = ("reads", "writes")

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()

    def conflicts(self, other: Effects) -> set[str]:
        """Give what the order of the two cells can matter for."""
        if EVERYTHING in self.writes or EVERYTHING in other.writes:
            return {EVERYTHING}
        return self.writes & (other.reads | other.writes) | other.writes & self.reads


def effects_of(analysis: Analysis, flow: Flow) -> dict[int, Effects]:
    """Give the effects of each cell that does something, in a simulation of all of them."""
    all_effects = {index: Effects() for index in analysis.codes}
    for use in flow.uses.values():
        if not use.uncalled and not use.local:
            all_effects[use.cell].reads.add(use.name)
    for cell, change in flow.changes.items():
        all_effects[cell].writes.update(change.binds, change.deletes, change.mutates)
    for state in flow.global_state:
        kinds = all_effects[state.cell].reads if state.effect == "read" else all_effects[state.cell].writes
        kinds.add(f"<{state.kind}>")
    for mark in flow.opaque:
        all_effects[mark.cell].writes.add(EVERYTHING)
    effects = {index: all_effects[index] for index, code in analysis.codes.items() if code.body or code.tree is None}
    _add_what_leaves_no_trace(analysis, effects)
    return effects


def _add_what_leaves_no_trace(analysis: Analysis, effects: Mapping[int, Effects]) -> None:
    """Add to the effects what a simulation does not see: builtins that are read, and what is outside of the process."""
    bound = {name for each in effects.values() for name in each.writes if is_builtin(name)}
    for cell, node in analysis.nodes(ast.Name) if bound else ():
        if node.id in bound and cell in effects:
            effects[cell].reads.add(node.id)
    for cell, each in effects.items():
        code = analysis.codes[cell].code
        if code.magics or _REACHES_OUT.search(code.text):
            each.writes.add(OUTSIDE)


def rearranged(cells: Sequence[int], before: Mapping[int, set[int]]) -> tuple[list[int], set[int]] | None:
    """Order cells so that each comes behind those that it must, moving as few as possible.

    Args:
        cells: the cells in document order.
        before: for each cell, those that must come before it.

    Returns:
        The order, and the cells that left their place (all others keep their order among themselves); None where the
        constraints are a circle.
    """
    closed = _closure(cells, before)
    if closed is None:
        return None
    place = {cell: number for number, cell in enumerate(cells)}
    # A cell in front of one that must precede it. Both orders are transitive, so this relation is a partial order, and
    # a largest set of cells that can keep their places is a largest antichain of it.
    inverted = {
        cell: [other for other in cells if place[cell] < place[other] and other in closed[cell]] for cell in cells
    }
    moved = set(cells) - _largest_antichain(cells, inverted)
    kept = [cell for cell in cells if cell not in moved]
    needed = {cell: set(before.get(cell, ())) for cell in cells}
    for first, second in pairwise(kept):
        needed[second].add(first)
    order: list[int] = []
    waiting = list(cells)
    while waiting:
        done = set(order)
        ready = next((cell for cell in waiting if needed[cell] <= done), None)
        if ready is None:
            return None
        order.append(ready)
        waiting.remove(ready)
    return order, moved


def _closure(cells: Sequence[int], before: Mapping[int, set[int]]) -> dict[int, set[int]] | None:
    """Give for each cell all that must come before it, directly or not; None where that is a circle."""
    closed: dict[int, set[int]] = {}
    waiting = list(cells)
    while waiting:
        ready = [cell for cell in waiting if all(other in closed for other in before.get(cell, ()))]
        if not ready:
            return None
        for cell in ready:
            direct = before.get(cell, set())
            closed[cell] = direct.union(*(closed[other] for other in direct))
        waiting = [cell for cell in waiting if cell not in closed]
    return closed


def _largest_antichain(cells: Sequence[int], above: Mapping[int, Sequence[int]]) -> set[int]:
    """Give a largest set of elements of a partial order of which none is above another.

    By Dilworth's theorem through a maximum bipartite matching (Fulkerson 1956) and Koenig's vertex cover of it.
    """
    lower_of = _matching(cells, above)
    below: dict[int, list[int]] = {cell: [] for cell in cells}
    for cell in cells:
        for other in above[cell]:
            below[other].append(cell)
    # From the elements that are matched with none below, along alternating paths: a pair is then broken by moving the
    # later cell up rather than the earlier one down.
    upper_of = {lower: upper for upper, lower in lower_of.items()}
    uppers = {cell for cell in cells if cell not in lower_of}
    lowers: set[int] = set()
    pending = list(uppers)
    while pending:
        for lower in below[pending.pop()]:
            if lower not in lowers:
                lowers.add(lower)
                upper = upper_of[lower]  # else the matching would not be a largest one
                if upper not in uppers:
                    uppers.add(upper)
                    pending.append(upper)
    # The cover is the upper copies that were not reached and the lower copies that were.
    return uppers - lowers


def _matching(cells: Sequence[int], above: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Match as many elements as possible each with one above it; gives the lower by the upper (Kuhn 1955)."""
    matched: dict[int, int] = {}

    def augment(cell: int, seen: set[int]) -> bool:
        for other in above[cell]:
            if other not in seen:
                seen.add(other)
                if other not in matched or augment(matched[other], seen):
                    matched[other] = cell
                    return True
        return False

    for cell in cells:
        augment(cell, set())
    return matched
