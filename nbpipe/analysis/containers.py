"""Methods of Python's own lists, sets and dicts: which change them, and what they put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.functions import escape
from nbpipe.analysis.values import NOTHING, Const, Container, Value, union

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.interpreter import Interpreter

# The Python library reference, "Mutable sequence types", "Set types", "Mapping types", "collections.deque".
ADDING = frozenset(["add", "append", "appendleft", "insert", "setdefault"])
EXTENDING = frozenset(
    ["extend", "extendleft", "update", "difference_update", "intersection_update", "symmetric_difference_update"]
)
REMOVING = frozenset(["clear", "discard", "pop", "popitem", "popleft", "remove"])
REORDERING = frozenset(["reverse", "rotate", "sort"])
CHANGING = ADDING | EXTENDING | REMOVING | REORDERING
GIVING = frozenset(["get", "pop", "popitem", "popleft", "setdefault", "values", "items", "__getitem__"])


def call_container(
    interp: Interpreter, container: Container, method: str, arguments: Arguments, node: ast.AST
) -> Value:
    """Call a method of a container."""
    held = container.elements()
    if method in CHANGING:
        added = _added(method, arguments)
        if method == "append" and interp.state.certain and not container.rest and not container.items:
            container.items = {0: added}
        else:
            container.rest = union(held, added)
            container.items = {}
        interp.mutate((container,), node, erases=method in REMOVING)
    escape(interp, arguments.all()) if method == "sort" else None
    if method == "copy":
        return (
            Container(
                interp.site(), container.kind, dict(container.items), container.rest, nonempty=container.nonempty
            ),
        )
    if method in GIVING:
        if method == "items" and container.kind == "dict":
            keys: Value = tuple(Const(key) for key in container.items) if not container.rest else interp.thing()
            row = Container(interp.site(), "tuple", {0: keys, 1: held}, NOTHING, nonempty=True)
            return (Container(interp.site(), "list", {}, (row,), nonempty=container.nonempty),)
        if method in ("values", "items"):
            return (Container(interp.site(), "list", {}, held, nonempty=container.nonempty),)
        return held
    return interp.thing() if method not in CHANGING else NOTHING


def _added(method: str, arguments: Arguments) -> Value:
    """Give what a changing method may put into the container."""
    if method in EXTENDING:
        parts = [obj.elements() for obj in arguments.all() if isinstance(obj, Container)]
        return union(*parts, *arguments.keywords.values())
    if method == "append" and arguments.positional:
        return arguments.positional[0]
    return arguments.all() if method in ADDING else NOTHING
