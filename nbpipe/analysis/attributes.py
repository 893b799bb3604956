"""Attributes and items: what looking into an object may give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

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
    Thing,
    Value,
    union,
)

if TYPE_CHECKING:
    from nbpipe.analysis.frames import Frame
    from nbpipe.analysis.interpreter import Interpreter


def attribute_of(interp: Interpreter, value: Value, attr: str, node: ast.AST) -> Value:
    """Give what reading this attribute of the value may give; properties of the notebook's classes are called."""
    if len(value) == 1:
        return _attribute_of_one(interp, value[0], attr, node)
    return union(*[_attribute_of_one(interp, obj, attr, node) for obj in value])


def _attribute_of_one(interp: Interpreter, obj: Obj, attr: str, node: ast.AST) -> Value:
    if obj.__class__ is External:
        return _external_attribute(interp, obj, attr, node)
    if obj is MISSING:
        return (MISSING,)
    if isinstance(obj, Instance):
        return _instance_attribute(interp, obj, attr)
    if isinstance(obj, Class):
        return class_attribute(interp, obj, attr, receiver=None) or interp.thing(None, obj)
    if isinstance(obj, Const):
        return (Member(Thing(obj.site, type(obj.value).__name__), attr),)
    stored = _stored(interp, obj, attr) if obj in interp.state.members else None
    result = stored if stored is not None else (Member(obj, attr),)
    if interp.watcher is not None:
        interp.watcher.looked_up(obj, attr, result)
    return result


def _external_attribute(interp: Interpreter, obj: External, attr: str, node: ast.AST) -> Value:
    found = obj.members.get(attr)
    if found is None:
        found = obj.members[attr] = (interp.external(f"{obj.name}.{attr}"),)
    if interp.knowledge.data:
        interp.knowledge.read_external(interp, found[0].name, node)  # type: ignore[attr-defined]
    return found


def _stored(interp: Interpreter, obj: Obj | Frame, attr: str) -> Value | None:
    key = (obj, attr)
    definitions = interp.state.names.get(key)
    if interp.reads is not None:
        interp.reads.setdefault(key, definitions)
    if definitions is None:
        return None
    return union(*(definition.value for definition in definitions))


def _instance_attribute(interp: Interpreter, obj: Instance, attr: str) -> Value:
    from nbpipe.analysis.functions import Arguments, enter

    own = _stored(interp, obj, attr)
    found = class_attribute(interp, obj.cls, attr, receiver=obj)
    if own is not None:
        return own
    if found is None:
        return (Member(obj, attr),)
    results: list[Value] = []
    for item in found:
        if isinstance(item, Bound) and item.function.role == "property":
            results.append(enter(interp, item.function, Arguments([(obj,)])))
        else:
            results.append((item,))
    return union(*results)


def class_attribute(interp: Interpreter, cls: Class, attr: str, receiver: Obj | None) -> Value | None:
    """Give a class's attribute, looked up along its bases; functions are bound to the receiver where there is one."""
    pending = [cls]
    seen: set[Class] = set()
    while pending:
        owner = pending.pop()
        stored = _stored(interp, owner.frame, attr)
        if stored is None:
            stored = _stored(interp, owner, attr)
        if stored is not None:
            return tuple(_bind(obj, owner, receiver) for obj in stored)
        seen.add(owner)
        parents = [parent for base in owner.bases for parent in base if isinstance(parent, Class)]
        pending += [parent for parent in reversed(parents) if parent not in seen]
    return None


def _bind(obj: Obj, cls: Class, receiver: Obj | None) -> Obj:
    if not isinstance(obj, Function) or obj.role == "staticmethod":
        return obj
    if obj.role == "classmethod":
        return Bound(obj, cls)
    return obj if receiver is None else Bound(obj, receiver)


def set_attribute(interp: Interpreter, value: Value, attr: str, node: ast.AST, new: Value) -> None:
    """Store an attribute: the object is changed, and a notebook object remembers what it holds."""
    for obj in value:
        if isinstance(obj, External):
            interp.knowledge.mutate_external(interp, f"{obj.name}.{attr}", obj, node)
            continue
        if isinstance(obj, Instance | Function | Class) and len(value) == 1:
            interp.bind_key((obj, attr), attr, node, "attribute", new)
        elif not isinstance(obj, Const):
            known = interp.state.names.get((obj, attr), ())
            interp.bind_key((obj, attr), attr, node, "attribute", union(new, *(d.value for d in known)))
        erases = isinstance(obj, Instance | Function | Class)
        interp.mutate((obj,), node, certain=len(value) == 1, erases=erases)
        if interp.watcher is not None and not erases:
            interp.watcher.stored((obj,), NOTHING, new, node)


def item_of(interp: Interpreter, value: Value, index: Value, node: ast.Subscript) -> Value:
    """Give what subscription may give: an element, or a part that may share the object's memory."""
    found: list[Value] = []
    for obj in value:
        if isinstance(obj, Container):
            if isinstance(node.slice, ast.Slice):
                found.append((Container(interp.site(), obj.kind, {}, obj.elements(), nonempty=False),))
            else:
                found.append(_element(obj, index))
        elif isinstance(obj, Const | Class):
            found.append(NOTHING)
        elif obj is MISSING:
            found.append((MISSING,))
        elif isinstance(obj, External):
            interp.knowledge.read_external(interp, obj.name, node)
            found.append(interp.thing(f"{obj.name}[]"))
        else:
            part = interp.knowledge.item(interp, obj, kind_of_index(index, node.slice))
            if interp.watcher is not None:
                interp.watcher.indexed(obj, index, part, node)
            found.append(part)
    return union(*found)


_KEYS: dict[type, str] = {str: "key", int: "position"}


def kind_of_index(index: Value, node: ast.expr) -> str:
    """Tell what is asked of a library's object, as far as it decides what is given.

    ``key``, ``position``, ``slice``, ``list``, ``mask``, several of them with commas between for a tuple, or "".
    """
    if node.__class__ is ast.Slice:
        return "slice"
    if isinstance(node, ast.Tuple):
        return ",".join([kind_of_index(NOTHING, each) for each in node.elts])
    if isinstance(node, ast.Constant):
        return _KEYS.get(node.value.__class__, "")
    if isinstance(node, (ast.List, ast.ListComp)):
        return "list"
    if (
        isinstance(node, ast.Compare)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)))
        or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert))
    ):
        return "mask"
    held = index[0] if len(index) == 1 else None
    if isinstance(held, Const):
        return _KEYS.get(held.value.__class__, "")
    return "list" if isinstance(held, Container) and held.kind == "list" else ""


def _element(container: Container, index: Value) -> Value:
    if len(index) == 1 and isinstance(index[0], Const):
        key = index[0].value
        if isinstance(key, int) and key < 0 and not container.rest and container.kind != "dict":
            key += len(container.items)
        if key in container.items:
            return union(container.items[key], container.rest if container.kind != "tuple" else NOTHING)
        return container.rest
    return container.elements()


def set_item(interp: Interpreter, value: Value, index: Value, node: ast.AST, new: Value) -> None:
    """Store an item: the object is changed, and a notebook container may hold the new value from now on."""
    for obj in value:
        if isinstance(obj, Container):
            if len(index) == 1 and isinstance(index[0], Const) and len(value) == 1 and interp.state.certain:
                obj.items[index[0].value] = new
            else:
                obj.rest = union(obj.rest, new)
    if interp.watcher is not None:
        interp.watcher.stored(value, index, new, node)
    whole = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    interp.mutate(value, node, erases=whole or any(isinstance(obj, Container) for obj in value))
