"""Calls: whom they may reach, and what happens to what they are given."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.attributes import class_attribute
from nbpipe.analysis.containers import call_container
from nbpipe.analysis.flow import CallSite
from nbpipe.analysis.functions import Arguments, enter, escape, instantiate, operate
from nbpipe.analysis.names_in_text import READING_TEXTS, names_in_text
from nbpipe.analysis.values import (
    MISSING,
    NOTHING,
    Bound,
    Class,
    Const,
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
    function = node.func
    name = function.attr if function.__class__ is ast.Attribute else getattr(function, "id", "")
    if name in READING_TEXTS:
        _read_text(interp, node, arguments)
    return apply(interp, callee, arguments, node, site)


def _read_text(interp: Interpreter, node: ast.Call, arguments: Arguments) -> None:
    """Read the notebook's names that the text of an argument holds: what no cell binds may be something else."""
    first = arguments.positional[0] if arguments.positional else NOTHING
    known = first[0].value if len(first) == 1 and isinstance(first[0], Const) else ""
    for name in names_in_text(node, known if isinstance(known, str) else ""):
        if interp.frame.key(name.id) in interp.state.names:
            interp.load(name.id, name)


def apply(interp: Interpreter, callee: Value, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    """Call what the callee may be."""
    if len(callee) == 1:
        return _call_one(interp, callee[0], arguments, node, site)
    if MISSING in callee:
        return (MISSING,)
    if not callee:
        escape(interp, arguments.all())
        return interp.thing()
    results: list[Value] = []
    interp.branch(*(lambda obj=obj: results.append(_call_one(interp, obj, arguments, node, site)) for obj in callee))
    return union(*results)


def _call_one(interp: Interpreter, obj: Obj, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    kind = obj.__class__
    if kind is External or kind is Member:
        return _call_library(interp, obj, arguments, node, site)
    if obj is MISSING:
        return (MISSING,)
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
    return _call_library(interp, obj, arguments, node, site)


def _call_library(interp: Interpreter, obj: Obj, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    """Call what no notebook code defines, and tell whoever watches."""
    watcher = interp.watcher
    if watcher is None:
        return _call_unseen(interp, obj, arguments, node, site)
    watcher.calling(obj, arguments)
    result = _call_unseen(interp, obj, arguments, node, site)
    watcher.called(obj, arguments, result, node)
    return result


def _call_unseen(interp: Interpreter, obj: Obj, arguments: Arguments, node: ast.AST, site: CallSite | None) -> Value:
    kind = obj.__class__
    if kind is External:
        _name_site(site, obj.name, NOTHING)  # type: ignore[attr-defined]
        return interp.knowledge.call_external(interp, obj.name, arguments, node)  # type: ignore[attr-defined]
    if kind is Member:
        return _call_member(interp, obj, arguments, node, site)  # type: ignore[arg-type]
    operate(interp, arguments.all())
    escape(interp, arguments.all())
    name = type_name_of(obj)
    return interp.thing(f"{name}()" if name else None)


def _call_member(
    interp: Interpreter, member: Member, arguments: Arguments, node: ast.AST, site: CallSite | None
) -> Value:
    name = type_name_of(member)
    if name:
        _name_site(site, name, (member.base,))
    if isinstance(member.base, Container):
        return call_container(interp, member.base, member.attr, arguments, node)
    return interp.knowledge.call_method(interp, member, arguments, node)


def _name_site(site: CallSite | None, name: str, receiver: tuple[Obj, ...]) -> None:
    if site is not None:
        if name not in site.names:
            site.names = (*site.names, name)
        if receiver:
            site.receiver = union(site.receiver, receiver)


def _arguments(interp: Interpreter, node: ast.Call) -> Arguments:
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    spread: Value = NOTHING
    for argument in node.args:
        if argument.__class__ is not ast.Starred:
            positional.append(interp.evaluate(argument))
        else:
            spread = _spread(interp, argument.value, positional, spread)
    for keyword in node.keywords:
        value = interp.evaluate(keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        whole = value[0] if len(value) == 1 else None
        if isinstance(whole, Container) and not whole.rest and all(isinstance(key, str) for key in whole.items):
            keywords.update(whole.items)
        else:
            spread = union(spread, _elements_of(interp, value))
    return Arguments(positional, keywords, spread)


def _spread(interp: Interpreter, node: ast.expr, positional: list[Value], spread: Value) -> Value:
    """Take in ``*node``: what is known goes behind the positional arguments, the rest is given back."""
    value = interp.evaluate(node)
    whole = value[0] if len(value) == 1 else None
    if isinstance(whole, Container) and not whole.rest and whole.kind in ("tuple", "list") and not spread:
        positional.extend(whole.items.values())
        return spread
    return union(spread, _elements_of(interp, value))


def _elements_of(interp: Interpreter, value: Value) -> Value:
    from nbpipe.analysis.expressions import elements_of

    return elements_of(interp, value)
