"""Calls: whom they may reach, and what happens to what they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.attributes import class_attribute
from nbpipe.analysis.containers import call_container
from nbpipe.analysis.flow import CallSite
from nbpipe.analysis.functions import Arguments, enter, escape, instantiate, operate
from nbpipe.analysis.values import (
    MISSING,
    NOTHING,
    Bound,
    Class,
    Container,
    External,
    Function,
    Instance,
    Member,
    Obj,
    Value,
    type_name_of,
    union,
)

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis.interpreter import Interpreter


def call(interp: Interpreter, node: ast.Call) -> Value:
    """Evaluate a call: callee, positional arguments, keyword arguments, then the call itself."""
    callee = interp.evaluate(node.func)
    arguments = _arguments(interp, node)
    site = interp.flow.calls.get(id(node))
    if site is None:
        site = interp.flow.calls[id(node)] = CallSite(node, interp.cell, interp.home)
        site.arguments = arguments.positional
        site.keywords = arguments.keywords
    return apply(interp, callee, arguments, node, site)


def apply(interp: Interpreter, callee: Value, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    """Call what the callee may be."""
    if MISSING in callee:
        return (MISSING,)
    if len(callee) == 1:
        return _call_one(interp, callee[0], arguments, node, site)
    if not callee:
        escape(interp, arguments.all())
        return interp.thing()
    results: list[Value] = []
    interp.branch(*(lambda obj=obj: results.append(_call_one(interp, obj, arguments, node, site)) for obj in callee))
    return union(*results)


def _call_one(interp: Interpreter, obj: Obj, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    if isinstance(obj, Function):
        return enter(interp, obj, arguments)
    if isinstance(obj, Bound):
        return enter(interp, obj.function, arguments.after((obj.receiver,)))
    if isinstance(obj, Class):
        return instantiate(interp, obj, arguments)
    if isinstance(obj, Instance):
        method = class_attribute(interp, obj.cls, "__call__", receiver=obj)
        if method:
            return apply(interp, method, arguments, node, site)
    watcher = interp.watcher
    if watcher is None:
        return _call_unseen(interp, obj, arguments, node, site)
    watcher.calling(obj, arguments)
    result = _call_unseen(interp, obj, arguments, node, site)
    watcher.called(obj, arguments, result, node)
    return result


def _call_unseen(interp: Interpreter, obj: Obj, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    """Call what no notebook code defines."""
    if isinstance(obj, External):
        _name_site(site, obj.name, NOTHING)
        return interp.knowledge.call_external(interp, obj.name, arguments, node)
    if isinstance(obj, Member):
        name = type_name_of(obj)
        if name:
            _name_site(site, name, (obj.base,))
        if isinstance(obj.base, Container):
            return call_container(interp, obj.base, obj.attr, arguments, node)
        return interp.knowledge.call_method(interp, obj, arguments, node)
    operate(interp, arguments.all())
    escape(interp, arguments.all())
    name = type_name_of(obj)
    return interp.thing(f"{name}()" if name else None)


def _name_site(site: CallSite | None, name: str, receiver: tuple[Obj, ...]) -> None:
    if site is not None:
        if name not in site.names:
            site.names = (*site.names, name)
        site.receiver = union(site.receiver, receiver)


def _arguments(interp: Interpreter, node: ast.Call) -> Arguments:
    import ast

    from nbpipe.analysis.expressions import elements_of

    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    spread: Value = NOTHING
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = interp.evaluate(argument.value)
            whole = value[0] if len(value) == 1 else None
            if isinstance(whole, Container) and not whole.rest and whole.kind in ("tuple", "list") and not spread:
                positional.extend(whole.items.values())
            else:
                spread = union(spread, elements_of(interp, value))
        else:
            positional.append(interp.evaluate(argument))
    for keyword in node.keywords:
        value = interp.evaluate(keyword.value)
        if keyword.arg is None:
            whole = value[0] if len(value) == 1 else None
            if isinstance(whole, Container) and not whole.rest and all(isinstance(key, str) for key in whole.items):
                keywords.update(whole.items)
            else:
                spread = union(spread, elements_of(interp, value))
        else:
            keywords[keyword.arg] = value
    return Arguments(positional, keywords, spread)
