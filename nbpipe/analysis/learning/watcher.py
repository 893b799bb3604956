"""Follows rows of data through a simulation: one fact for each object, changed by each operation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.learning import calls, selecting
from nbpipe.analysis.learning.facts import Fact, alternatives, joined
from nbpipe.analysis.learning.models import Choice, History
from nbpipe.analysis.learning.roles import VALUES
from nbpipe.analysis.learning.rows import NO_ROWS, whole
from nbpipe.analysis.values import (
    MISSING,
    Class,
    Const,
    Container,
    External,
    Function,
    Instance,
    Member,
    Obj,
    Thing,
    root_of,
)
from nbpipe.analysis.watching import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.learning.facts import Place
    from nbpipe.analysis.learning.rows import Rows
    from nbpipe.analysis.values import Value

# Calls that give positions of rows: slices of them take rows apart.
_SHUFFLED = ("permutation", "randperm", "arange")
_MOST_ELEMENTS = 60
_MOST_DEPTH = 4
_NO_DATA = (Const, External, Function, Class, Instance)
_GIVEN = (Thing, Member)


class RowWatcher(Watcher):
    """Keeps what is known of the data of one notebook.

    Attributes:
        facts: what is known of each object.
        made: the arguments that an estimator was made with.
        history: what happened to models and data.
    """

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[Obj, Fact] = {}
        self.made: dict[Obj, Arguments] = {}
        self.history = History()
        self._sources: dict[Obj, int] = {}
        self._numbers: dict[object, int] = {}
        self._columns: dict[Obj, frozenset[str]] = {}
        self._taken_from: dict[Obj, Obj] = {}
        self._positions: set[Obj] = set()
        self._marks: list[int] = []
        self._interp: Interpreter | None = None

    # What is known

    @property
    def interp(self) -> Interpreter:
        """The simulation that is being watched."""
        assert self._interp is not None  # noqa: S101 - it is begun before anything is told
        return self._interp

    def place(self, node: ast.AST) -> Place:
        """Give where a node of the code that is being run stands."""
        return (self.interp.home, node)

    def fact_of(self, value: Value, depth: int = 0) -> Fact | None:
        """Give what is known of a value, None where nothing is."""
        if len(value) == 1:
            return self._fact_of(value[0], depth)
        facts = [fact for obj in value if (fact := self._fact_of(obj, depth)) is not None]
        return alternatives(facts)

    def _fact_of(self, obj: Obj, depth: int) -> Fact | None:
        found = self.facts.get(obj)
        if found is None and obj.base is not None:
            return self._fact_of(obj.base, depth)
        if obj.__class__ is Container and isinstance(obj, Container) and depth < _MOST_DEPTH:
            held = [fact for item in obj.elements()[:_MOST_ELEMENTS] if (fact := self._fact_of(item, depth + 1))]
            whole_list = joined([*held, found] if found is not None else held)
            return whole_list.but(single=False) if whole_list is not None and whole_list.single else whole_list
        return found

    def data(self, value: Value) -> Fact:
        """Give what is known of a value that is used as data: what has no known origin is a source of its own."""
        known = self.fact_of(value)
        if known is not None and (known.rows or known.parts or known.division):
            return known
        facts = []
        for obj in value:
            root = root_of(obj)
            if not isinstance(root, _NO_DATA) and root is not MISSING:
                number = self._sources.setdefault(root, len(self._sources))
                fact = (known or Fact()).but(rows=whole(number), learned=frozenset(), single=False)
                if not isinstance(root, Container):
                    self.facts[root] = fact
                facts.append(fact)
        return alternatives(facts) or Fact()

    def number(self, thing: object) -> int:
        """Give a number that stands for an object, and for no other one as long as this run is followed."""
        return self._numbers.setdefault(thing, len(self._numbers))

    def new_rows(self, result: Value) -> Rows:
        """Give the rows of a table that was made out of others: a source of its own."""
        return whole(self._sources.setdefault(result[0], len(self._sources))) if result else NO_ROWS

    def give(self, result: Value, fact: Fact | None) -> None:
        """Keep what is known of a result."""
        if fact is not None:
            for obj in result:
                if isinstance(obj, _GIVEN) and obj is not MISSING:
                    self.facts[obj] = fact

    def change(self, obj: Obj, fact: Fact) -> None:
        """Keep what is known of an object that was changed in place, and let what it is a part of know it, too."""
        self.facts[obj] = fact
        while (base := self._whole(obj)) is not None:
            inner, obj = obj, base
            columns = self._columns.get(inner, frozenset())
            if columns:
                fact = fact.within(columns)
            known = self._fact_of(obj, 0)
            self.facts[obj] = known.plus(fact) if known is not None else fact

    def _whole(self, obj: Obj) -> Obj | None:
        """Give what an object is a part of; whoever changes a column in place means the frame, also under pandas 3."""
        base = obj.base if obj.base is not None else self._taken_from.get(obj)
        return None if isinstance(base, _NO_DATA) else base

    # What happens

    def begin(self, interp: Interpreter) -> None:
        """Take the simulation."""
        self._interp = interp

    def calling(self, callee: Obj, arguments: Arguments) -> None:  # noqa: ARG002 - the base says what is told
        """Note what came before, and hand a column to the functions that it is applied to."""
        self._marks.append(len(self.returned))
        self.handed = ()
        if callee.__class__ is Member and callee.attr in VALUES["calls_function"]:
            self.handed = self.interp.thing(None, callee.base)

    def called(self, callee: Obj, arguments: Arguments, result: Value, node: ast.AST) -> None:
        """Let the call change what is known."""
        self.handed = ()
        mark = self._marks.pop()
        returned = self.returned[mark:]
        if not returned and not calls.tells(callee) and not self._is_known(callee, arguments):
            return
        del self.returned[mark:]
        call = calls.Call(self, callee, arguments, result, node)
        if call.name in _SHUFFLED:
            self._positions.update(result)
        call.returned = joined([fact for value in returned if (fact := self.fact_of(value)) is not None])
        calls.follow(call)

    def _is_known(self, callee: Obj, arguments: Arguments) -> bool:
        """Tell whether something may be known of what goes into a call: its object and what it is given."""
        facts = self.facts
        pending = [callee.base] if callee.base is not None else []
        for value in (*arguments.positional, *arguments.keywords.values(), arguments.spread):
            pending += value
        while pending:
            obj = pending.pop()
            if obj in facts:
                return True
            if obj.base is not None:
                pending.append(obj.base)
            elif isinstance(obj, Container):
                if obj.rest or len(obj.items) > _MOST_DEPTH:
                    return True
                for value in obj.items.values():
                    pending += value
        return False

    def looked_up(self, owner: Obj, attr: str, result: Value) -> None:
        """Follow an attribute."""
        if isinstance(owner, _NO_DATA) or not isinstance(result[0] if result else None, Member):
            return
        fact = self.fact_of((owner,))
        if fact is not None:
            self.give(result, selecting.attribute(fact, attr))

    def indexed(self, owner: Obj, index: Value, result: Value, node: ast.Subscript) -> None:
        """Follow an item, a slice, rows or columns that are taken."""
        fact = self.fact_of((owner,))
        picked = self.fact_of(index)
        if fact is None:
            if picked is not None and picked.division is not None:
                fact = self.data((owner,))
            elif isinstance(node.slice, ast.Slice) and owner in self._positions:
                fact = self.facts[owner] = Fact(kind="index", rows=self.data((owner,)).rows)
        if fact is not None:
            self.give(result, selecting.item(self, fact, index, picked, node.slice, owner))
            columns = selecting.columns_of(index)
            if columns:
                self._columns.update(dict.fromkeys(result, columns))
                self._taken_from.update(dict.fromkeys(result, owner))

    def iterated(self, owner: Obj, result: Value) -> None:
        """Follow one element."""
        fact = self.fact_of((owner,))
        if fact is not None:
            self.give(result, selecting.element(fact))

    def unpacked(self, owner: Obj, position: int, targets: Sequence[ast.expr], result: Value) -> None:
        """Follow one part of a tuple."""
        fact = self.fact_of((owner,))
        if fact is not None:
            self.give(result, selecting.unpacked(self, fact, owner, position, targets))

    def operated(self, operands: Sequence[Value], result: Value, node: ast.AST) -> None:
        """Follow an operator."""
        facts = [fact for value in operands if (fact := self.fact_of(value)) is not None]
        if not facts:
            if isinstance(node, ast.Compare):
                self.give(result, selecting.combined(self, [Fact()], result, node))
            return
        if isinstance(node, ast.Compare):
            self._compare(facts, node)
        fact = selecting.combined(self, facts, result, node)
        if not isinstance(node, ast.AugAssign):
            self.give(result, fact)
        else:
            for obj in result:
                if isinstance(obj, _GIVEN):
                    self.change(obj, fact)

    def stored(self, owner: Value, index: Value, new: Value, node: ast.AST) -> None:
        """Let what is stored go into the owner."""
        fact = self.fact_of(new)
        if fact is None:
            return
        for obj in owner:
            known = self.fact_of((obj,))
            if len(owner) > 1 and len(new) > 1 and known is not None:
                fact = (self.fact_of(new) or fact).about(known.rows)
            if not isinstance(obj, Container | Const | External):
                added = Fact(learned=fact.learned, scores=fact.scores)
                columns = selecting.columns_of(index)
                if not index and isinstance(node, ast.Attribute):
                    columns = frozenset((node.attr,))
                if columns and not isinstance(obj, Instance):
                    added = added.within(columns)
                self.change(obj, known.plus(added) if known is not None else added)
            elif isinstance(obj, Container) and fact.scores:
                self.facts[obj] = (self.facts.get(obj) or Fact()).plus(Fact(scores=fact.scores))

    def _compare(self, facts: list[Fact], node: ast.Compare) -> None:
        """See whether a prediction is compared with the truth, or scores with each other."""
        for fact in facts:
            for evaluation in fact.predicted:
                evaluation.measured = evaluation.measured or len(facts) > 1
        scores = frozenset().union(*(fact.scores for fact in facts))
        if scores and not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            self.history.choices.append(Choice(scores, self.place(node)))
