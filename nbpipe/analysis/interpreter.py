"""An abstract interpreter of cells: runs them in a given order on sets of possible definitions instead of values.

Calls of the notebook's own functions are followed into their bodies, branches are joined, loops are run to the second
iteration (reaching definitions: Aho, Lam, Sethi, Ullman, "Compilers", 9.2, with contexts told apart by call).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.attributes import attribute_of
from nbpipe.analysis.expressions import EVALUATE
from nbpipe.analysis.flow import UNBOUND, CellChange
from nbpipe.analysis.frames import Frame
from nbpipe.analysis.functions import enter_uncalled
from nbpipe.analysis.namespace import Namespace
from nbpipe.analysis.paths import Path, Paths, condition
from nbpipe.analysis.scopes import scope_of_body
from nbpipe.analysis.signature import reachable
from nbpipe.analysis.state import JUMPED, RUNNING
from nbpipe.analysis.statements import EXECUTE
from nbpipe.analysis.values import Const

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbpipe.analysis.frames import Key
    from nbpipe.analysis.knowledge import Knowledge
    from nbpipe.analysis.scopes import Scope, ScopeNode
    from nbpipe.analysis.state import Definitions, Delta
    from nbpipe.analysis.values import Function, Obj, Value


class Interpreter(Namespace):
    """One simulation.

    Attributes:
        lazy_annotations: annotations are not evaluated (PEP 563, PEP 649).
        stack: the functions that are being run.
        jumps: how many `return`, `break` and `continue` have been met.
        repeating: how many loops around the present place are in a later iteration.
        runs: how often each function was run for each cell.
        functions: the functions that were defined, by node; `entered` are those that were run.
        tells_changes: keep what each cell leaves behind, which many never ask and which takes a look at all names.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        signing: bool = False,
        lazy_annotations: bool = False,
        environment: frozenset[str] = frozenset(),
        changes: bool = True,
    ) -> None:
        super().__init__(knowledge, signing=signing, environment=environment)
        self.tells_changes = changes
        self.lazy_annotations = lazy_annotations
        self.stack: list[ast.AST] = []
        self.jumps = 0
        self.repeating = 0
        self.runs: dict[tuple[int, int], int] = {}
        self.functions: dict[int, Function] = {}
        self.entered: set[int] = set()

    def run_cell(self, index: int, body: Sequence[ast.stmt], *, certain: bool = True, scratch: bool = False) -> None:
        """Run one cell on the present state.

        Args:
            index: the cell's.
            body: its statements.
            certain: false for a cell that stopped with an error somewhere.
            scratch: run it as the body of a function, as ``%%timeit`` does.
        """
        self.cell = self.home = self.module.home = index
        self._mutated = []
        mark = self.state.mark()
        if scratch:
            self.frame = self.open_frame(scope_of_body(body), self.module, index, None)
        if certain:
            self.execute(body)
        else:
            self.partially(body)
        self.frame = self.module
        self.state.ended = RUNNING
        self.state.certain = True
        self.paths = ()
        if self.tells_changes:
            self.flow.changes[index] = self._change(mark)

    def execute(self, body: Iterable[ast.stmt]) -> None:
        """Run statements until the path ends."""
        state = self.state
        for statement in body:
            self._statement = self._expression = id(statement)
            self._made = 0
            EXECUTE[statement.__class__](self, statement)
            if state.ended:
                return

    def partially(self, body: Sequence[ast.stmt]) -> None:
        """Run statements of which any number from the start may have been run."""
        mark = self.state.mark()
        points: list[Delta] = [{}]
        self.paths = (Path("try"),)
        certain, self.state.certain = self.state.certain, False
        for statement in body:
            self.execute((statement,))
            points.append(self.state.delta(mark))
            if self.state.ended:
                break
        self.state.undo(mark)
        self.state.merge(points)
        self.state.ended = RUNNING
        self.state.certain = certain

    def evaluate(self, node: ast.expr) -> Value:
        """Evaluate an expression to the objects it may give."""
        kind = node.__class__
        if kind is ast.Name:
            return self.load(node.id, node)  # type: ignore[attr-defined]
        if kind is ast.Constant:
            constant = self._constants.get(id(node))
            if constant is None:
                constant = self._constants[id(node)] = (Const(node.value),)  # type: ignore[attr-defined]
            return constant
        if kind is ast.Attribute:
            return attribute_of(self, self.evaluate(node.value), node.attr, node)  # type: ignore[attr-defined]
        around, made = self._expression, self._made
        self._expression, self._made = id(node), 0
        value = EVALUATE[kind](self, node)
        self._expression, self._made = around, made
        return value

    def branch(self, *ways: Callable[[], object], paths: Sequence[Path] = ()) -> None:
        """Run alternatives of which one is taken, and join what they leave; `paths` names the condition of each."""
        state = self.state
        mark, certain, before, jumps = state.mark(), state.certain, self.paths, self.jumps
        deltas: list[Delta] = []
        steps: list[Path] = []
        ended = RUNNING
        fork = self.fork()
        for way, step in zip(ways, paths or [Path("branch", fork=fork) for _ in ways], strict=True):
            state.certain = False
            self.paths = (*before, step)
            way()
            if state.ended:
                ended = JUMPED if JUMPED in (ended, state.ended) else state.ended
            else:
                deltas.append(state.delta(mark))
                steps.append(step)
            state.ended = RUNNING
            state.undo(mark)
        if deltas:
            state.merge(deltas, steps)
        else:
            state.ended = ended
        self.rejoin(certain, before, jumps)
        if len(steps) == 1:
            # Whoever goes on has come this way. In front, as the last step is the nearest condition.
            self.paths = (steps[0], *self.paths)

    def decide(self, test: ast.expr, *ways: Callable[[], object]) -> None:
        """Run what follows when a test, which has been evaluated, is true, and what follows when it is false."""
        fork = self.fork()
        self.branch(*ways, paths=[condition(self, test, holds=holds, fork=fork) for holds in (True, False)])

    def fork(self) -> object | None:
        """Make the mark that the alternatives of one statement share; none where the statement is repeated."""
        return None if self.repeating else object()

    def rejoin(self, certain: bool, paths: Paths, jumps: int) -> None:  # noqa: FBT001 - a state to go back to
        """Go back to the certainty from before a branch, unless a jump in it may have skipped what follows."""
        jumped = self.jumps != jumps
        self.state.certain = certain and not jumped
        self.paths = (*paths, Path("jump")) if jumped else paths

    def possibly(self, way: Callable[[], object]) -> None:
        """Run something that may or may not happen."""
        self.branch(way, lambda: None)

    def finish(self) -> None:
        """Look into functions that nothing called, as if they were called after the last cell."""
        self.uncalled = True
        self._mutated = []
        while pending := [function for key, function in self.functions.items() if key not in self.entered]:
            for function in pending:
                enter_uncalled(self, function)

    def enter(self, node: ScopeNode, parent: Frame, home: int) -> Frame:
        """Make a frame for a function, class or comprehension; its mark is before everything that happens in it."""
        private = node.name if isinstance(node, ast.ClassDef) else parent.private
        return self.open_frame(self.scope(node, private), parent, home, private)

    def open_frame(self, scope: Scope, parent: Frame, home: int, private: str | None) -> Frame:
        """Make a frame for a scope."""
        frame = Frame(scope, parent, home, private)
        frame.mark = self.state.mark()
        self.state.set_names((frame, ""), ())
        return frame

    def _change(self, mark: int) -> CellChange:
        change = CellChange()
        old = self.state.old_names(mark)
        for key in old:
            if key.__class__ is not str or not key.isidentifier():
                continue
            now = self.state.names.get(key, (UNBOUND,))
            own = [definition for definition in now if definition.cell == self.cell and definition.bound]
            if own:
                change.binds[key] = len(own) == len(now)
            if any(not definition.bound and definition.cell == self.cell for definition in now):
                change.deletes[key] = not any(definition.bound for definition in now)
        changed: dict[Obj, bool] = {}
        for mutation in self._mutated:
            changed[mutation.obj] = changed.get(mutation.obj, False) or mutation.certain
        if changed:
            self._add_mutated(change, changed, {**self.state.names, **old})
        return change

    def _add_mutated(self, change: CellChange, changed: dict[Obj, bool], before: dict[Key, Definitions | None]) -> None:
        """Find the names that held, before the cell, what it has changed."""
        for key, definitions in before.items():
            if key.__class__ is not str or not definitions:
                continue
            touched = [changed[obj] for definition in definitions for obj in definition.value if obj in changed]
            if any(not obj.is_leaf() for definition in definitions for obj in definition.value):
                touched = [changed[obj] for obj in reachable(self.state, definitions) if obj in changed]
            if touched:
                change.mutates[key] = any(touched)
