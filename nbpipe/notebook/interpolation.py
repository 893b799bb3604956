"""The Python values that IPython puts into the text of commands and magics: ``{expression}`` and ``$name``."""

from __future__ import annotations

import ast

from nbpipe.notebook.parsing import parsed_expression, read_names
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    IsBound = Callable[[str], bool]

# As in IPython: not within single quotes, and `$$` is a dollar.
_DOLLAR = pattern(r"\$(\$?[\w.]+)(?=([^']*'[^']*')*[^']*$)")
_IDENTIFIER = pattern(r"[^\W\d]\w*")


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
    Python: ``$name``, ``${name}`` and ``%{name}`` count where the name is bound, ``{name}`` always, ``{a,b}`` where
    both are.
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
            if reading is None or (literal.endswith(("$", "%")) and not all(map(is_bound, reading.names))):
                return []
            readings += [reading] if reading.names else []
            offset = reading.offset + len(expression)
    except ValueError:  # braces that do not match: IPython leaves the text alone
        return []
    return readings


def _braced(expression: str, offset: int, is_bound: IsBound) -> Reading | None:
    """Give the reading of ``{expression}``; None where it cannot be meant as Python."""
    tree = parsed_expression(expression)
    if tree is None:
        return None
    names = read_names(tree)
    plain = isinstance(tree, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.BinOp | ast.IfExp)
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
