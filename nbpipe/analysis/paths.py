"""The conditions that code stands in, so that a use is not doubted for a path that excludes it."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Const

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        implied: what follows for the parts of the test: under ``a and b`` both hold, under ``not (a or b)`` neither.
        fork: shared by the alternatives of one execution of one statement, of which only one is taken; None where
            several may be (in the later iterations of a loop).
    """

    __slots__ = ("fork", "holds", "implied", "kind", "node", "read")

    def __init__(  # noqa: PLR0913 - the facts of a condition
        self,
        kind: str,
        node: ast.AST | None = None,
        read: Read = (),
        *,
        holds: bool = True,
        implied: Paths = (),
        fork: object | None = None,
    ) -> None:
        self.kind = kind
        self.node = node
        self.read = read
        self.holds = holds
        self.implied = implied
        self.fork = fork

    def excludes(self, other: Path) -> bool:
        """Tell whether not both can be taken: alternatives of one fork, or opposite outcomes of one test."""
        if self is other:
            return False
        if self.fork is not None and self.fork is other.fork:
            return True
        return any(mine.contradicts(theirs) for mine in (self, *self.implied) for theirs in (other, *other.implied))

    def contradicts(self, other: Path) -> bool:
        """Tell whether these are opposite outcomes of one test that read the same."""
        return (
            self.kind == other.kind == "if"
            and self.holds != other.holds
            and self.read == other.read
            and self.node is not None
            and other.node is not None
            and (self.node is other.node or ast.dump(self.node) == ast.dump(other.node))
        )


Paths = tuple[Path, ...]


def taken(path: Path) -> bool:
    """Tell whether the constants that the notebook sets as it stands lead this way."""
    if path.kind != "if" or path.node is None:
        return False
    held = dict(zip((node.id for node in walk(path.node) if isinstance(node, ast.Name)), path.read, strict=True))
    try:
        return bool(_constant(path.node, held)) == path.holds
    except (ValueError, TypeError):
        return False


# Methods of text that depend on nothing else.
_ASKED_OF_TEXT = frozenset(["startswith", "endswith", "lower", "upper", "strip"])


def _constant(node: ast.AST, held: Mapping[str, Definitions | None]) -> Any:
    """Give the value of a test on constants.

    Raises:
        ValueError: something in it is no constant.
        TypeError: its constants cannot be compared.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        definitions = held[node.id] or ()
        if len(definitions) == 1 and len(definitions[0].value) == 1 and isinstance(definitions[0].value[0], Const):
            return definitions[0].value[0].value
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [_constant(element, held) for element in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _constant(node.operand, held)
    if isinstance(node, ast.BoolOp):
        values = [_constant(value, held) for value in node.values]
        return all(values) if isinstance(node.op, ast.And) else any(values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKED_OF_TEXT:
        text = _constant(node.func.value, held)
        given = [_constant(argument, held) for argument in node.args]
        if isinstance(text, str) and not node.keywords:
            return getattr(text, node.func.attr)(*given)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARE and len(node.ops) == 1:
        return _COMPARE[type(node.ops[0])](_constant(node.left, held), _constant(node.comparators[0], held))
    raise ValueError


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.Is: operator.is_,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
# Comparisons that are told by their opposites.
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In}


class Test:
    """A test that is to come out one way, in the form in which tests are compared.

    Attributes:
        node: the test without a negation around it.
        holds: how that comes out.
        names: those that the whole test reads.
        parts: of an ``and`` that holds, or an ``or`` that does not: each then comes out the same way.
    """

    __slots__ = ("holds", "names", "node", "parts")

    def __init__(self, node: ast.expr, *, holds: bool) -> None:
        self.names = [part.id for part in walk(node) if isinstance(part, ast.Name)]
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node, holds = node.operand, not holds
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPPOSITES and len(node.ops) == 1:
            opposite = _OPPOSITES[type(node.ops[0])]()
            node, holds = ast.Compare(node.left, [opposite], node.comparators), not holds
        self.node = node
        self.holds = holds
        alike = isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) == holds
        self.parts: list[ast.expr] = node.values if alike and isinstance(node, ast.BoolOp) else []


def condition(interp: Interpreter, test: ast.expr, *, holds: bool, fork: object | None = None) -> Path:
    """Give the path on which a test comes out true, or false, now."""
    known = interp.tests.get((id(test), holds))
    if known is None:
        known = interp.tests[id(test), holds] = Test(test, holds=holds)
    implied: Paths = ()
    if known.parts:
        parts = [condition(interp, value, holds=known.holds) for value in known.parts]
        implied = tuple(path for part in parts for path in (part, *part.implied))
    key, held = interp.frame.key, interp.state.names
    read = tuple([held.get(key(name)) for name in known.names])
    return Path("if", known.node, read, holds=known.holds, implied=implied, fork=fork)


def exclusive(first: Paths, second: Paths) -> bool:
    """Tell whether no run can take both paths."""
    return any(step.excludes(other) for step in first for other in second)
