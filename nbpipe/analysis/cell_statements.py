"""The statements that a cell runs itself, not in a function or class, with the conditions around each."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Around:
    """What stands around a statement.

    Attributes:
        tests: the tests of the `if`, `while` and `match` statements around it.
        attempted: it stands in a `try`.
        repeated: it stands in a loop.
    """

    __slots__ = ("attempted", "repeated", "tests")

    def __init__(self, tests: tuple[ast.expr, ...] = (), *, attempted: bool = False, repeated: bool = False) -> None:
        self.tests = tests
        self.attempted = attempted
        self.repeated = repeated

    @property
    def always(self) -> bool:
        """Whether the statement is surely run exactly once, when its cell is."""
        return not (self.tests or self.attempted or self.repeated)

    def inside(self, test: ast.expr | None = None, *, attempted: bool = False, repeated: bool = False) -> Around:
        """Give the same with one more thing around."""
        tests = (*self.tests, test) if test is not None else self.tests
        return Around(tests, attempted=self.attempted or attempted, repeated=self.repeated or repeated)


_FREE = Around()
# Most statements hold no others.
_SIMPLE = frozenset([ast.Assign, ast.AugAssign, ast.Expr, ast.FunctionDef, ast.Import, ast.ImportFrom])


def statements(body: Iterable[ast.stmt], around: Around = _FREE) -> Iterator[tuple[ast.stmt, Around]]:
    """Yield statements in the order of the text, each compound one before those in it."""
    for statement in body:
        yield statement, around
        if statement.__class__ in _SIMPLE:
            continue
        if isinstance(statement, ast.If):
            inner = around.inside(statement.test)
            yield from statements(statement.body, inner)
            yield from statements(statement.orelse, inner)
        elif isinstance(statement, ast.For | ast.AsyncFor):
            yield from statements(statement.body, around.inside(repeated=True))
            yield from statements(statement.orelse, around)
        elif isinstance(statement, ast.While):
            yield from statements(statement.body, around.inside(statement.test, repeated=True))
            yield from statements(statement.orelse, around)
        elif isinstance(statement, ast.With | ast.AsyncWith):
            yield from statements(statement.body, around)
        elif isinstance(statement, ast.Try | ast.TryStar):
            yield from _attempt(statement, around)
        elif isinstance(statement, ast.Match):
            for case in statement.cases:
                yield from statements(case.body, around.inside(statement.subject))


def _attempt(statement: ast.Try | ast.TryStar, around: Around) -> Iterator[tuple[ast.stmt, Around]]:
    attempt = around.inside(attempted=True)
    yield from statements(statement.body, attempt)
    for handler in statement.handlers:
        yield from statements(handler.body, attempt)
    yield from statements(statement.orelse, attempt)
    yield from statements(statement.finalbody, around)
