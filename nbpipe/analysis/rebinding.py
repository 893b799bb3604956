"""Names that several cells bind to different things."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.values import Const, External

if TYPE_CHECKING:
    from nbpipe.analysis.flow import Definition
    from nbpipe.analysis.notebook_analysis import Analysis

# Bindings that are made to be made again.
_PASSING = ("deleted", "except", "loop", "match", "parameter", "unbound", "walrus", "with")
# What everybody uses for figures, and for what nobody uses.
_THROWN_AWAY = frozenset(["_", "__", "ax", "axes", "axs", "fig", "g", "i", "j", "k", "start", "t", "temp", "tmp"])


def rebound(analysis: Analysis, name: str) -> list[Definition]:
    """Give the last binding of a name in each cell that binds it, where there are several different ones."""
    if name in _THROWN_AWAY or not name.isidentifier():
        return []
    last: dict[int, Definition] = {}
    for definition in analysis.top_down.definitions.get(name, ()):
        if definition.kind in _PASSING:
            return []
        last[definition.cell] = definition
    found = [last[cell] for cell in sorted(last)]
    return found if any(differ(analysis, found[0], other) for other in found[1:]) else []


def differ(analysis: Analysis, first: Definition, second: Definition) -> bool:
    """Tell whether two bindings are of different things: not the same literal, import or line of code."""
    held = (*first.value, *second.value)
    if first.value and second.value and all(isinstance(obj, Const | External) for obj in held):
        return [obj.site for obj in first.value] != [obj.site for obj in second.value]
    return _text(analysis, first) != _text(analysis, second)


def _text(analysis: Analysis, definition: Definition) -> str:
    """Give the code of the statement that makes a binding, as far as it stands in the cell itself."""
    node = definition.node
    if node is None or definition.home not in analysis.codes:
        return ""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return ast.dump(node)
    line = getattr(node, "lineno", 0)
    for statement in analysis.codes[definition.home].body:
        if statement.lineno <= line <= (statement.end_lineno or line):
            return ast.dump(statement)
    return ""
