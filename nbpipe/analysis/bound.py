"""Whether every name is surely bound wherever it is used: a look in document order that answers for plain notebooks.

Most notebooks use every name below an unconditional definition of it. One linear pass over the syntax shows that, at a
fraction of what the abstract interpreter costs. It never guesses: where a name is bound on some paths only, deleted,
read before it is bound, or used in a way that needs thought, the answer is no, and the interpreter has to look.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.analysis.scopes import Scope, import_name, scope_of, target_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbpipe.analysis.code import CellCode


_ATOMS = frozenset([ast.Constant, str, type(None)])
_LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)


class Doubt(Exception):  # noqa: N818 - not an error of anyone
    """A use that this pass cannot show to be bound."""


def surely_bound(codes: Iterable[CellCode], environment: frozenset[str]) -> bool:
    """Tell whether no use in these cells, run in this order, can meet an unbound name.

    Args:
        codes: the cells; one that does not parse binds nothing.
        environment: names that the kernel provides beyond Python's and IPython's.
    """
    module = _Block(None, None, environment)
    try:
        for code in codes:
            module.run(code.body, scratch=code.code.scratch)
        module.end()
    except (Doubt, RecursionError):
        return False
    return True


class _Block:
    """One scope: the module, a function's or class's body.

    Attributes:
        bound: names of this block that are bound where the pass stands: at module level surely, in a function at
            some place above, since there only what surely fails is told.
        free: names that the block takes from outside; checked when it may be called.
        taken: names that functions, classes and lambdas in this block take from outside of themselves.
        waiting: names of functions and classes, with what they read that is not bound yet.
    """

    def __init__(self, parent: _Block | None, scope: Scope | None, environment: frozenset[str]) -> None:
        self.parent = parent
        self.scope = scope
        self.environment = environment
        self.bound: set[str] = set()
        self.free: set[str] = set()
        self.taken: set[str] = set()
        self.waiting: dict[str, set[str]] = {}
        self.lenient = scope is not None and scope.kind == "function"

    # Statements

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
            for part in ast.walk(item.context_expr):
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
        for part in (*node.decorator_list, *_outer(node.args), *([node.returns] if node.returns else ())):
            self.simple(part)
        inner = _Block(self, scope_of(node), self.environment)
        inner.bound.update(argument.arg for argument in _arguments(node.args))
        inner.run(node.body)
        self.define(node.name, inner)

    def class_(self, node: ast.ClassDef) -> None:
        """Look at a class: its body runs now, its methods when they are called."""
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.simple(part)
        inner = _Block(self, scope_of(node), self.environment)
        inner.bound.update(("__module__", "__qualname__", "__class__"))
        inner.run(node.body)
        self.define(node.name, inner)

    def define(self, name: str, inner: _Block) -> None:
        """Bind a function or class, and keep what it still waits for."""
        self.taken |= inner.free | inner.taken
        open_names = {needed for needed in inner.free if not self.has(needed)}
        for needed in inner.free:
            open_names |= {other for other in self.waiting_for(needed) if not self.has(other)}
        for names in inner.waiting.values():
            open_names |= {other for other in names if other not in inner.bound and not self.has(other)}
        self.bound.add(name)
        open_names.discard(name)
        if open_names:  # besides what another function of that name, perhaps of another branch, waits for
            self.waiting[name] = open_names | self.waiting.get(name, set())

    # Names

    def has(self, name: str) -> bool:
        """Tell whether a name that code inside this block takes from it is bound now."""
        if self.owns(name):
            return name in self.bound
        return self.parent.has(name) if self.parent is not None else self.provided(name)

    def owns(self, name: str) -> bool:
        """Tell whether a name that inner code uses is this block's."""
        if self.scope is None:
            return not self.provided(name) or name in self.bound
        return self.scope.kind != "class" and name in self.scope.locals

    def provided(self, name: str) -> bool:
        """Tell whether Python, IPython or the kernel has the name without any cell."""
        return is_builtin(name) or name in self.environment

    def waiting_for(self, name: str) -> set[str]:
        """Give what the function of this name still waits for."""
        if name in self.waiting:
            return self.waiting[name]
        return self.parent.waiting_for(name) if self.parent is not None else set()

    def need(self, names: Iterable[str]) -> None:
        """Raise Doubt where one of these is not bound now."""
        for name in names:
            if not self.has(name):
                raise Doubt

    def use(self, name: str) -> None:
        """Look at one reading of a name by this block's own code."""
        scope = self.scope
        if scope is None:
            if name not in self.bound and not self.provided(name):
                raise Doubt
        elif name in scope.locals and (name in self.bound or scope.kind != "class"):
            if name not in self.bound:
                raise Doubt
        elif scope.kind == "class":
            self.around().use(name)
            return
        else:
            self.free.add(name)
            return
        if name in self.waiting:
            self.resolve(name)

    def around(self) -> _Block:
        """Give the nearest block outside that is no class body: those are not seen from inside."""
        block = self.parent
        while block is not None and block.scope is not None and block.scope.kind == "class":
            block = block.parent
        if block is None:
            raise Doubt
        return block

    def resolve(self, name: str) -> None:
        """Let a function be called: all that it waits for must be bound by now, or be the function's here to wait for.

        What it waits for may be functions that wait themselves.
        """
        seen = {name}
        pending = [name]
        while pending:
            for other in self.waiting.get(pending.pop(), ()):
                if other in seen:
                    continue
                seen.add(other)
                if self.lenient and not (self.owns(other) and self.has(other)):
                    self.free.add(other)
                elif not self.has(other):
                    raise Doubt
                else:
                    pending.append(other)

    def read(self, root: ast.AST) -> list[str]:
        """Look at an expression or simple statement: check what it reads, give the names it binds."""
        stored: list[str] = []
        pending = [root]
        while pending:
            node = pending.pop()
            kind = node.__class__
            if kind is ast.Name:
                if node.ctx.__class__ is ast.Store:  # type: ignore[attr-defined]
                    stored.append(node.id)  # type: ignore[attr-defined]
                else:
                    self.use(node.id)  # type: ignore[attr-defined]
                continue
            if kind in _ATOMS:
                continue
            special = _EXPRESSIONS.get(kind)
            if special is not None:
                special(self, node)
                continue
            for field in node._fields:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    pending += value
                elif isinstance(value, ast.AST):
                    pending.append(value)
        return stored

    def closed(self, node: ast.Lambda) -> None:
        """Look at a lambda, which may be called at once."""
        for part in _outer(node.args):
            self.read(part)
        inner = self.nested({argument.arg for argument in _arguments(node.args)})
        self.leave(inner, [node.body])

    def comprehension(self, node: Any) -> None:
        """Look at a comprehension: its first iterable belongs to the block around."""
        inner = self.nested(set())
        for number, clause in enumerate(node.generators):
            if number == 0:
                self.read(clause.iter)
            else:
                self.leave(inner, [clause.iter])
            own = set(target_names(clause.target))
            inner.bound |= own
            if inner.scope is not None:
                inner.scope.locals |= own
            inner.read(clause.target)
            self.leave(inner, clause.ifs)
        self.leave(inner, [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    def nested(self, own: set[str]) -> _Block:
        """Give the block of an expression that has a scope of its own and is run here."""
        scope = Scope("function")
        scope.locals = set(own)
        inner = _Block(self, scope, self.environment)
        inner.bound = own
        return inner

    def leave(self, inner: _Block, parts: Iterable[ast.expr]) -> None:
        """Look at parts of such an expression; what they take from outside is used here and now."""
        for part in parts:
            inner.read(part)
        names, inner.free = inner.free, set()
        self.taken |= names
        for name in names:
            if self.scope is not None and self.scope.kind == "class":
                if name in self.scope.locals:
                    raise Doubt
                self.around().use(name)
            else:
                self.use(name)


def _doubtful(_: _Block, __: ast.AST) -> None:
    raise Doubt


def _nothing(_: _Block, __: ast.AST) -> None:
    pass


def _arguments(arguments: ast.arguments) -> Iterable[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each is not None)


def _outer(arguments: ast.arguments) -> Iterable[ast.expr]:
    """Give what is evaluated where a function is defined: defaults and annotations."""
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)
    yield from (each.annotation for each in _arguments(arguments) if each.annotation is not None)


_STATEMENTS: dict[type[ast.AST], Callable[[_Block, Any], None]] = {
    ast.AnnAssign: _Block.annotated,
    ast.AsyncFor: _Block.loop,
    ast.AsyncFunctionDef: _Block.function,
    ast.AsyncWith: _Block.with_,
    ast.AugAssign: _Block.augmented,
    ast.ClassDef: _Block.class_,
    ast.Delete: _Block.delete,
    ast.For: _Block.loop,
    ast.FunctionDef: _Block.function,
    ast.Global: _nothing,
    ast.If: _Block.if_,
    ast.Import: _Block.import_,
    ast.ImportFrom: _Block.import_,
    ast.Match: _doubtful,
    ast.Nonlocal: _nothing,
    ast.Try: _Block.try_,
    ast.TryStar: _doubtful,
    ast.While: _Block.loop,
    ast.With: _Block.with_,
}
_EXPRESSIONS: dict[type[ast.AST], Callable[[_Block, Any], None]] = {
    ast.DictComp: _Block.comprehension,
    ast.GeneratorExp: _Block.comprehension,
    ast.Lambda: _Block.closed,
    ast.ListComp: _Block.comprehension,
    ast.NamedExpr: _doubtful,
    ast.SetComp: _Block.comprehension,
}
for _name in ("TypeAlias", "TemplateStr"):  # Python 3.12 and 3.14
    if hasattr(ast, _name):
        _STATEMENTS[getattr(ast, _name)] = _EXPRESSIONS[getattr(ast, _name)] = _doubtful
