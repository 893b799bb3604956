"""What IPython puts into the text of a command (``{expression}``, ``$name``), as a Python expression of that text."""

from __future__ import annotations

import ast
import builtins
import re
from string import Formatter
from typing import TYPE_CHECKING, Final

from nbpipe.notebook.parsing import parsed_expression, read_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# As in IPython's DollarFormatter (IPython/utils/text.py): not within single quotes; ``$$name`` is ``$name`` escaped.
_DOLLAR: Final = re.compile(r"\$(\$?[\w.]+)(?=(?:[^']*'[^']*')*[^']*$)")
_CONVERSIONS: Final = {None: -1, "s": 115, "r": 114, "a": 97}


def text_of(command: str, is_bound: Callable[[str], bool]) -> str:
    """Give a Python expression of what IPython makes of the text of a command or of a magic's argument.

    IPython evaluates all of it or, where anything cannot be, nothing (`InteractiveShell.var_expand`).

    Args:
        command: the text.
        is_bound: whether the notebook has bound a name by then.
    """
    pieces = _pieces(command, is_bound)
    if pieces is None:
        return ast.unparse(ast.Constant(command))
    return _joined(pieces)


def literal_text(command: str, is_bound: Callable[[str], bool]) -> str | None:
    """Give the text where nothing is put into it, else None."""
    pieces = _pieces(command, is_bound)
    if pieces is None:
        return command
    if all(isinstance(piece, ast.Constant) for piece in pieces):
        return "".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant))
    return None


def _pieces(command: str, is_bound: Callable[[str], bool]) -> list[ast.expr] | None:
    """Give the constants and the values that the text consists of; None where IPython leaves it as it is."""
    if "{" not in command and "$" not in command and "}" not in command:
        return None
    found: list[ast.expr] = []
    try:
        for literal, field, spec, conversion in Formatter().parse(command):
            for text, name in _dollars(literal):
                if text:
                    found.append(ast.Constant(text))
                if name:
                    found.append(_value(name, None, is_bound))
            if field is not None:
                found.append(_value(f"{field}:{spec}" if spec else field, conversion, is_bound))
    except ValueError:  # braces that do not match, and what cannot be evaluated
        return None
    return found


def _dollars(literal: str) -> Iterator[tuple[str, str]]:
    """Give the stretches of a text without braces, each with the name behind it."""
    start, text = 0, ""
    for match in _DOLLAR.finditer(literal):
        text += literal[start : match.start()]
        start = match.end()
        if match[1].startswith("$"):
            text += match[1]
        else:
            yield text, match[1]
            text = ""
    yield text + literal[start:], ""


def _value(text: str, conversion: str | None, is_bound: Callable[[str], bool]) -> ast.FormattedValue:
    """Give what stands for an expression.

    Raises:
        ValueError: it cannot be evaluated.
    """
    expression = parsed_expression(text)
    if expression is None or conversion not in _CONVERSIONS:
        raise ValueError(text)
    for name in read_names(expression):
        if not is_bound(name) and not hasattr(builtins, name):
            raise ValueError(text)
    return ast.FormattedValue(expression, _CONVERSIONS[conversion])


def _joined(pieces: list[ast.expr]) -> str:
    if all(isinstance(piece, ast.Constant) for piece in pieces):
        return ast.unparse(
            ast.Constant("".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant)))
        )
    try:
        return ast.unparse(ast.JoinedStr(pieces))
    except ValueError:  # quotes in quotes, which older Pythons do not take
        return _formatted(pieces)


def _formatted(pieces: list[ast.expr]) -> str:
    """Give a call of `str.format`."""
    pattern, values = "", list[ast.expr]()
    for piece in pieces:
        if isinstance(piece, ast.FormattedValue):
            pattern += "{}" if piece.conversion < 0 else f"{{!{chr(piece.conversion)}}}"
            values.append(piece.value)
        elif isinstance(piece, ast.Constant):
            pattern += str(piece.value).replace("{", "{{").replace("}", "}}")
    return ast.unparse(ast.Call(ast.Attribute(ast.Constant(pattern), "format"), values, []))
