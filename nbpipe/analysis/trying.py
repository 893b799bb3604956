"""``try`` and ``with``: paths on which only the first part of a block was run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.functions import operate
from nbpipe.analysis.paths import Path
from nbpipe.analysis.state import JUMPED, RAISED, RUNNING
from nbpipe.analysis.values import External

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.state import Delta

_NAME_ERRORS = frozenset(["NameError", "UnboundLocalError"])
_CATCH_NAME_ERRORS = _NAME_ERRORS | {"Exception", "BaseException"}
_SWALLOWING = frozenset(["contextlib.suppress", "pytest.raises", "unittest.TestCase.assertRaises"])


def run_try(interp: Interpreter, node: ast.Try | ast.TryStar) -> None:
    """Run a try statement: handlers start from any point of the body, ``finally`` from any point of all."""
    state = interp.state
    mark, certain, before, jumps = state.mark(), state.certain, interp.paths, interp.jumps
    guarded = any(_catches(handler, _CATCH_NAME_ERRORS) for handler in node.handlers)
    asking = any(handler.type is not None and _catches(handler, _NAME_ERRORS) for handler in node.handlers)
    interp.guards += guarded
    interp.asking += asking
    interp.paths = (*before, Path("try")) if node.handlers else before
    points = _run_body(interp, node.body, mark, certain=certain and not node.handlers)
    interp.guards -= guarded
    interp.asking -= asking
    raised = list(points)
    exits: list[Delta] = []
    steps: list[Path] = []
    fork = interp.fork()
    if state.ended == RUNNING:
        raised += _run_body(interp, node.orelse, mark, certain=state.certain)
    if state.ended == RUNNING:
        exits.append(state.delta(mark))
        steps.append(Path("try", fork=fork))
    jumped = state.ended == JUMPED
    for handler in node.handlers:
        step = Path("try", fork=fork)
        interp.paths = (*before, step)
        state.undo(mark)
        state.ended = RUNNING
        state.merge(points)
        ended = _run_handler(interp, handler, mark, raised)
        jumped |= ended == JUMPED
        if ended == RUNNING:
            exits.append(state.delta(mark))
            steps.append(step)
    state.undo(mark)
    state.ended = RUNNING
    _run_finally(interp, node.finalbody, raised, mark)
    state.merge(exits or raised, steps)
    interp.rejoin(certain, before, jumps)
    interp.execute(node.finalbody)
    if not exits and state.ended == RUNNING:
        state.ended = JUMPED if jumped else RAISED


def _run_finally(interp: Interpreter, body: Sequence[ast.stmt], raised: list[Delta], mark: int) -> None:
    """Run a finally block on the way of an exception out of the statement, or of a jump; what it leaves is not kept."""
    state = interp.state
    if body:
        state.merge(raised)
        state.certain = False
        interp.execute(body)
        state.ended = RUNNING
        state.undo(mark)


def _run_body(interp: Interpreter, body: Sequence[ast.stmt], mark: int, *, certain: bool) -> list[Delta]:
    """Run a block; give the states before and after each of its statements."""
    state = interp.state
    points: list[Delta] = [{}]
    state.certain = certain
    for statement in body:
        interp.execute((statement,))
        points.append(state.delta(mark))
        if state.ended:
            break
    return points


def _run_handler(interp: Interpreter, handler: ast.ExceptHandler, mark: int, raised: list[Delta]) -> int:
    """Run one except block, adding the states between its statements to `raised`; tell how it ended."""
    state = interp.state
    state.certain = False
    if handler.type is not None:
        interp.evaluate(handler.type)
    if handler.name:
        interp.bind(handler.name, handler, "except", ())
    raised += _run_body(interp, handler.body, mark, certain=False)
    if state.ended == RUNNING and handler.name:
        interp.unbind(handler.name, handler)
    return state.ended


def _catches(handler: ast.ExceptHandler, errors: frozenset[str]) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in errors for kind in kinds)


def run_with(interp: Interpreter, node: ast.With | ast.AsyncWith) -> None:
    """Run a with statement; `contextlib.suppress` and its like may cut the body short."""
    from nbpipe.analysis.assignment import assign

    state = interp.state
    swallowing = False
    for item in node.items:
        value = interp.evaluate(item.context_expr)
        operate(interp, value)
        swallowing |= _swallows(interp, item.context_expr)
        if item.optional_vars is not None:
            entered = value if any(not isinstance(obj, External) for obj in value) else ()
            assign(interp, item.optional_vars, entered, "with")
    if not swallowing:
        interp.execute(node.body)
        return
    mark, certain = state.mark(), state.certain
    interp.guards += 1
    before = interp.paths
    interp.paths = (*before, Path("with"))
    points = _run_body(interp, node.body, mark, certain=False)
    interp.paths = before
    interp.guards -= 1
    state.undo(mark)
    state.ended = RUNNING
    state.merge(points)
    state.certain = certain


def _swallows(interp: Interpreter, context: ast.expr) -> bool:
    site = interp.flow.calls.get(id(context))
    return site is not None and any(name in _SWALLOWING for name in site.names)
