"""Assignment to targets: names, attributes, items and nested patterns of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.attributes import set_attribute, set_item
from nbpipe.analysis.functions import operate
from nbpipe.analysis.values import NOTHING, Container, Value, type_name_of, union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis.interpreter import Interpreter


def assign(interp: Interpreter, target: ast.expr, value: Value, kind: str = "assignment") -> None:
    """Bind a target to what the value may be."""
    if target.__class__ is ast.Name:
        interp.bind(target.id, target, kind, value)
    elif isinstance(target, ast.Attribute):
        set_attribute(interp, interp.evaluate(target.value), target.attr, target, value)
    elif isinstance(target, ast.Subscript):
        container = interp.evaluate(target.value)
        index = interp.evaluate(target.slice)
        operate(interp, container)
        set_item(interp, container, index, target, value)
    elif isinstance(target, ast.Starred):
        parts = Container(interp.site(), "list", {}, value, nonempty=False)
        assign(interp, target.value, (parts,), kind)
    elif isinstance(target, ast.Tuple | ast.List):
        operate(interp, value)
        for element, part in zip(target.elts, unpack(interp, value, target.elts), strict=True):
            assign(interp, element, part, kind)


def unpack(interp: Interpreter, value: Value, targets: Sequence[ast.expr]) -> list[Value]:
    """Give the part of the value that each target of an unpacking gets."""
    star = next((index for index, target in enumerate(targets) if isinstance(target, ast.Starred)), len(targets))
    parts: list[list[Value]] = [[] for _ in targets]
    for obj in value:
        for index, found in enumerate(parts):
            if isinstance(obj, Container):
                exact = index < star and not obj.rest and index in obj.items
                found.append(obj.items[index] if exact else obj.elements())
            else:
                part = interp.knowledge.part(interp, obj, index)
                if interp.watcher is not None:
                    interp.watcher.unpacked(obj, index, targets, part)
                found.append(part)
    return [union(*found) for found in parts] if value else [NOTHING for _ in targets]


def augment(interp: Interpreter, node: ast.AugAssign) -> None:
    """Run ``x += y``: the object is changed where it can be, and the target is bound again."""
    target = node.target
    container = index = NOTHING
    if isinstance(target, ast.Name):
        old = interp.load(target.id, target)
    elif isinstance(target, ast.Attribute):
        container = interp.evaluate(target.value)
        from nbpipe.analysis.attributes import attribute_of

        old = attribute_of(interp, container, target.attr, target)
    else:
        from nbpipe.analysis.attributes import item_of

        container = interp.evaluate(target.value)
        index = interp.evaluate(target.slice)
        old = item_of(interp, container, index, target)
    added = interp.evaluate(node.value)
    operate(interp, old, added)
    result = _changed_in_place(interp, old, added, node)
    if interp.watcher is not None:
        interp.watcher.operated((old, added), result, node)
    if isinstance(target, ast.Name):
        interp.bind(target.id, target, "augmented", result)
    elif isinstance(target, ast.Attribute):
        set_attribute(interp, container, target.attr, target, result)
    else:
        set_item(interp, container, index, target, result)


def _changed_in_place(interp: Interpreter, old: Value, added: Value, node: ast.AugAssign) -> Value:
    """Change what has an in-place operator; give what the target holds afterwards."""
    results: list[Value] = []
    for obj in old:
        if isinstance(obj, Container) and obj.kind != "tuple":
            obj.rest = union(obj.rest, *(part.elements() for part in added if isinstance(part, Container)))
            interp.mutate((obj,), node, certain=len(old) == 1)
            results.append((obj,))
        elif interp.knowledge.is_mutable(obj):
            interp.mutate((obj,), node, certain=False)
            results.append((obj,))
        else:
            results.append(interp.thing(type_name_of(obj)))
    return union(*results)
