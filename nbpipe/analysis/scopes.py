"""Which names a function, class or comprehension binds itself: the compiler's symbol table, found in one walk.

The rules are those of the Python reference, "Naming and binding"; the tests compare with the standard `symtable`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.traversal import PARTS, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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


def _collect(node: ast.AST, scope: Scope) -> None:
    """Add what this node binds to the scope, without entering inner scopes."""
    pending: list[Any] = [node]
    while pending:
        current = pending.pop()
        if current is None:
            continue  # a key, or a default, that is not there
        kind = current.__class__
        if kind is ast.Name:
            if current.ctx.__class__ is not ast.Load:
                scope.locals.add(current.id)
            continue
        case = _BINDING.get(kind)
        if case is not None:
            pending += case(current, scope)
            continue
        fields = PARTS.get(kind)
        for name in parts_of(kind) if fields is None else fields:
            value = getattr(current, name, None)
            if value.__class__ is list:
                pending += value
            elif value is not None:
                pending.append(value)


def _of_definition(node: Any, scope: Scope) -> Iterable[ast.AST]:
    scope.locals.add(node.name)
    return _outer_parts(node)


def _of_lambda(node: ast.Lambda, _: Scope) -> Iterable[ast.AST]:
    return _defaults(node.args)


def _of_import(node: ast.Import | ast.ImportFrom, scope: Scope) -> Iterable[ast.AST]:
    scope.locals.update(import_name(alias) for alias in node.names if alias.name != "*")
    return ()


def _of_global(node: ast.Global, scope: Scope) -> Iterable[ast.AST]:
    scope.globals.update(node.names)
    return ()


def _of_nonlocal(node: ast.Nonlocal, scope: Scope) -> Iterable[ast.AST]:
    scope.nonlocals.update(node.names)
    return ()


def _of_yield(node: ast.Yield | ast.YieldFrom, scope: Scope) -> Iterable[ast.AST]:
    scope.is_generator = True
    return ast.iter_child_nodes(node)


def _of_capture(node: Any, scope: Scope) -> Iterable[ast.AST]:
    name = node.rest if isinstance(node, ast.MatchMapping) else node.name
    if name:
        scope.locals.add(name)
    return ast.iter_child_nodes(node)


def _of_comprehension(node: ComprehensionNode, _: Scope) -> Iterable[ast.AST]:
    """Look for names bound by ``:=`` inside: they belong to the scope around the comprehension (PEP 572)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.comprehension):
            yield child.iter
            yield from child.ifs
        else:
            yield child


_BINDING: dict[type[ast.AST], Callable[[Any, Scope], Iterable[ast.AST]]] = {
    ast.AsyncFunctionDef: _of_definition,
    ast.ClassDef: _of_definition,
    ast.DictComp: _of_comprehension,
    ast.ExceptHandler: _of_capture,
    ast.FunctionDef: _of_definition,
    ast.GeneratorExp: _of_comprehension,
    ast.Global: _of_global,
    ast.Import: _of_import,
    ast.ImportFrom: _of_import,
    ast.Lambda: _of_lambda,
    ast.ListComp: _of_comprehension,
    ast.MatchAs: _of_capture,
    ast.MatchMapping: _of_capture,
    ast.MatchStar: _of_capture,
    ast.Nonlocal: _of_nonlocal,
    ast.SetComp: _of_comprehension,
    ast.Yield: _of_yield,
    ast.YieldFrom: _of_yield,
}


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
