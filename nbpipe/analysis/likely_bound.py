"""Whether a name that is bound on some paths only is there all the same, as far as its author can be expected to see.

Nearly every loop runs, the settings lead where they lead as the notebook stands, and who asks a question before the use
that has to do with the one before the definition knows of it (decision 0005).
"""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from nbpipe.analysis.paths import taken
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Const
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.paths import Path

_MANY = 3
_MAKING = frozenset(["client", "resource"])  # of boto3 and the like
_TESTING = pattern(r"^(?:CI|TESTING|(?:\w+_)?TEST(?:ING)?(?:_\w+)?)$")
# What is listed may be nothing at all: the folder is empty, or another one.
_LISTING = frozenset(["glob", "iglob", "rglob", "listdir", "scandir", "iterdir", "walk"])
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_ELSEWHERE = (*_LOOPS, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def likely_bound(analysis: Analysis, use: Use, definitions: Iterable[Definition]) -> bool:
    """Tell whether one of the definitions, which come before the use on some paths only, is made in nearly all runs."""
    definitions = tuple(definitions)
    asked = list(_tests(_around(analysis, use.home, use.node)))
    for definition in definitions:
        if definition.node is None:
            continue
        around = _around(analysis, definition.home, definition.node)
        if _as_it_stands(definition, around) or _by_flag(definition, definitions) or _made_to_be_tried(around):
            return True
        if any(_lists_all(node, definition.name) or _is_switch(node) for node in around if isinstance(node, ast.If)):
            return True
        if any(_are_related(analysis, mine, other) for mine in _tests(around) for other in asked):
            return True
    return False


def _as_it_stands(definition: Definition, around: list[ast.AST]) -> bool:
    """Tell whether only loops and settings as the notebook has them stand between the cell's start and a definition."""
    places = [place for place, node in enumerate(around) if isinstance(node, _LOOPS)]
    steps: list[Path] = [step for step in definition.paths if step.kind != "loop"]
    if not places:
        return bool(steps) and all(map(taken, steps))
    if any(_may_find_nothing(around[place:]) for place in places):
        return False
    leaving = any(step.kind == "with" for step in steps)
    outside = (ast.If, ast.Try, ast.Match, *((ast.With,) if leaving else ()))
    return not any(isinstance(node, outside) for node in around[: places[0]]) or all(map(taken, steps))


def _may_find_nothing(around: list[ast.AST]) -> bool:
    """Tell whether a loop (the first node) looks for something, or tries something, that a run may well not find."""
    loop, *inside = around
    listed = loop.iter if isinstance(loop, ast.For) else loop
    if any(_called(node) in _LISTING for node in walk(listed)) and isinstance(loop, ast.For):
        return True
    for number, node in enumerate(inside[:-1]):
        if isinstance(node, ast.Try) and node.handlers and inside[number + 1] in node.body:
            return not _is_used_after(node, inside[number + 1])
    waits = isinstance(loop, ast.While) or _called(listed) in ("range", "count")
    return waits and any(isinstance(node, ast.If) for node in inside) and any(_breaks(loop))


def _is_used_after(attempt: ast.Try, statement: ast.AST) -> bool:
    """Tell whether an attempt goes on to call a method of what a statement in it binds: that is what is tried."""
    bound = {node.id for node in walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    later = [each for each in attempt.body if each.lineno > statement.lineno]  # type: ignore[attr-defined]
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in bound
        for each in later
        for node in walk(each)
    )


def _made_to_be_tried(around: list[ast.AST]) -> bool:
    """Tell whether an attempt first makes an object of a class, as rarely fails, and then tries something with it."""
    for node, statement in pairwise(around):
        if isinstance(node, ast.Try) and statement is node.body[0] and isinstance(statement, ast.Assign):
            name = _called(statement.value)
            return (name[:1].isupper() or name in _MAKING) and _is_used_after(node, statement)
    return False


def _breaks(node: ast.AST) -> Iterator[ast.Break]:
    """Give the statements that leave a loop from its body."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.Break):
            yield part
        elif not isinstance(part, _ELSEWHERE):
            yield from _breaks(part)


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", "") or getattr(function, "id", "")


def _by_flag(definition: Definition, definitions: tuple[Definition, ...]) -> bool:
    """Tell whether a definition is skipped only where a flag was set, and that where another one was made.

    As in ``found = False``, ``if a: found, x = True, 1``, ``if not found: x = 2``.
    """
    if not definition.paths or not isinstance(definition.paths[-1].node, ast.Name):
        return False
    step = definition.paths[-1]
    skipping = [
        flag
        for flag in (step.read[0] if step.read else None) or ()
        if not (len(flag.value) == 1 and isinstance(flag.value[0], Const) and bool(flag.value[0].value) == step.holds)
    ]
    beside = definition.paths[:-1]
    return bool(skipping) and all(
        len(flag.paths) > len(beside) and any(flag.paths == other.paths for other in definitions) for flag in skipping
    )


def _lists_all(node: ast.If, name: str) -> bool:
    """Tell whether an ``if`` with its ``elif`` binds the name in each branch, one for each of some alternatives.

    Members of an enumeration, which are known, or three alternatives and more: its author thought of all there are.
    """
    branches = [node]
    while len(branches[-1].orelse) == 1 and isinstance(branches[-1].orelse[0], ast.If):
        branches.append(branches[-1].orelse[0])
    if len(branches) == 1 or branches[-1].orelse:
        return False
    if not set.intersection(*(_Test(branch.test, holds=True).names() for branch in branches)):
        return False
    if len(branches) < _MANY and not all(_asks_for_member(branch.test) for branch in branches):
        return False
    return all(
        any(
            isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store)
            for part in _parts(branch)
        )
        for branch in branches
    )


def _parts(branch: ast.If) -> Iterator[ast.AST]:
    for statement in branch.body:
        yield from walk(statement)


def _asks_for_member(test: ast.expr) -> bool:
    """Tell whether a test is of the form ``mode == Mode.TRAIN``."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.Eq | ast.Is)
        and isinstance(test.comparators[0], ast.Attribute)
        and test.comparators[0].attr.isupper()
    )


