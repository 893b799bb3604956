"""Comprehensions and generator expressions: the first iterable is evaluated outside, the rest in a scope of its own."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from nbpipe.analysis.loops import run_loop
from nbpipe.analysis.values import Container, Value, union

if TYPE_CHECKING:
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.scopes import ComprehensionNode


def comprehend(interp: Interpreter, node: ast.ListComp | ast.SetComp | ast.DictComp) -> Value:
    """Run a list, set or dict comprehension."""
    first = interp.evaluate(node.generators[0].iter)
    elements: list[Value] = []
    _in_own_frame(interp, node, first, elements)
    kind = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict"}[type(node)]
    return (Container(interp.site(), kind, {}, union(*elements), nonempty=False),)


def generate(interp: Interpreter, node: ast.GeneratorExp) -> Value:
    """Make a generator: only the first iterable is surely evaluated, the rest when somebody draws from it."""
    first = interp.evaluate(node.generators[0].iter)
    elements: list[Value] = []
    interp.possibly(lambda: _in_own_frame(interp, node, first, elements))
    return (Container(interp.site(), "generator", {}, union(*elements), nonempty=False),)


def _in_own_frame(interp: Interpreter, node: ComprehensionNode, first: Value, elements: list[Value]) -> None:
    outer = interp.frame
    interp.frame = interp.enter(node, outer, interp.home)
    try:
        _clause(interp, node, 0, first, elements)
    finally:
        interp.frame = outer


def _clause(interp: Interpreter, node: ComprehensionNode, number: int, iterated: Value, elements: list[Value]) -> None:
    """Run the loop of one ``for`` clause, the next clauses inside it."""
    from nbpipe.analysis.assignment import assign
    from nbpipe.analysis.expressions import elements_of, is_nonempty

    clause = node.generators[number]
    item = elements_of(interp, iterated)

    def iteration() -> None:
        assign(interp, clause.target, item, "loop")
        _conditions(interp, node, number, 0, elements)

    run_loop(interp, iteration, lambda: None, node, entered=is_nonempty(interp, iterated, clause.iter))


def _conditions(interp: Interpreter, node: ComprehensionNode, number: int, start: int, elements: list[Value]) -> None:
    """Run the conditions of a clause from one of them on, and what follows where they hold."""
    clause = node.generators[number]
    if start < len(clause.ifs):
        interp.evaluate(clause.ifs[start])
        further = partial(_conditions, interp, node, number, start + 1, elements)
        interp.decide(clause.ifs[start], further, lambda: None)
    elif number + 1 < len(node.generators):
        following = interp.evaluate(node.generators[number + 1].iter)
        _clause(interp, node, number + 1, following, elements)
    elif isinstance(node, ast.DictComp):
        interp.evaluate(node.key)
        elements.append(interp.evaluate(node.value))
    else:
        elements.append(interp.evaluate(node.elt))
