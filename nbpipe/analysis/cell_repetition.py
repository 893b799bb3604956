"""What running one cell a second time changes once more, or fails at: names of earlier cells that it updates."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.dependence import Dependence, root_name, targets_of
from nbpipe.analysis.repetition_table import ABSORBS, CHANGES, TOGGLES, UNKNOWN
from nbpipe.analysis.self_update import place_of, reads_place
from nbpipe.analysis.statement_updates import StatementUpdates
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Class, External, Function, Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.cell_statements import Around
    from nbpipe.analysis.flow import Definition
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.repetition_table import Again, RepetitionTable
    from nbpipe.analysis.values import Obj

_UNFOLLOWED = ("import", "function", "class")
_PAIR = 2
# Methods that take each other's work back.
_TAKEN_BACK = (
    (frozenset(["set_index"]), frozenset(["reset_index"])),
    (frozenset(["append", "appendleft", "insert", "extend"]), frozenset(["pop", "popleft", "remove"])),
)


class Repetition:
    """One thing that a second run of a cell changes or fails at.

    Attributes:
        name: of the earlier cell's object.
        node: the statement's part that does it.
        subject: what is changed, as the code says it.
        again: what happens, and why.
        definition: of the name, in the earlier cell.
    """

    __slots__ = ("again", "definition", "name", "node", "subject")

    def __init__(self, name: str, node: ast.expr, again: Again, definition: Definition) -> None:
        self.name = name
        self.node = node
        self.subject = _shown(node, name)
        self.again = again
        self.definition = definition


def _shown(node: ast.expr, name: str) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else name  # noqa: PLR2004 - a message is one line


class CellRepetitions:
    """Goes through one cell's own statements in order."""

    def __init__(
        self,
        analysis: Analysis,
        table: RepetitionTable,
        index: int,
        statements: list[tuple[ast.stmt, Around]],
        earlier: set[str],
    ) -> None:
        self._analysis = analysis
        self._index = index
        self._earlier = earlier
        self._statements = statements
        self._dependence = Dependence(self._changed())
        self._updates = StatementUpdates(table, analysis.top_down.calls, earlier, self._dependence)

    def _changed(self) -> Iterator[str]:
        """Yield the earlier cells' names whose objects this cell stores something in or updates."""
        for statement, _ in self._statements:
            value = getattr(statement, "value", None)
            for target in targets_of(statement):
                root = root_name(target)
                if root is None or root.id not in self._earlier:
                    continue
                reads = isinstance(value, ast.expr) and reads_place(value, (root.id,))
                if reads or not isinstance(target, ast.Name) or isinstance(statement, ast.AugAssign):
                    yield root.id

    def found(self) -> Iterator[Repetition]:
        """Yield the first thing for each name."""
        by_name: dict[str, Repetition] = {}
        history: dict[str, list[tuple[ast.expr, Again]]] = {}
        for number, (statement, around) in enumerate(self._statements):
            for node, root, again in self._updates.of(statement):
                history.setdefault(root.id, []).append((node, again))
                if not again.told or root.id in by_name or not self._counts(node, root, again, around, number):
                    continue
                definition = self._definition(root)
                if definition is not None:
                    by_name[root.id] = Repetition(root.id, node, again, definition)
            self._dependence.note(statement)
        for name, repetition in by_name.items():
            if not (_undone(repetition, history[name]) or self._bound_otherwise(repetition, history[name])):
                yield repetition

    def _bound_otherwise(self, repetition: Repetition, history: list[tuple[ast.expr, Again]]) -> bool:
        """Tell whether the cell also binds the name to what is no update of it."""
        updates = [node for node, _ in history]
        return not repetition.again.fails and any(
            isinstance(target, ast.Name) and target.id == repetition.name and target not in updates
            for statement, _ in self._statements
            for target in targets_of(statement)
        )

    # Whether it counts

    def _counts(self, node: ast.expr, root: ast.Name, again: Again, around: Around, number: int) -> bool:
        if around.attempted and (again.fails or isinstance(self._statements[number][0], ast.Delete)):
            return False
        if any(self._asks(root.id, test) for test in around.tests):
            return False  # it asks before whether there is something to do
        if again.outcome == TOGGLES and self._binds_again(self._statements[number][0]):
            return False
        if again.fails and self._made_here(root.id, self._statements[number][0], node):
            return False
        return not any(
            later.always
            and isinstance(statement, ast.Assign)
            and (_binds(statement, root.id) or _stores_anew(statement, node))
            and not self._dependence.on((root.id,), statement.value)
            for statement, later in self._statements[number + 1 :]
        )

    def _binds_again(self, statement: ast.stmt) -> bool:
        """Tell whether another statement binds or changes a name that this one binds."""
        names = {root.id for target in targets_of(statement) if (root := root_name(target)) is not None}
        others: list[ast.expr] = []
        for other, _ in self._statements:
            if other is not statement:
                others += targets_of(other)
                call = other.value if isinstance(other, ast.Expr) else None
                others += [call.func] if isinstance(call, ast.Call) else []  # ``x.sort()`` may undo it
        return any((root := root_name(target)) is not None and root.id in names for target in others)

    def _asks(self, name: str, test: ast.expr) -> bool:
        """Tell whether a test may come out otherwise the second time, for what the cell has changed."""
        dependence = Dependence(self._changed())
        for statement, _ in self._statements:
            dependence.note(statement)
        changed = {name, *self._changed()}
        read = any(isinstance(part, ast.Name) and part.id in changed for part in walk(test))
        return read or dependence.on((name,), test)

    def _made_here(self, name: str, statement: ast.stmt, node: ast.expr) -> bool:
        """Tell whether the cell itself makes the columns that a statement takes away."""
        labels = {
            part.value for part in walk(statement) if isinstance(part, ast.Constant) and isinstance(part.value, str)
        }
        if isinstance(statement, ast.Delete) and isinstance(node, ast.Name):
            return False
        stored = {
            place[1]
            for other, _ in self._statements
            for target in targets_of(other)
            if (place := place_of(target)) is not None and place[0] == name and len(place) == _PAIR
        }
        return bool(labels & stored)

    def _definition(self, root: ast.Name, seen: frozenset[int] = frozenset()) -> Definition | None:
        """Give the earlier cell's binding that a reading surely meets, None where there may be another."""
        use = self._analysis.top_down.uses.get((self._index, id(root)))
        if use is None or use.local:
            return None
        earlier: list[Definition] = []
        for definition in use.definitions:
            before = self._updates.carried.get(id(definition.node))
            if 0 <= definition.cell < self._index and definition.kind not in _UNFOLLOWED:
                earlier.append(definition)
            elif before is not None and before is not root:
                if id(before) not in seen:  # in a loop, each comes after the other
                    source = self._definition(before, seen | {id(root)})
                    earlier += [source] if source is not None else []
            elif definition.cell != self._index or not (
                definition.kind == "augmented" or before is root or _updates(definition, root)
            ):
                return None
        held = [obj for definition in earlier for obj in definition.value]
        if not earlier or any(map(_is_own, held)):
            return None
        return earlier[-1]


