"""Objects that one cell makes, a second reads and a third changes in place, under whatever name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.containers import CHANGING
from nbpipe.analysis.dependence import root_name
from nbpipe.analysis.values import Container, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition, Flow, Mutation, Use
    from nbpipe.analysis.notebook_analysis import Analysis
from nbpipe.analysis.values import Obj

# Training a model is what a model is for; a generator that draws has a state of its own; drawing fills a figure.
_EXPECTED = frozenset(["compile", "fit", "fit_transform", "partial_fit", "train", "eval"])
_LIVING = ("numpy.random", "random", "matplotlib", "seaborn", "plotly", "torch.Generator")


class SharedChange:
    """An object's change outside the cell that made it, after a third cell had read it.

    Attributes:
        definition: the first binding of the object.
        change: the first change after the reading.
        use: the first reading.
    """

    __slots__ = ("change", "definition", "use")

    def __init__(self, definition: Definition, change: Mutation, use: Use) -> None:
        self.definition = definition
        self.change = change
        self.use = use


def shared_changes(analysis: Analysis) -> Iterator[SharedChange]:
    """Yield one for each object, in order of the changes."""
    if not may_change(analysis):
        return
    flow = analysis.top_down
    candidates = [
        mutation
        for mutation in flow.mutations
        if 0 <= mutation.obj.cell < mutation.cell and mutation.certain and _counts(mutation)
    ]
    if not candidates:
        return
    holders, readers = _holders(flow), _readers(flow)
    done: set[Obj] = set()
    for mutation in candidates:
        obj = mutation.obj
        definition = holders.get(obj)
        if obj in done or definition is None:
            continue
        use = next((use for use in readers.get(obj, ()) if obj.cell < use.cell < mutation.cell), None)
        if use is not None and _is_direct(flow, mutation):
            done.add(obj)
            yield SharedChange(definition, mutation, use)


def _is_direct(flow: Flow, mutation: Mutation) -> bool:
    """Tell whether the object itself is changed, not something that was taken from it and may be a copy."""
    root = root_name(getattr(mutation.node, "func", mutation.node))
    if isinstance(mutation.node, ast.AugAssign):
        root = root_name(mutation.node.target)
    use = flow.uses.get((mutation.cell, id(root))) if root is not None else None
    if use is not None:
        return any(mutation.obj in definition.value for definition in use.definitions)
    passed = (site for site in flow.calls.values() if site.cell == mutation.cell)
    return any(mutation.obj in value for site in passed for value in (*site.arguments, *site.keywords.values()))


def may_change(analysis: Analysis) -> bool:
    """Tell by the looks whether anything is changed in place."""
    return (
        bool(analysis.nodes(ast.AugAssign))
        or any(isinstance(node.ctx, ast.Store) for _, node in analysis.nodes(ast.Subscript))
        or any(isinstance(node.ctx, ast.Store) for _, node in analysis.nodes(ast.Attribute))
        or any(
            (isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING)
            or any(keyword.arg == "inplace" for keyword in node.keywords)
            for _, node in analysis.nodes(ast.Call)
        )
    )


def _counts(mutation: Mutation) -> bool:
    obj, node = mutation.obj, mutation.node
    if not isinstance(obj, Container | Thing):
        return False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _EXPECTED:
        return False
    return not (isinstance(obj, Thing) and (obj.type_name or "").startswith(_LIVING))


def _holders(flow: Flow) -> dict[Obj, Definition]:
    """Give the first binding of each object to a name of the notebook."""
    found: dict[Obj, Definition] = {}
    for definitions in flow.definitions.values():
        for definition in definitions:
            for obj in definition.value:
                known = found.get(obj)
                if definition.name.isidentifier() and (known is None or definition.order < known.order):
                    found[obj] = definition
    return found


def _readers(flow: Flow) -> dict[Obj, list[Use]]:
    """Give the readings of each object in order of execution."""
    found: dict[Obj, list[Use]] = {}
    for use in flow.uses.values():
        if use.uncalled or use.local or isinstance(getattr(use.node, "ctx", None), ast.Del):
            continue
        held = {obj for definition in use.definitions for obj in definition.value}
        for obj in held:
            found.setdefault(obj, []).append(use)
    return found
