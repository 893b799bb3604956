"""The Python values that IPython puts into the text of commands and magics: ``{expression}`` and ``$name``."""

from __future__ import annotations

import ast
import builtins
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    IsBound = Callable[[str], bool]

# As in IPython: not within single quotes, and `$$` is a dollar.
_DOLLAR = re.compile(r"\$(\$?[\w.]+)(?=([^']*'[^']*')*[^']*$)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Reading:
    """An expression that a magic evaluates.

    Attributes:
        expression: Python text.
        offset: where it stands in the magic's argument, from 0.
        names: the names it reads, builtins apart.
    """

    __slots__ = ("expression", "names", "offset")

    def __init__(self, expression: str, offset: int, names: tuple[str, ...]) -> None:
        self.expression = expression
        self.offset = offset
        self.names = names


def interpolated(text: str, is_bound: IsBound) -> list[Reading]:
    """Give the expressions that IPython evaluates in a command or the argument of a magic.

    IPython leaves the whole text alone when any of them fails, so shell and awk syntax must not be taken for
    Python: ``$name`` and ``${name}`` count where the name is bound, ``{name}`` always, ``{a,b}`` where both are.
    """
    if "{" not in text and "$" not in text:
        return []
    from string import Formatter

    readings: list[Reading] = []
    offset = 0
    try:
        for literal, field, spec, _ in Formatter().parse(text):
            readings += _dollars(literal, text, offset, is_bound)
            offset = text.find("{", offset + len(literal)) + 1 if field is not None else offset
            if field is None:
                continue
            expression = f"{field}:{spec}" if spec else field
            reading = _braced(expression, max(text.find(expression, offset), offset), is_bound)
            if reading is None or (literal.endswith("$") and not all(map(is_bound, reading.names))):
                return []
            readings += [reading] if reading.names else []
            offset = reading.offset + len(expression)
    except ValueError:  # braces that do not match: IPython leaves the text alone
        return []
    return readings


def names_in(tree: ast.AST) -> tuple[str, ...]:
    """Give the names an expression reads, in the order of the text, without builtins and its own bindings."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in nodes if not isinstance(node.ctx, ast.Load)}
    own.update(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    names = dict.fromkeys(node.id for node in nodes if node.id not in own)
    return tuple(name for name in names if not hasattr(builtins, name))


def _braced(expression: str, offset: int, is_bound: IsBound) -> Reading | None:
    """Give the reading of ``{expression}``; None where it cannot be meant as Python."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = names_in(tree)
    plain = isinstance(tree.body, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.BinOp | ast.IfExp)
    if not plain and not all(map(is_bound, names)):
        return None
    return Reading(expression, offset, names)


def _dollars(literal: str, text: str, offset: int, is_bound: IsBound) -> list[Reading]:
    """Give the readings of ``$name`` in a stretch of text without braces."""
    readings = []
    for match in _DOLLAR.finditer(literal):
        name = match[1].partition(".")[0]
        if _IDENTIFIER.fullmatch(name) and is_bound(name):
            readings.append(Reading(name, max(text.find("$" + name, offset) + 1, offset), (name,)))
    return readings


def free_names(statement: str) -> tuple[str, ...]:
    """Give the names, sorted, that a one-line statement reads from outside when it runs in a function of its own."""
    from symtable import symtable

    try:
        scopes = [symtable(f"async def run():\n {statement}\n", "<magic>", "exec").get_children()[0]]
    except SyntaxError:  # what parses but cannot stand in a function, such as a star import
        return ()
    names: set[str] = set()
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        names.update(symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global())
    return tuple(sorted(name for name in names if not hasattr(builtins, name)))