def _stores_anew(statement: ast.Assign, node: ast.expr) -> bool:
    """Tell whether an assignment stores in the very place that an earlier statement updates."""
    place = place_of(node)
    return place is not None and any(place_of(target) == place for target in statement.targets)


def _undone(repetition: Repetition, history: list[tuple[ast.expr, Again]]) -> bool:
    """Tell whether the cell's other updates of the name may take back what one of them does."""
    methods = {again.method for _, again in history}
    if any(methods & first and methods & second for first, second in _TAKEN_BACK):
        return True
    if repetition.again.outcome == TOGGLES:
        return len(history) > 1
    if repetition.again.outcome != CHANGES or not isinstance(repetition.node, ast.Name):
        return False
    place = [node for node, _ in history].index(repetition.node)
    return any(
        isinstance(node, ast.Name)
        and (again.outcome in (ABSORBS, TOGGLES) or (again.outcome == UNKNOWN and number > place))
        for number, (node, again) in enumerate(history)
    )


def _updates(definition: Definition, root: ast.Name) -> bool:
    """Tell whether a binding is made by the statement that reads this name."""
    node = definition.node
    return isinstance(node, ast.Name) and node.id == root.id and node.lineno == root.lineno


def _is_own(obj: Obj) -> bool:
    """Tell whether an object is one whose methods the table does not speak of."""
    return isinstance(obj, External | Function | Class | Instance)


def _binds(statement: ast.stmt, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in targets_of(statement))
