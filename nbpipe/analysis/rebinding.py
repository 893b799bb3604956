"""Names that several cells bind to different things."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.values import Const, External

if TYPE_CHECKING:
    from nbpipe.analysis.flow import Definition, Flow

# Bindings that are made to be made again.
_PASSING = ("deleted", "except", "loop", "match", "parameter", "unbound", "walrus", "with")
# What everybody uses for figures, and for what nobody uses.
_THROWN_AWAY = frozenset(
    ["_", "__", "ax", "axes", "axs", "fig", "f", "g", "i", "j", "k", "n", "t", "tmp", "temp", "start"]
)


def rebound(flow: Flow, name: str) -> list[Definition]:
    """Give the last binding of a name in each cell that binds it, where there are several different ones."""
    if name in _THROWN_AWAY or not name.isidentifier():
        return []
    last: dict[int, Definition] = {}
    for definition in flow.definitions.get(name, ()):
        if definition.kind in _PASSING:
            return []
        last[definition.cell] = definition
    found = [last[cell] for cell in sorted(last)]
    return found if len(found) > 1 and any(differ(found[0], other) for other in found[1:]) else []


def differ(first: Definition, second: Definition) -> bool:
    """Tell whether two bindings are of different things: another literal, another import, or made anew."""
    plain = all(isinstance(obj, Const | External) for obj in (*first.value, *second.value))
    if plain and first.value and second.value:
        return [obj.site for obj in first.value] != [obj.site for obj in second.value]
    same = first.node is not None and second.node is not None and _source(first.node) == _source(second.node)
    return not (same and first.kind == second.kind == "function")


def _source(node: ast.AST) -> str:
    return ast.dump(node)
