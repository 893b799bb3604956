"""``match``: cases are tried in order; captures are bound as the pattern is met."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from nbpipe.analysis.functions import operate
from nbpipe.analysis.values import NOTHING, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis.interpreter import Interpreter


def run_match(interp: Interpreter, node: ast.Match) -> None:
    """Run a match statement."""
    subject = interp.evaluate(node.subject)
    operate(interp, subject)
    _try_case(interp, node.cases, subject)


def _try_case(interp: Interpreter, cases: Sequence[ast.match_case], subject: Value) -> None:
    if not cases:
        return
    case, others = cases[0], cases[1:]
    always = is_irrefutable(case.pattern)
    _capture(interp, case.pattern, subject, matched=always)
    if always and case.guard is None:
        interp.execute(case.body)
        return
    if case.guard is not None:
        guard = case.guard

        def guarded() -> None:
            # A pattern that matched binds its names even where the guard then says no.
            _capture(interp, case.pattern, subject, matched=True)
            interp.evaluate(guard)

        if always:
            guarded()
        else:
            interp.possibly(guarded)

    def taken() -> None:
        _capture(interp, case.pattern, subject, matched=True)
        interp.execute(case.body)

    interp.branch(taken, lambda: _try_case(interp, others, subject))


def is_irrefutable(pattern: ast.pattern) -> bool:
    """Tell whether a pattern matches everything: a capture, ``_``, or an alternative that is one."""
    if isinstance(pattern, ast.MatchAs):
        return pattern.pattern is None or is_irrefutable(pattern.pattern)
    if isinstance(pattern, ast.MatchOr):
        return any(is_irrefutable(part) for part in pattern.patterns)
    return False


def _capture(interp: Interpreter, pattern: ast.pattern, subject: Value, *, matched: bool) -> None:
    """Evaluate a pattern's values and bind its captures; a failed match may leave some of them bound."""
    for child in ast.iter_child_nodes(pattern):
        if isinstance(child, ast.pattern):
            _capture(interp, child, NOTHING, matched=matched)
        elif isinstance(child, ast.expr):
            if matched:
                interp.possibly(partial(interp.evaluate, child))
            else:
                interp.evaluate(child)
    name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
    if name is not None and matched:
        interp.bind(name, pattern, "match", subject)
