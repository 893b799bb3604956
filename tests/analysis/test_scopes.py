"""Scopes are exactly those of the compiler's symbol table, on real code: the standard library's own modules."""

from __future__ import annotations

import ast
import symtable
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from nbpipe.analysis.scopes import ScopeNode, mangle, scope_of

LIBRARY = Path(sysconfig.get_path("stdlib"))
MODULES = sorted(path.name for path in LIBRARY.glob("*.py"))

NAMES = {
    ast.Lambda: "lambda",
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}

CASES = {
    "walrus in a comprehension binds around it": "def f(xs):\n    return [y := x for x in xs], y\n",
    "first iterable is outside": "def f(x):\n    return [x for x in x]\n",
    "global in a nested function": "def f():\n    x = 1\n    def g():\n        global x\n        x = 2\n    return g\n",
    "nonlocal": "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += 1\n    return g\n",
    "except name": "def f():\n    try:\n        pass\n    except ValueError as error:\n        pass\n",
    "match captures": "def f(x):\n    match x:\n        case {'a': a, **rest}: pass\n"
    "        case [b, *c] | [b, c]: pass\n"
    "        case int(d) as e: pass\n",
    "imports": "def f():\n    import a.b\n    import c.d as e\n    from g import h as i, j\n",
    "private names": "class A:\n    __x = 1\n    def m(self, __p):\n"
    "        __y = self.__z\n        global __g\n        __g = 2\n",
    "star targets and with": "def f():\n    a, (*b, c) = x\n    with y as (d, e), z as g: pass\n"
    "    for h.i, j[0], k in l: pass\n",
    "annotation alone": "def f():\n    x: int\n    y: int = 1\n",
    "lambda defaults": "def f():\n    return lambda a=(b := 1), *c, d=2, **e: (a, b)\n",
    "nested class": "class A:\n    x = 1\n    class B:\n        y = x\n    def m(self):\n        return x\n",
    "yield": "def f():\n    x = yield\n    def g():\n        yield 1\n    return [(yield_ := 1)]\n",
    "del": "def f():\n    del x, (y, z)\n",
    "async": "async def f(xs):\n    async with a as b:\n        async for c in xs:\n            await c\n",
}


def tables_of(source: str) -> dict[tuple[str, int], list[symtable.SymbolTable]]:
    """Give the compiler's tables by name and line."""
    found: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
    pending = [symtable.symtable(source, "<test>", "exec")]
    while pending:
        table = pending.pop()
        found.setdefault((table.get_name(), table.get_lineno()), []).append(table)
        pending.extend(table.get_children())
    return found


def facts_of(table: symtable.SymbolTable) -> tuple[set[str], set[str], set[str]]:
    symbols = [symbol for symbol in table.get_symbols() if not symbol.get_name().startswith(".")]
    inner = table.get_name() in NAMES.values()
    return (
        {symbol.get_name() for symbol in symbols if symbol.is_local()},
        {symbol.get_name() for symbol in symbols if symbol.is_declared_global()},
        # In a comprehension the compiler marks what := binds around it; nothing else can be nonlocal there.
        {symbol.get_name() for symbol in symbols if symbol.is_nonlocal() and not inner},
    )


def scopes_of(tree: ast.Module) -> list[tuple[ScopeNode, str | None]]:
    """Give every node with a scope, and the class its code stands in."""
    found: list[tuple[ScopeNode, str | None]] = []

    def visit(node: ast.AST, private: str | None) -> None:
        if isinstance(node, ast.ClassDef):
            found.append((node, node.name))
            for child in ast.iter_child_nodes(node):
                visit(child, node.name if child in node.body else private)
            return
        if isinstance(node, ScopeNode):
            found.append((node, private))
        for child in ast.iter_child_nodes(node):
            visit(child, private)

    visit(tree, None)
    return found


def compare(source: str) -> int:
    tables = tables_of(source)
    scopes = scopes_of(ast.parse(source))
    for node, private in scopes:
        name = mangle(getattr(node, "name", NAMES.get(type(node), "")), None)
        line = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        candidates = tables.get((name, node.lineno), []) + tables.get((name, line), [])
        scope = scope_of(node, private)
        mine = (scope.locals, scope.globals, scope.nonlocals)
        theirs = [facts_of(table) for table in candidates]
        assert mine in theirs, (name, node.lineno)
    return len(scopes)


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_hard_cases(source: str) -> None:
    assert compare(source) > 0


def test_every_module_of_the_standard_library() -> None:
    seen: Counter[str] = Counter()
    for name in MODULES:
        seen["scopes"] += compare((LIBRARY / name).read_text(encoding="utf-8"))
    assert seen["scopes"] > 5_000