def _is_switch(node: ast.If) -> bool:
    """Tell whether an ``if`` asks for an environment variable that is set where the notebook is tested only."""
    texts = (part.value for part in walk(node.test) if isinstance(part, ast.Constant))
    return any(isinstance(text, str) and _TESTING.search(text) is not None for text in texts)


class _Test:
    """A question that code stands under, and whether it is to come out true."""

    __slots__ = ("holds", "node", "text")

    def __init__(self, node: ast.expr, *, holds: bool) -> None:
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node, holds = node.operand, not holds
        self.node = node
        self.holds = holds
        self.text = ast.dump(node)

    def names(self) -> set[str]:
        return {node.id for node in walk(self.node) if isinstance(node, ast.Name)}


def _tests(around: list[ast.AST]) -> Iterator[_Test]:
    for node, part in pairwise(around):
        if isinstance(node, ast.If | ast.IfExp) and part is not node.test:
            body = node.body if isinstance(node.body, list) else [node.body]
            yield _Test(node.test, holds=part in body)


def _are_related(analysis: Analysis, first: _Test, second: _Test) -> bool:
    """Tell whether a question before a definition and one before its use have to do with each other.

    The data flow answers for one question asked twice, unless a module in it was imported again in between.
    """
    shared = first.names() & second.names()
    known = analysis.top_down.definitions
    variables = {name for name in shared if any(each.kind != "import" for each in known.get(name, ()))}
    if first.text == second.text:
        return first.holds == second.holds and not variables
    return bool(variables)


def _around(analysis: Analysis, home: int, node: ast.AST) -> list[ast.AST]:
    """Give the nodes of a cell's code that a node stands in, outermost first, and the node itself."""
    code = analysis.codes.get(home)
    pending: list[list[ast.AST]] = [[statement] for statement in (code.body if code is not None else ())]
    while pending:
        chain = pending.pop()
        if chain[-1] is node:
            return chain
        pending.extend([*chain, part] for part in ast.iter_child_nodes(chain[-1]))
    return []
