"""Random notebooks for the property tests, and what executing them really gives.

Values are built so that two different bindings never give equal values: every expression carries a tag of its own.
Names fall into families that fix their type, so that a program can raise NameError and nothing else:
``v`` any value, ``n`` integers, ``l`` lists (never empty when made), ``f`` functions without arguments,
``d`` decorators, ``K`` classes with a method ``m``.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VALUES = ["v0", "v1", "v2", "v3"]
NUMBERS = ["n0", "n1"]
LISTS = ["l0", "l1"]
FUNCTIONS = ["f0", "f1", "f2"]
DECORATORS = ["d0", "d1"]
CLASSES = ["K0", "K1"]


class Writer:
    """Writes random statements with `draw`, counting the constructs it used."""

    def __init__(self, draw: Callable[..., Any], *, branches: bool) -> None:
        self.draw = draw
        self.branches = branches
        self.tag = 0
        self.used: Counter[str] = Counter()
        self.depth = 0
        # Each program draws from a few constructs only, so that they meet ("swarm testing", Groce et al., ISSTA 2012).
        self.kinds = self.some([*STRAIGHT, *(BRANCHING if branches else [])])
        self.expressions = self.some([*EXPRESSIONS, *(["ternary", "either"] if branches else [])])

    def some(self, kinds: list[str]) -> list[str]:
        return [*self.draw(st.lists(st.sampled_from(kinds), min_size=2, max_size=7)), kinds[0]]

    def pick(self, names: Sequence[str]) -> str:
        return str(self.draw(st.sampled_from(names)))

    def fresh(self) -> str:
        self.tag += 1
        return f"'t{self.tag}'"

    def condition(self) -> str:
        return f"({self.draw(st.integers(0, 1))} > 0)"

    def cell(self) -> list[str]:
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 3))):
            lines += self.statement()
        return lines

    def block(self) -> list[str]:
        self.depth += 1
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 2))):
            lines += self.statement()
        self.depth -= 1
        return ["    " + line for line in lines]

    def statement(self) -> list[str]:
        kinds = [kind for kind in self.kinds if kind in FLAT or (kind in NESTING and self.depth < 2)]
        kind = self.pick(kinds)
        self.used[kind] += 1
        lines: list[str] = getattr(self, kind)()
        return lines

    # Expressions

    def value(self) -> str:  # noqa: C901 - one case for each kind of expression
        kind = self.pick(
            [
                "name",
                "name",
                "pair",
                "literal",
                "call",
                "list",
                "number",
                "comprehension",
                "walrus",
                "lambda",
                "method",
                "text",
                "ternary" if self.branches else "name",
            ]
        )
        self.used[f"expression {kind}"] += 1
        tag = self.fresh()
        if kind == "pair":
            return f"({tag}, {self.pick(VALUES)}, {self.pick(VALUES)})"
        if kind == "call":
            return f"({tag}, {self.pick(FUNCTIONS)}())"
        if kind == "list":
            return f"({tag}, {self.pick(LISTS)})"
        if kind == "number":
            return f"({tag}, {self.pick(NUMBERS)})"
        if kind == "comprehension":
            return f"({tag}, [(i, {self.pick(VALUES)}) for i in (1, {self.pick(VALUES)})])"
        if kind == "walrus":
            return f"({tag}, ({self.pick(VALUES)} := {self.fresh()}))"
        if kind == "lambda":
            return f"({tag}, (lambda x=({self.pick(VALUES)}): (x, {self.pick(VALUES)}))())"
        if kind == "method":
            return f"({tag}, {self.pick(CLASSES)}().m())"
        if kind == "text":
            return f"({tag}, f'{{{self.pick(VALUES)}}}')"
        if kind == "either":
            return f"({tag}, {self.condition()} and {self.pick(VALUES)} or {self.pick(VALUES)})"
        if kind == "ternary":
            return f"({tag}, {self.pick(VALUES)} if {self.condition()} else {self.pick(VALUES)})"
        return f"({tag}, {self.pick(VALUES)})" if kind == "name" else f"({tag},)"

    # Statements of every program

    def assign(self) -> list[str]:
        return [f"{self.pick(VALUES)} = {self.value()}"]

    def define_list(self) -> list[str]:
        return [f"{self.pick(LISTS)} = [{self.value()}]"]

    def define_number(self) -> list[str]:
        self.tag += 1
        return [f"{self.pick(NUMBERS)} = {self.tag * 1000}"]

    def augment(self) -> list[str]:
        self.tag += 1
        return [f"{self.pick(NUMBERS)} += {self.tag * 1_000_000}"]

    def alias(self) -> list[str]:
        family = self.draw(st.sampled_from([LISTS, VALUES, FUNCTIONS]))
        return [f"{self.pick(family)} = {self.pick(family)}"]

    def append(self) -> list[str]:
        return [f"{self.pick(LISTS)}.append({self.value()})"]

    def store(self) -> list[str]:
        return [f"{self.pick(LISTS)}[0] = {self.value()}"]

    def extend(self) -> list[str]:
        return [f"{self.pick(LISTS)} += [{self.value()}]"]

    def delete(self) -> list[str]:
        return [f"del {self.pick([*VALUES, *LISTS, *FUNCTIONS])}"]

    def function(self) -> list[str]:
        kind = self.pick(["reads", "calls", "local", "default", "nested", "mutates", "varargs"])
        self.used[f"function {kind}"] += 1
        name, tag = self.pick(FUNCTIONS), self.fresh()
        if kind == "calls":
            return (
                [f"def {name}():", f"    return ({tag}, {self.pick(FUNCTIONS)}())"]
                if self.safe_call(name)
                else self.assign()
            )
        if kind == "local":
            local = self.pick(VALUES)
            return [f"def {name}():", f"    {local} = ({tag}, {self.pick(VALUES)})", f"    return {local}"]
        if kind == "default":
            return [f"def {name}(x={self.pick(VALUES)}, *, y={self.pick(NUMBERS)}):", f"    return ({tag}, x, y)"]
        if kind == "nested":
            return [
                f"def {name}():",
                f"    x = ({tag}, {self.pick(VALUES)})",
                "    def inner():",
                "        nonlocal x",
                f"        x = (x, {self.pick(VALUES)})",
                "        return x",
                "    return inner()",
            ]
        if kind == "mutates":
            return [f"def {name}():", f"    {self.pick(LISTS)}.append({tag})", f"    return {tag}"]
        if kind == "varargs":
            return [f"def {name}(*args, **kwargs):", f"    return ({tag}, args, {self.pick(VALUES)})"]
        return [f"def {name}():", f"    return ({tag}, {self.pick(VALUES)})"]

    def safe_call(self, name: str) -> bool:
        """Whether a function of this name may call others: only in programs that guard against recursion."""
        return name == "f2"

    def set_global(self) -> list[str]:
        return [
            f"def {self.pick(FUNCTIONS)}():",
            f"    global {(name := self.pick(VALUES))}",
            f"    {name} = ({self.fresh()}, {self.pick(VALUES)})",
        ]

    def make_lambda(self) -> list[str]:
        return [f"{self.pick(FUNCTIONS)} = lambda: ({self.fresh()}, {self.pick(VALUES)})"]

    def decorator(self) -> list[str]:
        kind = self.pick(["wraps", "calls", "keeps"])
        name, tag = self.pick(DECORATORS), self.fresh()
        if kind == "keeps":
            return [f"def {name}(fn):", "    return fn"]
        if kind == "calls":
            return [f"def {name}(fn):", "    result = fn()", f"    return lambda: ({tag}, result)"]
        return [
            f"def {name}(fn):",
            "    def wrapper():",
            f"        return ({tag}, fn(), {self.pick(VALUES)})",
            "    return wrapper",
        ]

    def decorated(self) -> list[str]:
        return [
            f"@{self.pick(DECORATORS)}",
            f"def {self.pick(FUNCTIONS[:2])}():",
            f"    return ({self.fresh()}, {self.pick(VALUES)})",
        ]

    def make_class(self) -> list[str]:
        name, attribute = self.pick(CLASSES), self.pick(VALUES)
        lines = [f"class {name}:", f"    tag = {self.fresh()}"]
        if self.draw(st.booleans()):
            lines.append(f"    {attribute} = ({self.pick(VALUES)},)")
        if self.draw(st.booleans()):
            lines += ["    def __init__(self):", f"        self.x = {self.pick(VALUES)}"]
        lines += ["    def m(self):", f"        return (self.tag, {self.pick(VALUES)})"]
        return lines

    def shadowing_class(self) -> list[str]:
        """A class attribute of the same name as a global that a method reads: the method sees the global."""
        name, value = self.pick(CLASSES), self.pick(VALUES)
        return [
            f"class {name}:",
            f"    {value} = {self.fresh()}",
            f"    tag = [({value}, i) for i in ({self.pick(VALUES)},)]",
            "    def m(self):",
            f"        return ({self.fresh()}, {value})",
            f"{self.pick(VALUES)} = {name}().m()",
        ]

    def call(self) -> list[str]:
        return [f"{self.pick(FUNCTIONS)}()"]

    def show(self) -> list[str]:
        return [f"repr({self.pick([*VALUES, *LISTS, *NUMBERS])})"]

    def unpack(self) -> list[str]:
        first, *others = self.draw(st.permutations(VALUES))
        return [f"{first}, *{others[0]} = ({self.fresh()}, {self.pick(VALUES)}, {self.fresh()})"]

    def take_import(self) -> list[str]:
        return [f"import math as {self.pick(VALUES)}"]

    def match_any(self) -> list[str]:
        return [f"match {self.pick(VALUES)}:", f"    case {self.pick(VALUES)}:", f"        repr({self.pick(VALUES)})"]

    def with_statement(self) -> list[str]:
        return [f"with nullcontext({self.value()}) as {self.pick(VALUES)}:", *self.block()]

    def loop_surely(self) -> list[str]:
        return [f"for {self.pick(['i', *VALUES])} in (1, 2):", *self.block()]

    # Statements with paths

    def branch(self) -> list[str]:
        lines = [f"if {self.condition()}:", *self.block()]
        return [*lines, "else:", *self.block()] if self.draw(st.booleans()) else lines

    def loop(self) -> list[str]:
        lines = [f"for i in range(len('ab') - {self.draw(st.integers(0, 2))}):", *self.block()]
        if self.draw(st.booleans()):
            lines += [f"    if {self.condition()}:", f"        {self.pick(['break', 'continue'])}", *self.block()]
        return [*lines, "else:", *self.block()] if self.draw(st.booleans()) else lines

    def repeat(self) -> list[str]:
        return [
            "while True:",
            *self.block(),
            f"    if {self.condition()}:",
            "        break",
            *self.block(),
            "    break",
        ]

    def attempt(self) -> list[str]:
        caught = self.pick(["NameError", "Exception", "ValueError"])
        lines = ["try:", *self.block()]
        if self.draw(st.booleans()):
            lines += [f"    if {self.condition()}:", "        raise ValueError"] if caught != "NameError" else []
        lines += [f"except {caught}{self.draw(st.sampled_from(['', ' as v3']))}:", *self.block()]
        if self.draw(st.booleans()):
            lines += ["else:", *self.block()]
        return [*lines, "finally:", *self.block()] if self.draw(st.booleans()) else lines

    def early_return(self) -> list[str]:
        return [
            f"def {self.pick(FUNCTIONS[:2])}():",
            f"    global {(name := self.pick(VALUES))}",
            f"    if {self.condition()}:",
            f"        return {self.fresh()}",
            f"    {name} = ({self.fresh()}, {self.pick(VALUES)})",
            f"    return {name}",
        ]

    def match_paths(self) -> list[str]:
        return [
            f"match ({self.fresh()}, {self.draw(st.integers(0, 1))}):",
            f"    case (_, 0) if {self.condition()}:",
            *("    " + line for line in self.block()),
            f"    case ({self.pick(VALUES)}, 1):",
            *("    " + line for line in self.block()),
        ]

    def escape(self) -> list[str]:
        return [f"{self.pick(VALUES)} = list(map(lambda x: (x, {self.pick(VALUES)}), (1, 2)))"]


EXPRESSIONS = [
    "name", "name", "pair", "literal", "call", "list", "number", "comprehension", "walrus", "lambda", "method", "text",
]  # fmt: skip
FLAT = [
    "assign", "define_list", "define_number", "augment", "alias", "append", "store", "extend", "delete", "make_lambda",
    "call", "show", "unpack", "take_import",
]  # fmt: skip
STRAIGHT = [
    *FLAT, "assign", "assign", "define_list", "function", "function", "set_global", "decorator", "decorated",
    "make_class", "shadowing_class", "match_any", "with_statement", "loop_surely",
]  # fmt: skip
BRANCHING = ["branch", "branch", "loop", "repeat", "attempt", "attempt", "early_return", "match_paths", "escape"]
NESTING = [kind for kind in (*STRAIGHT, *BRANCHING) if kind not in FLAT]

# A first cell that defines most names, so that programs get somewhere before they fail.
BUILTIN = frozenset(["Exception", "NameError", "ValueError", "len", "list", "map", "range", "repr"])
PRELUDE = [
    "v0 = ('p0',)", "v1 = ('p1',)", "v2 = ('p2',)", "n0 = 1", "n1 = 2", "l0 = ['p3']", "l1 = ['p4']",
    "def f0():\n    return ('p5', v0)", "def f1():\n    return ('p6', v1)", "def f2():\n    return ('p7', f0())",
    "def d0(fn):\n    return fn", "class K0:\n    tag = 'p8'\n    def m(self):\n        return (self.tag, v1)",
]  # fmt: skip


@st.composite
def notebooks(draw: Callable[..., Any], *, branches: bool) -> tuple[list[str], Counter[str]]:
    """Give the sources of a notebook's cells and the constructs in them."""
    writer = Writer(draw, branches=branches)
    kept = draw(st.lists(st.sampled_from(PRELUDE), unique=True, min_size=6))
    cells = ["\n".join(["from contextlib import nullcontext", *kept])]
    cells += ["\n".join(writer.cell()) for _ in range(draw(st.integers(2, 7)))]
    return cells, writer.used


