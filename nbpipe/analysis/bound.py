"""Whether every name is surely bound wherever it is used: a look in document order that answers for plain notebooks.

Most notebooks use every name below an unconditional definition of it. One linear pass over the syntax shows that, at a
fraction of what the abstract interpreter costs. It never guesses: where a name is bound on some paths only, deleted,
read before it is bound, or used in a way that needs thought, the answer is no, and the interpreter has to look.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.block import Block, Doubt, arguments_of, doubtful, outer_parts
from nbpipe.analysis.scopes import import_name, scope_of, target_names
from nbpipe.analysis.traversal import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbpipe.analysis.code import CellCode

_LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)


def surely_bound(codes: Iterable[CellCode], environment: frozenset[str]) -> bool:
    """Tell whether no use in these cells, run in this order, can meet an unbound name.

    Args:
        codes: the cells; one that does not parse binds nothing.
        environment: names that the kernel provides beyond Python's and IPython's.
    """
    module = _Body(None, None, environment)
    try:
        for code in codes:
            module.run(code.body, scratch=code.code.scratch)
        module.end()
    except (Doubt, RecursionError):
        return False
    return True


class _Body(Block):
    """A block whose statements are looked at in order."""

    def run(self, body: Sequence[ast.stmt], *, scratch: bool = False) -> None:
        """Look at some statements in order."""
        before = set(self.bound) if scratch else None
        for statement in body:
            handler = _STATEMENTS.get(statement.__class__)
            if handler is None:
                self.simple(statement)
            else:
                handler(self, statement)
        if before is not None:
            self.bound = before

    def simple(self, statement: ast.AST) -> None:
        """Look at a statement without a body: what it reads, then what it binds."""
        stored = self.read(statement)
        self.bound.update(stored)

    def end(self) -> None:
        """Check what functions that nothing has called would need."""
        for names in self.waiting.values():
            self.need(names)

    def branches(self, ways: Sequence[tuple[Callable[[], object], Sequence[ast.stmt]]]) -> None:
        """Look at alternatives: bound is then what all of them bind that go on; in a function, what any binds.

        Each comes with the statements it ends with.
        """
        before = self.bound
        ends: list[set[str]] = []
        for way, last in ways:
            self.bound = set(before)
            way()
            if self.lenient or not (last and isinstance(last[-1], _LEAVING)):
                ends.append(self.bound)
        if not ends:
            raise Doubt
        self.bound = set.union(*ends) if self.lenient else set.intersection(*ends)

    def if_(self, node: ast.If) -> None:
        """Look at an ``if``."""
        self.simple(node.test)
        self.branches(
            ((lambda: self.run(node.body), node.body), (lambda: self.run(node.orelse), node.orelse)),
        )

    def augmented(self, node: ast.AugAssign) -> None:
        """Look at ``x += y``: the target is read, too."""
        if isinstance(node.target, ast.Name):
            self.use(node.target.id)
        self.simple(node)

    def annotated(self, node: ast.AnnAssign) -> None:
        """Look at ``x: int = y``; without a value it binds nothing."""
        if node.value is None:
            self.simple(node.annotation)
            if not isinstance(node.target, ast.Name):
                self.simple(node.target)
        else:
            self.simple(node)

    def loop(self, node: Any) -> None:
        """Look at a loop: what its body binds is bound in it only, what it deletes is gone for good."""
        header = node.test if isinstance(node, ast.While) else node.iter
        self.simple(header)
        before = self.bound
        self.bound = set(before)
        if not isinstance(node, ast.While):
            self.bound.update(self.read(node.target))
        self.run(node.body)
        if before - self.bound:
            raise Doubt
        if not self.lenient:
            self.bound = set(before)
        self.run(node.orelse)
        if not self.lenient:
            self.bound = before & self.bound

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        """Look at a ``with``, unless it may swallow an exception and so cut its body short."""
        for item in node.items:
            for part in walk(item.context_expr):
                name = getattr(part, "id", None) or getattr(part, "attr", None)
                if isinstance(name, str) and ("suppress" in name or "aises" in name):
                    raise Doubt
            self.simple(item.context_expr)
            if item.optional_vars is not None:
                self.bound.update(self.read(item.optional_vars))
        self.run(node.body)

    def try_(self, node: ast.Try) -> None:
        """Look at a try statement: a handler starts with what was bound before."""
        before = set(self.bound)

        def whole() -> None:
            self.run(node.body)
            self.run(node.orelse)

        def handled(handler: ast.ExceptHandler) -> None:
            if handler.type is not None:
                self.simple(handler.type)
            if handler.name:
                if handler.name in before:
                    raise Doubt
                self.bound.add(handler.name)
            self.run(handler.body)
            self.bound.discard(handler.name or "")

        ways: list[tuple[Callable[[], object], Sequence[ast.stmt]]] = [(whole, node.orelse or node.body)]
        ways += [(partial(handled, handler), handler.body) for handler in node.handlers]
        self.branches(ways)
        after = self.bound
        if node.finalbody:
            self.bound = set(before) if not self.lenient else set(after)
            self.run(node.finalbody)
            after = (after | self.bound) if before <= self.bound else after & self.bound
        if before - after:
            raise Doubt
        self.bound = after

    def delete(self, node: ast.Delete) -> None:
        """Look at a deletion; in a function it needs thought."""
        self.read(node)
        for target in node.targets:
            for name in target_names(target):
                if self.scope is not None or name not in self.bound or name in self.taken:
                    raise Doubt
                self.bound.discard(name)

    def import_(self, node: ast.Import | ast.ImportFrom) -> None:
        """Look at an import; what a star brings is not known."""
        self.bound.update(import_name(alias) for alias in node.names if alias.name != "*")

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Look at a function: its defaults now, what its body takes from outside when it may be called."""
        for part in (*node.decorator_list, *outer_parts(node.args), *([node.returns] if node.returns else ())):
            self.simple(part)
        inner = _Body(self, scope_of(node), self.environment)
        inner.bound.update(argument.arg for argument in arguments_of(node.args))
        inner.run(node.body)
        self.define(node.name, inner)

    def class_(self, node: ast.ClassDef) -> None:
        """Look at a class: its body runs now, its methods when they are called."""
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.simple(part)
        inner = _Body(self, scope_of(node), self.environment)
        inner.bound.update(("__module__", "__qualname__", "__class__"))
        inner.run(node.body)
        self.define(node.name, inner)

    def define(self, name: str, inner: Block) -> None:
        """Bind a function or class, and keep what it still waits for."""
        self.taken |= inner.free | inner.taken
        open_names = {needed for needed in inner.free if not self.has(needed)}
        for needed in inner.free:
            open_names |= {other for other in self.waiting_for(needed) if not self.has(other)}
        seen = inner.bound if inner.lenient else set()  # a class's names are not seen from inside its methods
        for names in inner.waiting.values():
            open_names |= {other for other in names if other not in seen and not self.has(other)}
        self.bound.add(name)
        open_names.discard(name)
        if open_names:  # besides what another function of that name, perhaps of another branch, waits for
            self.waiting[name] = open_names | self.waiting.get(name, set())


def _nothing(_: Block, __: ast.AST) -> None:
    pass


_STATEMENTS: dict[type[ast.AST], Callable[[_Body, Any], None]] = {
    ast.AnnAssign: _Body.annotated,
    ast.AsyncFor: _Body.loop,
    ast.AsyncFunctionDef: _Body.function,
    ast.AsyncWith: _Body.with_,
    ast.AugAssign: _Body.augmented,
    ast.ClassDef: _Body.class_,
    ast.Delete: _Body.delete,
    ast.For: _Body.loop,
    ast.FunctionDef: _Body.function,
    ast.Global: _nothing,
    ast.If: _Body.if_,
    ast.Import: _Body.import_,
    ast.ImportFrom: _Body.import_,
    ast.Match: doubtful,
    ast.Nonlocal: _nothing,
    ast.Try: _Body.try_,
    ast.TryStar: doubtful,
    ast.While: _Body.loop,
    ast.With: _Body.with_,
}
if hasattr(ast, "TypeAlias"):  # Python 3.12
    _STATEMENTS[ast.TypeAlias] = doubtful
