"""What the values in one cell were made of, statement by statement, so that an operand is not taken for fixed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.self_update import Place, place_of, reads_place
from nbpipe.analysis.traversal import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PAIR = 2
_PARTS = (ast.Attribute, ast.Subscript)


class Dependence:
    """Goes through one cell's own statements in order.

    Statements are noted as they come and looked into when somebody asks, which in most cells nobody does.

    Args:
        changed: names whose objects the cell changes somewhere: what is made of them is another thing next time.
    """

    def __init__(self, changed: Iterable[str]) -> None:
        self._written: set[Place] = set()
        self._noted: list[ast.stmt] = []
        self._changes = changed
        self._changed: frozenset[str] = frozenset()
        self._derived: dict[str, set[str]] = {}

    @property
    def written(self) -> set[Place]:
        """The places that the cell has stored something new in."""
        self._settle()
        return self._written

    def on(self, place: Place, node: ast.AST) -> bool:
        """Tell whether an expression may depend on what a place holds, through whatever the cell made of it."""
        self._settle()
        name = place[0]
        for part in walk(node):
            if not isinstance(part, ast.Name):
                continue
            if part.id == name:
                if not self._is_apart(node, part, place):
                    return True
            elif any(source == name or source in self._changed for source in self._derived.get(part.id, ())):
                return True
        return False

    def note(self, statement: ast.stmt) -> None:
        """Keep what a statement binds and stores."""
        self._noted.append(statement)

    def _settle(self) -> None:
        if self._changes:
            self._changed = frozenset(self._changes)
            self._changes = ()
        noted, self._noted = self._noted, []
        for statement in noted:
            self._look_into(statement)

    def _look_into(self, statement: ast.stmt) -> None:
        value = getattr(statement, "iter", None) or getattr(statement, "value", None)
        sources: set[str] = set()
        if isinstance(value, ast.expr):
            names = {part.id for part in walk(value) if isinstance(part, ast.Name)}
            sources = names.union(*(self._derived.get(name, ()) for name in names))
        for target in targets_of(statement):
            place = place_of(target)
            if place is None:
                continue
            if len(place) == 1:
                kept = self._derived.get(place[0], set()) if isinstance(statement, ast.AugAssign) else set()
                self._derived[place[0]] = kept | sources
            elif not isinstance(value, ast.expr) or not reads_place(value, place):
                self._written.add(place)
        call = value if isinstance(value, ast.Call) else None
        root = root_name(call.func) if call is not None else None
        if root is not None and root.id in self._derived:  # ``scaler.fit(X)``, ``X = scaler.fit_transform(X)``
            self._derived[root.id] |= sources - {root.id}

    def _is_apart(self, node: ast.AST, name: ast.Name, place: Place) -> bool:
        """Tell whether a name is read for another column only, or for its length."""
        if len(place) == 1:
            return False
        for part in walk(node):
            if isinstance(part, ast.Subscript) and part.value is name:
                other = place_of(part)
                known = isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str)
                return known and other != place[:_PAIR] and other not in self._written
            if isinstance(part, ast.Call) and name in part.args:
                return isinstance(part.func, ast.Name) and part.func.id == "len"
        return False


def root_name(node: ast.AST | None) -> ast.Name | None:
    """Give the name that items and attributes are taken from; None where it is no name."""
    while isinstance(node, _PARTS):
        node = node.value
    return node if isinstance(node, ast.Name) else None


def targets_of(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the single targets of an assignment or loop."""
    found: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        found = list(statement.targets)
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For | ast.AsyncFor):
        found = [statement.target]
    while found:
        target = found.pop()
        if isinstance(target, ast.Tuple | ast.List):
            found += target.elts
        else:
            yield target
