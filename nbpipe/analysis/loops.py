"""Loops: what one or several iterations leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.paths import Path
from nbpipe.analysis.state import JUMPED, RUNNING

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from nbpipe.analysis.frames import Key
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.state import Definitions, Delta


class Loop:
    """A loop that is being run: where its state began, and what `break` and `continue` left since then."""

    __slots__ = ("breaks", "continues", "mark")

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.breaks: list[Delta] = []
        self.continues: list[Delta] = []


def run_loop(  # noqa: PLR0913 - the parts of a loop
    interp: Interpreter,
    iteration: Callable[[], object],
    otherwise: Callable[[], object],
    node: ast.AST,
    *,
    entered: bool,
    endless: bool = False,
) -> None:
    """Run a loop: no iteration (unless `entered`), one, or several; `otherwise` is its else block.

    Definitions made in one iteration reach the next through one second pass; that is enough, since reaching
    definitions are distributive and an iteration adds nothing that the second did not. There is none where the first
    changed nothing that it had read before (unless somebody watches, who tells by it what is repeated), nor inside the
    second pass of a loop around: what this loop carries from one iteration to the next was seen in that one's first,
    and what that one carries is read in the next iteration.
    """
    state = interp.state
    mark, certain, paths = state.mark(), state.certain, interp.paths
    loop = Loop(mark)
    returns = len(interp.frame.exits)
    exhausted = _iterate(interp, loop, iteration, node, entered=entered)
    if endless and loop.breaks:
        exhausted = []
    exits = list(loop.breaks)
    if exhausted:
        state.merge(exhausted)
        state.certain = certain and not loop.breaks
        interp.paths = (*paths, Path("loop", node)) if loop.breaks else paths
        otherwise()
        if state.ended == RUNNING:
            exits.append(state.delta(mark))
        state.undo(mark)
    ended = state.ended or JUMPED
    state.ended = RUNNING
    if exits:
        state.merge(exits)
    else:
        state.ended = ended
    # A break or continue ends with the loop; a return that may have been taken in it does not.
    interp.rejoin(certain, paths, interp.jumps if len(interp.frame.exits) == returns else -1)


def _iterate(
    interp: Interpreter, loop: Loop, iteration: Callable[[], object], node: ast.AST, *, entered: bool
) -> list[Delta]:
    """Run one iteration and then, from what it left, another; give the states in which the loop may be exhausted."""
    state = interp.state
    certain, paths = state.certain, interp.paths
    exhausted: list[Delta] = [] if entered else [{}]
    interp.loops.append(loop)
    state.certain = certain and entered
    interp.paths = paths if entered else (*paths, Path("loop", node))
    around, interp.reads = interp.reads, {}
    ends = _run_once(interp, loop, iteration)
    reads, interp.reads = interp.reads, around
    if around is not None:
        for key, definitions in reads.items():
            around.setdefault(key, definitions)
    exhausted += ends
    if ends and not interp.repeating and (interp.watcher is not None or _carries(interp, ends, reads)):
        state.merge(ends)
        state.certain = False
        interp.paths = (*paths, Path("loop", node))
        interp.repeating += 1
        exhausted += _run_once(interp, loop, iteration)
        interp.repeating -= 1
    interp.loops.pop()
    interp.paths = paths
    return exhausted


def _carries(interp: Interpreter, ends: list[Delta], reads: dict[Key, Definitions | None]) -> bool:
    """Tell whether an iteration leaves anything that the next would read otherwise than it did."""
    names = interp.state.names
    for end in ends:
        for table, key in end:
            if table:
                if interp.signing or any(change.erases for change in end[table, key] or ()):
                    return True
            elif key in reads and reads[key] == names.get(key):
                return True
    return False


def _run_once(interp: Interpreter, loop: Loop, iteration: Callable[[], object]) -> list[Delta]:
    """Run one iteration from the present state; give the states at its end, leaving the state as before the loop."""
    state = interp.state
    iteration()
    ends = loop.continues
    loop.continues = []
    if state.ended == RUNNING:
        ends = [*ends, state.delta(loop.mark)]
    state.ended = RUNNING
    state.undo(loop.mark)
    return ends
