"""One scope as `bound` sees it: which of its names are bound, and what its functions wait for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.analysis.scopes import Scope, target_names
from nbpipe.analysis.traversal import PARTS, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ATOMS = frozenset([ast.Constant, type(None)])  # None: a key, or a default, that is not there


class Doubt(Exception):  # noqa: N818 - not an error of anyone
    """A use that cannot be shown to be bound."""


class Block:
    """One scope: the module, a function's or class's body.

    Attributes:
        bound: names of this block that are bound where the pass stands: at module level surely, in a function at
            some place above, since there only what surely fails is told.
        free: names that the block takes from outside; checked when it may be called.
        taken: names that functions, classes and lambdas in this block take from outside of themselves.
        waiting: names of functions and classes, with what they read that is not bound yet.
    """

    def __init__(self, parent: Block | None, scope: Scope | None, environment: frozenset[str]) -> None:
        self.parent = parent
        self.scope = scope
        self.environment = environment
        self.bound: set[str] = set()
        self.free: set[str] = set()
        self.taken: set[str] = set()
        self.waiting: dict[str, set[str]] = {}
        self.lenient = scope is not None and scope.kind == "function"

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

    def around(self) -> Block:
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
        pending: list[Any] = [root]
        while pending:
            node = pending.pop()
            kind = node.__class__
            if kind is ast.Name:
                if node.ctx.__class__ is ast.Store:
                    stored.append(node.id)
                else:
                    self.use(node.id)
                continue
            if kind in _ATOMS:
                continue
            special = _EXPRESSIONS.get(kind)
            if special is not None:
                special(self, node)
                continue
            fields = PARTS.get(kind)
            for name in parts_of(kind) if fields is None else fields:
                value = getattr(node, name, None)
                if value.__class__ is list:
                    pending += value
                elif value is not None:
                    pending.append(value)
        return stored

    def closed(self, node: ast.Lambda) -> None:
        """Look at a lambda, which may be called at once."""
        for part in outer_parts(node.args):
            self.read(part)
        inner = self.nested({argument.arg for argument in arguments_of(node.args)})
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

    def nested(self, own: set[str]) -> Block:
        """Give the block of an expression that has a scope of its own and is run here."""
        scope = Scope("function")
        scope.locals = set(own)
        inner = Block(self, scope, self.environment)
        inner.bound = own
        return inner

    def leave(self, inner: Block, parts: Iterable[ast.expr]) -> None:
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


def doubtful(_: Block, __: ast.AST) -> None:
    """Leave to the interpreter what needs thought."""
    raise Doubt


def arguments_of(arguments: ast.arguments) -> Iterable[ast.arg]:
    """Give all parameters."""
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each is not None)


def outer_parts(arguments: ast.arguments) -> Iterable[ast.expr]:
    """Give what is evaluated where a function is defined: defaults and annotations."""
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)
    yield from (each.annotation for each in arguments_of(arguments) if each.annotation is not None)


_EXPRESSIONS: dict[type[ast.AST], Callable[[Block, Any], None]] = {
    ast.DictComp: Block.comprehension,
    ast.GeneratorExp: Block.comprehension,
    ast.Lambda: Block.closed,
    ast.ListComp: Block.comprehension,
    ast.NamedExpr: doubtful,
    ast.SetComp: Block.comprehension,
}
for _name in ("TypeAlias", "TemplateStr"):  # Python 3.12 and 3.14
    if hasattr(ast, _name):
        _EXPRESSIONS[getattr(ast, _name)] = doubtful