class Seen(ast.NodeTransformer):
    """Makes every read of a name report itself."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or node.id in BUILTIN:
            return node
        return ast.Call(ast.Name("__see__", ast.Load()), [ast.Constant(node.id), node], [])

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        assert isinstance(node.target, ast.Name)
        read = ast.Expr(self.visit_Name(ast.Name(node.target.id, ast.Load())))
        self.generic_visit(node)
        return [read, node]


class Run:
    """What executing cells in a given order gave.

    Attributes:
        seen: by cell, the values read in its last run, in order.
        error: by cell, the name whose NameError ended its last run.
        unexpected: an exception of another kind ended some run.
    """

    def __init__(self, cells: Sequence[str], order: Sequence[int], *, stop: bool) -> None:
        self.seen: dict[int, list[tuple[str, str]]] = {}
        self.error: dict[int, str] = {}
        self.unexpected: str | None = None
        namespace: dict[str, Any] = {"__see__": self.see}
        self.now: list[tuple[str, str]] = []
        for index in order:
            self.now = self.seen[index] = []
            self.error.pop(index, None)
            tree = ast.fix_missing_locations(Seen().visit(ast.parse(cells[index])))
            try:
                exec(compile(tree, f"<cell {index}>", "exec"), namespace)
            except NameError as error:
                self.error[index] = error.name or str(error).split("'")[1]
                if stop:
                    return
            except (TypeError, ValueError, RecursionError, AttributeError, IndexError) as error:
                self.unexpected = f"{type(error).__name__}: {error}"
                return

    def see(self, name: str, value: Any) -> Any:
        self.now.append((name, picture(value)))
        return value


def picture(value: Any, depth: int = 0) -> str:
    """Give a text that differs when values differ: functions by their code, containers by their content."""
    if depth > 8:
        return "..."
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(picture(part, depth + 1) for part in value)})"
    if hasattr(value, "__code__"):
        closure = [picture(cell.cell_contents, depth + 1) for cell in value.__closure__ or () if cell_filled(cell)]
        code = value.__code__
        return f"function {code.co_filename}:{code.co_firstlineno} {picture(value.__defaults__, depth + 1)} {closure}"
    if isinstance(value, type):
        return f"class {getattr(value, 'tag', value.__name__)}"
    return repr(value) if isinstance(value, int | str) else type(value).__name__


def cell_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
