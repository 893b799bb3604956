"""Statements: bindings, branches, loops, definitions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.assignment import assign, augment
from nbpipe.analysis.definitions import define_class, define_function, type_alias
from nbpipe.analysis.expressions import elements_of, is_nonempty
from nbpipe.analysis.functions import operate
from nbpipe.analysis.loops import run_loop
from nbpipe.analysis.matching import run_match
from nbpipe.analysis.scopes import import_name
from nbpipe.analysis.state import JUMPED, RAISED
from nbpipe.analysis.trying import run_try, run_with
from nbpipe.analysis.values import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.analysis.interpreter import Interpreter


def _expression(interp: Interpreter, node: ast.Expr) -> None:
    interp.evaluate(node.value)


def _assign(interp: Interpreter, node: ast.Assign) -> None:
    value = interp.evaluate(node.value)
    for target in node.targets:
        assign(interp, target, value)


def _annotated(interp: Interpreter, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(interp, node.target, interp.evaluate(node.value))
    scope = interp.frame.scope
    if not interp.lazy_annotations and (scope is None or scope.kind == "class") and node.simple:
        interp.evaluate(node.annotation)


def _delete(interp: Interpreter, node: ast.Delete) -> None:
    for target in node.targets:
        _delete_target(interp, target)


def _delete_target(interp: Interpreter, target: ast.expr) -> None:
    if isinstance(target, ast.Name):
        interp.load(target.id, target)  # deleting what is not bound raises NameError, too
        interp.unbind(target.id, target)
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            _delete_target(interp, element)
    elif isinstance(target, ast.Attribute):
        interp.mutate(interp.evaluate(target.value), target, erases=True)
    elif isinstance(target, ast.Subscript):
        value = interp.evaluate(target.value)
        interp.evaluate(target.slice)
        interp.mutate(value, target, erases=True)


def truth_of(test: ast.expr) -> bool | None:
    """Tell how a test surely comes out in a notebook, None when it may go either way."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth_of(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        sides = (test.left, test.comparators[0])
        names = [side.id for side in sides if isinstance(side, ast.Name)]
        texts = [side.value for side in sides if isinstance(side, ast.Constant)]
        return True if names == ["__name__"] and texts == ["__main__"] else None
    return None


def _if(interp: Interpreter, node: ast.If) -> None:
    interp.evaluate(node.test)
    truth = truth_of(node.test)
    if truth is None:
        interp.decide(node.test, lambda: interp.execute(node.body), lambda: interp.execute(node.orelse))
    else:
        interp.execute(node.body if truth else node.orelse)


def _while(interp: Interpreter, node: ast.While) -> None:
    truth = truth_of(node.test)

    def iteration() -> None:
        interp.evaluate(node.test)
        interp.execute(node.body)

    if truth is None:
        # The test is surely evaluated once, whatever becomes of the body.
        operate(interp, interp.evaluate(node.test))
    if truth is not False:
        run_loop(
            interp, iteration, lambda: interp.execute(node.orelse), node, entered=truth is True, endless=truth is True
        )
    else:
        interp.execute(node.orelse)


def _for(interp: Interpreter, node: ast.For | ast.AsyncFor) -> None:
    iterated = interp.evaluate(node.iter)
    item = elements_of(interp, iterated)

    def iteration() -> None:
        assign(interp, node.target, item, "loop")
        interp.execute(node.body)

    entered = is_nonempty(interp, iterated, node.iter)
    run_loop(interp, iteration, lambda: interp.execute(node.orelse), node, entered=entered)


def _import(interp: Interpreter, node: ast.Import) -> None:
    for alias in node.names:
        interp.knowledge.imported(alias.name)
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        interp.bind(import_name(alias), alias, "import", (interp.external(name),))


def _import_from(interp: Interpreter, node: ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "")
    interp.knowledge.imported(module)
    if module == "__future__":
        interp.lazy_annotations |= any(alias.name == "annotations" for alias in node.names)
    prefix = module if module.endswith(".") else f"{module}."
    for alias in node.names:
        if alias.name == "*":
            interp.mark_opaque(f"from {module} import *", binds=True)
        else:
            interp.bind(import_name(alias), alias, "import", (interp.external(prefix + alias.name),))


def _return(interp: Interpreter, node: ast.Return) -> None:
    frame = interp.frame
    frame.returns.append(interp.evaluate(node.value) if node.value is not None else NOTHING)
    frame.exits.append(interp.state.delta(frame.mark))
    interp.jumps += 1
    interp.state.ended = JUMPED


def _raise(interp: Interpreter, node: ast.Raise) -> None:
    for part in (node.exc, node.cause):
        if part is not None:
            interp.evaluate(part)
    interp.state.ended = RAISED


def _break(interp: Interpreter, _: ast.Break) -> None:
    if interp.loops:
        loop = interp.loops[-1]
        loop.breaks.append(interp.state.delta(loop.mark))
    interp.jumps += 1
    interp.state.ended = JUMPED


def _continue(interp: Interpreter, _: ast.Continue) -> None:
    if interp.loops:
        loop = interp.loops[-1]
        loop.continues.append(interp.state.delta(loop.mark))
    interp.jumps += 1
    interp.state.ended = JUMPED


def _assert(interp: Interpreter, node: ast.Assert) -> None:
    interp.evaluate(node.test)
    if node.msg is not None:
        message = node.msg
        interp.possibly(lambda: interp.evaluate(message))


def _nothing(_: Interpreter, __: ast.stmt) -> None:
    pass


EXECUTE: dict[type[ast.stmt], Callable[[Interpreter, Any], None]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AsyncFor: _for,
    ast.AsyncFunctionDef: define_function,
    ast.AsyncWith: run_with,
    ast.AugAssign: augment,
    ast.Break: _break,
    ast.ClassDef: define_class,
    ast.Continue: _continue,
    ast.Delete: _delete,
    ast.Expr: _expression,
    ast.For: _for,
    ast.FunctionDef: define_function,
    ast.Global: _nothing,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: run_match,
    ast.Nonlocal: _nothing,
    ast.Pass: _nothing,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: run_try,
    ast.TryStar: run_try,
    ast.While: _while,
    ast.With: run_with,
}
if hasattr(ast, "TypeAlias"):  # Python 3.12
    EXECUTE[ast.TypeAlias] = type_alias
