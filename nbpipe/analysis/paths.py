"""The conditions that code stands in, so that a use is not doubted for a path that excludes it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.state import Definitions

Read = tuple["Definitions | None", ...]


class Path:
    """One thing that decides whether code is run.

    Attributes:
        kind: ``if``, ``loop``, ``try``, ``with``, ``jump`` (behind a return or break that may have been taken) or
            ``branch`` (any other).
        node: the test of an ``if``, the statement of a ``loop``.
        read: what the names in a test held when it was evaluated.
        holds: whether the code is run when the test is true.
        fork: shared by the alternatives of one execution of one statement, of which only one is taken; None where
            several may be (in the later iterations of a loop).
    """

    __slots__ = ("fork", "holds", "kind", "node", "read")

    def __init__(
        self,
        kind: str,
        node: ast.AST | None = None,
        read: Read = (),
        *,
        holds: bool = True,
        fork: object | None = None,
    ) -> None:
        self.kind = kind
        self.node = node
        self.read = read
        self.holds = holds
        self.fork = fork

    def excludes(self, other: Path) -> bool:
        """Tell whether not both can be taken: alternatives of one fork, or opposite outcomes of one test."""
        if self is other:
            return False
        if self.fork is not None and self.fork is other.fork:
            return True
        return (
            self.kind == other.kind == "if"
            and self.holds != other.holds
            and self.read == other.read
            and self.node is not None
            and other.node is not None
            and (self.node is other.node or ast.dump(self.node) == ast.dump(other.node))
        )


Paths = tuple[Path, ...]


def condition_of(interp: Interpreter, test: ast.expr) -> Read:
    """Give what the names in a test hold now."""
    names = [node.id for node in ast.walk(test) if isinstance(node, ast.Name)]
    return tuple(interp.state.names.get(interp.frame.key(name)) for name in names)


def exclusive(first: Paths, second: Paths) -> bool:
    """Tell whether no run can take both paths."""
    return any(step.excludes(other) for step in first for other in second)
