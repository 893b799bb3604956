"""Where values go: the syntax around an expression, and the places that read a name which was given it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.scopes import scope_of
from nbpipe.analysis.traversal import walk
from nbpipe.keeping import kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Use
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.scopes import FunctionNode, Scope

    Read = tuple[int, ast.Name]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEPTH = 3  # of calls that are followed to those who call
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BRANCHES = (ast.ExceptHandler, ast.Lambda, ast.Try, ast.match_case)


def around(analysis: Analysis, home: int, node: ast.AST) -> tuple[ast.AST, ...]:
    """Give the syntax nodes that a node of the code of cell `home` stands in, from the innermost to its statement."""
    parents = analysis.parents(home)
    found: list[ast.AST] = []
    outer = parents.get(id(node))
    while outer is not None:
        found.append(outer)
        outer = parents.get(id(outer))
    return tuple(found)


def reads_of(analysis: Analysis, home: int, name: ast.AST) -> list[Read]:
    """Give the places that may read what a name holds that is bound or read at this place: cell and node.

    Names of the notebook are followed by data flow, those of a function by name.
    """
    if not isinstance(name, ast.Name):
        return []
    function = next((each for each in around(analysis, home, name) if isinstance(each, FUNCTIONS)), None)
    if function is not None:
        scope, loads = _inside(analysis, function)
        if name.id in scope.locals:
            return [(home, node) for node in loads.get(name.id, ())]
    uses, reads = _uses(analysis)
    bound = uses[id(name)].definitions if id(name) in uses else ()
    nodes = [definition.node for definition in bound] if isinstance(name.ctx, ast.Load) else [name]
    return list({id(read[1]): read for node in nodes for read in reads.get(id(node), ())}.values())


def _inside(analysis: Analysis, function: FunctionNode) -> tuple[Scope, dict[str, list[ast.Name]]]:
    """Give the scope of a function and the places that read each name in it, worked out once."""
    functions = _functions(analysis)
    found = functions.get(id(function))
    if found is None:
        loads: dict[str, list[ast.Name]] = {}
        for node in walk(function):
            if node.__class__ is ast.Name and node.ctx.__class__ is ast.Load:
                loads.setdefault(node.id, []).append(node)
        found = functions[id(function)] = (scope_of(function), loads)
    return found


@kept
def _functions(analysis: Analysis) -> dict[int, tuple[Scope, dict[str, list[ast.Name]]]]:  # noqa: ARG001 - its memory
    """Give where `_inside` keeps what it has worked out for a notebook."""
    return {}


@kept
def _uses(analysis: Analysis) -> tuple[dict[int, Use], dict[int, list[Read]]]:
    """Give the uses by their place, and the places that read each binding by the node that binds."""
    uses: dict[int, Use] = {}
    reads: dict[int, list[Read]] = {}
    for use in analysis.top_down.uses.values():
        if isinstance(use.node, ast.Name):
            uses.setdefault(id(use.node), use)
            for node in {id(definition.node) for definition in use.definitions}:
                reads.setdefault(node, []).append((use.home, use.node))
    return uses, reads


def is_met(analysis: Analysis, home: int, node: ast.AST, depth: int = DEPTH) -> bool:
    """Tell whether every run from the top meets a node: no branch leads around it, and what it is in is called.

    A `try` is a branch, and so is everything behind a `return` of the same function.
    """
    outer = around(analysis, home, node)
    functions = [each for each in outer if isinstance(each, _DEFINITIONS)]
    inner = outer[: outer.index(functions[0]) + 1] if functions else outer
    if any(_is_branch(each, node) for each in inner) or (functions and _returns_before(functions[0], node)):
        return False
    if not functions or not depth:
        return not functions
    return any(
        is_met(analysis, place, call, depth - 1) for place, call in _calls_of(analysis, functions[0].name, outer)
    )


def _is_branch(outer: ast.AST, node: ast.AST) -> bool:
    """Tell whether a node stands in that part of another one that is not always run."""
    if isinstance(outer, ast.BoolOp):
        first: ast.AST = outer.values[0]
    elif isinstance(outer, ast.If | ast.IfExp | ast.While):
        if _is_true(outer.test):
            return False
        first = outer.test
    else:
        return isinstance(outer, _BRANCHES)
    return not any(part is node for part in walk(first))


def _is_true(test: ast.expr) -> bool:
    """Tell whether a test never fails: ``while True``, and what asks for the program's name in a notebook."""
    return (isinstance(test, ast.Constant) and bool(test.value)) or ast.unparse(test) == "__name__ == '__main__'"


def _returns_before(function: ast.AST, node: ast.AST) -> bool:
    line = getattr(node, "lineno", 0)
    return any(isinstance(each, ast.Return) and each.lineno < line for each in walk(function))


def _calls_of(analysis: Analysis, name: str, outer: tuple[ast.AST, ...]) -> Iterator[tuple[int, ast.Call]]:
    """Yield the calls of what may be a function of the notebook: by its name, or its class's where Python calls it."""
    if name.startswith("__") and name.endswith("__"):
        name = next((node.name for node in outer if isinstance(node, ast.ClassDef)), name)
    if name in analysis.called:
        yield from analysis.calls_by_name.get(name, ())


def called_name(call: ast.Call) -> str:
    """Give the last name of what a call calls."""
    name: str = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
    return name
