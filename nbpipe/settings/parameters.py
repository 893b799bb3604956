"""Parameters: the names that a cell tagged ``parameters`` (or params.yaml) gives values to, with their types."""

from __future__ import annotations

import ast
import io
import json
import operator
import tokenize
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import ConfigError
from nbpipe.patterns import pattern
from nbpipe.settings.coercion import coerce, coerce_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["NoValue", "Parameter", "coerce", "coerce_all", "parameters_of", "values_from_json"]

_TYPE_COMMENT = pattern(r"type:\s*(?P<type>[^\s#]+)\s*(?P<help>.*)")
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class NoValue(Enum):
    """Why a parameter has no default value that can be read off."""

    REQUIRED = "required"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A name that a run may give a value.

    Attributes:
        name: a Python identifier.
        type: annotation, or name of the default's type (``int``, ``float | None``...); empty when unknown.
        default: the value, or why there is none to read off.
        help: what its comment says, may be empty.
        text: the default as it is written in the source.
    """

    name: str
    type: str
    default: Any = NoValue.REQUIRED
    help: str = ""
    text: str = ""

    @property
    def has_value(self) -> bool:
        """Whether `default` is a value."""
        return not isinstance(self.default, NoValue)

    def __str__(self) -> str:
        """Give ``name: type = default``, as Python writes it."""
        annotation = f": {self.type}" if self.type else ""
        return f"{self.name}{annotation}{f' = {self.text}' if self.text else ''}"


def parameters_of(source: str) -> tuple[Parameter, ...]:
    """Give the parameters that the Python source of a parameters cell defines, in order of first definition.

    Top-level assignments count; the last one to a name gives its default. Source that is not Python gives none.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    for statement in tree.body:
        comment = comments.get(statement.end_lineno or 0, "")
        for name, annotation, value in _assignments(statement):
            found[name] = _parameter(name, annotation, value, comment)
    return tuple(found.values())


def values_from_json(text: str) -> dict[str, Any]:
    """Give the names and values of a JSON object.

    Raises:
        ConfigError: the text is none.
    """
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"parameters as JSON: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(f'parameters as JSON: must be an object as {{"name": value}}, not a {type(values).__name__}')
    return values


def _assignments(statement: ast.stmt) -> Iterator[tuple[str, str, ast.expr | None]]:
    """Give name, annotation and value of what a statement assigns."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, _annotation(statement.annotation), statement.value
    if not isinstance(statement, ast.Assign):
        return
    for target in statement.targets:
        if isinstance(target, ast.Name):
            yield target.id, "", statement.value
        elif isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
            for name, value in zip(target.elts, statement.value.elts, strict=False):
                if isinstance(name, ast.Name):
                    yield name.id, "", value


def _annotation(node: ast.expr) -> str:
    """Give the annotation's text; one that is quoted counts as what is in the quotes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ast.unparse(node)


def _parameter(name: str, annotation: str, value: ast.expr | None, comment: str) -> Parameter:
    typed = _TYPE_COMMENT.match(comment)
    if typed:
        annotation, comment = annotation or typed["type"], typed["help"]
    if value is None:
        return Parameter(name, annotation, NoValue.REQUIRED, comment)
    text = ast.unparse(value)
    try:
        default = _value(value)
    except ValueError:
        return Parameter(name, annotation, NoValue.COMPUTED, comment, text)
    if not annotation and default is not None:
        annotation = type(default).__name__
    return Parameter(name, annotation, default, comment, text)


def _value(node: ast.expr) -> Any:
    """Give the value of a literal, or of plain arithmetic on numbers (60 * 60).

    Raises:
        ValueError: it is neither.
    """
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        left, right = _value(node.left), _value(node.right)
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise ValueError(ast.unparse(node))
        try:
            return _ARITHMETIC[type(node.op)](left, right)
        except ArithmeticError as error:
            raise ValueError(ast.unparse(node)) from error
    try:
        return ast.literal_eval(node)
    except (TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(ast.unparse(node)) from error


def _comments(source: str) -> dict[int, str]:
    """Give the text of the comments by line, from 1."""
    if "#" not in source:
        return {}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ").strip() for token in tokens if token.type == tokenize.COMMENT}
