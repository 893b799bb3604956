"""Which names a function, class or comprehension binds itself: the compiler's symbol table, found in one walk.

The rules are those of the Python reference, "Naming and binding"; the tests compare with the standard `symtable`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
ScopeNode = (
    ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.Lambda
    | ast.ClassDef
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """What one block binds.

    Attributes:
        kind: ``function``, ``class`` or ``comprehension``.
        locals: names bound here (parameters included), other than those declared global or nonlocal.
        globals: names declared ``global`` here.
        nonlocals: names declared ``nonlocal`` here.
        is_generator: the block contains ``yield`` (of its own).
    """

    __slots__ = ("globals", "is_generator", "kind", "locals", "nonlocals")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.locals: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.is_generator = False


def mangle(name: str, private: str | None) -> str:
    """Give the name under which code inside class `private` finds a name (reference, "Identifiers (Names)")."""
    if private is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    owner = private.lstrip("_")
    return f"_{owner}{name}" if owner else name


def scope_of(node: ScopeNode, private: str | None = None) -> Scope:
    """Give the scope of a function, lambda, class or comprehension node.

    Args:
        node: the node.
        private: name of the class that the block's code stands in (for a class its own), None outside of classes.
    """
    scope = _scope_of(node)
    if private is not None:
        for names in (scope.locals, scope.globals, scope.nonlocals):
            hidden = {name for name in names if name.startswith("__")}
            names.difference_update(hidden)
            names.update(mangle(name, private) for name in hidden)
    return scope


def scope_of_body(body: Iterable[ast.stmt]) -> Scope:
    """Give the scope that these statements have as the body of a function."""
    scope = Scope("function")
    for statement in body:
        _collect(statement, scope)
    scope.locals -= scope.globals | scope.nonlocals
    return scope


def _scope_of(node: ScopeNode) -> Scope:
    if isinstance(node, _COMPREHENSIONS):
        scope = Scope("comprehension")
        for generator in node.generators:
            scope.locals.update(target_names(generator.target))
        return scope
    scope = Scope("class" if isinstance(node, ast.ClassDef) else "function")
    if not isinstance(node, ast.ClassDef):
        scope.locals.update(parameter_names(node.args))
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    for statement in body:
        _collect(statement, scope)
    scope.locals -= scope.globals | scope.nonlocals
    return scope


def parameter_names(arguments: ast.arguments) -> Iterator[str]:
    """Give the names of all parameters, in order of declaration."""
    for argument in (*arguments.posonlyargs, *arguments.args):
        yield argument.arg
    if arguments.vararg:
        yield arguments.vararg.arg
    for argument in arguments.kwonlyargs:
        yield argument.arg
    if arguments.kwarg:
        yield arguments.kwarg.arg


def target_names(target: ast.expr) -> Iterator[str]:
    """Give the names that assigning to this target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from target_names(element)
    elif isinstance(target, ast.Starred):
        yield from target_names(target.value)


def import_name(alias: ast.alias) -> str:
    """Give the name that ``import a.b`` or ``import a.b as c`` binds."""
    return alias.asname or alias.name.partition(".")[0]


def _collect(node: ast.AST, scope: Scope) -> None:  # noqa: C901, PLR0912 - one case for each kind of binding
    """Add what this node binds to the scope, without entering inner scopes."""
    kind = node.__class__
    if kind is ast.Name:
        if not isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
            scope.locals.add(node.id)  # type: ignore[attr-defined]
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        scope.locals.add(node.name)
        for child in _outer_parts(node):
            _collect(child, scope)
        return
    if isinstance(node, ast.Lambda):
        for child in _defaults(node.args):
            _collect(child, scope)
        return
    if isinstance(node, _COMPREHENSIONS):
        _collect_comprehension(node, scope)
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        scope.locals.update(import_name(alias) for alias in node.names if alias.name != "*")
        return
    if isinstance(node, ast.Global):
        scope.globals.update(node.names)
        return
    if isinstance(node, ast.Nonlocal):
        scope.nonlocals.update(node.names)
        return
    if isinstance(node, ast.Yield | ast.YieldFrom):
        scope.is_generator = True
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        scope.locals.add(node.name)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        scope.locals.add(node.rest)
    for child in ast.iter_child_nodes(node):
        _collect(child, scope)


def _outer_parts(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[ast.AST]:
    """Give the parts of a definition that are evaluated in the scope around it."""
    yield from node.decorator_list
    if isinstance(node, ast.ClassDef):
        yield from node.bases
        yield from (keyword.value for keyword in node.keywords)
        return
    yield from _defaults(node.args)


def _defaults(arguments: ast.arguments) -> Iterator[ast.AST]:
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default is not None)


def _collect_comprehension(node: ComprehensionNode, scope: Scope) -> None:
    """Add names bound by ``:=`` inside: they belong to the scope around the comprehension (PEP 572)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            _collect(child.iter, scope)
            for condition in child.ifs:
                _collect(condition, scope)
        else:
            _collect(child, scope)
