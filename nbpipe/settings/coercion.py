"""Values for parameters: text from a command line or values from a file, made to fit their types or refused."""

from __future__ import annotations

import ast
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbpipe.settings.parameters import Parameter

_TRUE: Final = ("true", "yes", "on", "1")
_FALSE: Final = ("false", "no", "off", "0")
_NONE: Final = ("none", "null")
_ALIASES: Final = {
    "List": "list",
    "Sequence": "list",
    "Iterable": "list",
    "Dict": "dict",
    "Mapping": "dict",
    "Tuple": "tuple",
    "Set": "set",
    "frozenset": "set",
    "NoneType": "None",
}
_LAST: Final = ("str", "Any", "object")


class _MismatchError(ValueError):
    """A value does not fit a type."""


def coerce_all(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of `given` as the types of the parameters want them, in the order given.

    Raises:
        ConfigError: a name is not among the parameters, or a value does not fit.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            listing = _listing(parameters)
            raise ConfigError(f"unknown parameter '{name}'; {listing}{did_you_mean(name, known)}")
        try:
            values[name] = coerce(known[name], value)
        except ConfigError as error:
            raise ConfigError(f"{error}; {_listing(parameters)}") from None
    return values


def coerce(parameter: Parameter, value: Any) -> Any:
    """Give a value as the parameter's type wants it; text is read as a value of that type.

    Lists and dicts are read as JSON or as Python literals. An int is taken for a float, never a bool for an
    int. Where the type is not known, text that reads as a literal is that literal.

    Raises:
        ConfigError: the value does not fit.
    """
    try:
        if not parameter.type or parameter.type == "None":
            return _literal_or_text(value) if isinstance(value, str) else value
        return _fit(_parse(parameter.type), value)
    except _MismatchError:
        raise ConfigError(f"parameter '{parameter.name}' must be {parameter.type}, not {value!r}") from None


def _listing(parameters: Sequence[Parameter]) -> str:
    if not parameters:
        return "there are no parameters"
    return f"the parameters are: {', '.join(str(parameter) for parameter in parameters)}"


def _parse(annotation: str) -> ast.expr:
    try:
        return ast.parse(annotation, mode="eval").body
    except SyntaxError:
        return ast.Name("object")


def _fit(node: ast.expr, value: Any) -> Any:
    """Make a value fit the type that an annotation's syntax tree stands for."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _fit_any((node.left, node.right), value)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _fit(_parse(node.value), value)
    name = _name(node)
    if name in _COMPOUND:
        return _COMPOUND[name](_arguments(node), value)
    return _SCALARS.get(name, _fit_unknown)(value)


def _name(node: ast.expr) -> str:
    """Give the bare name of a type: ``typing.List[int]`` is ``list``."""
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Constant):
        return str(node.value)
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return _ALIASES.get(name, name)


def _arguments(node: ast.expr) -> tuple[ast.expr, ...]:
    if not isinstance(node, ast.Subscript):
        return ()
    return tuple(node.slice.elts) if isinstance(node.slice, ast.Tuple) else (node.slice,)


def _fit_any(nodes: Sequence[ast.expr], value: Any) -> Any:
    """Try the types of a union; those that take any text come last."""
    for node in sorted(nodes, key=lambda node: _name(node) in _LAST):
        try:
            return _fit(node, value)
        except _MismatchError:
            continue
    raise _MismatchError


def _fit_optional(arguments: Sequence[ast.expr], value: Any) -> Any:
    return _fit_any((*arguments, ast.Name("None")), value)


def _fit_first(arguments: Sequence[ast.expr], value: Any) -> Any:
    """Make a value fit what a qualifier (Final, Annotated) is about."""
    return _fit(arguments[0], value) if arguments else value


def _fit_choice(arguments: Sequence[ast.expr], value: Any) -> Any:
    for choice in map(ast.literal_eval, arguments):
        if (type(choice) is type(value) and choice == value) or (isinstance(value, str) and str(choice) == value):
            return choice
    raise _MismatchError


def _fit_list(arguments: Sequence[ast.expr], value: Any) -> list[Any]:
    items = _structure(value)
    if not isinstance(items, list | tuple | set | frozenset):
        raise _MismatchError
    return [_fit(arguments[0], item) for item in items] if arguments else list(items)


def _fit_set(arguments: Sequence[ast.expr], value: Any) -> set[Any]:
    return set(_fit_list(arguments, value))


def _fit_tuple(arguments: Sequence[ast.expr], value: Any) -> tuple[Any, ...]:
    if not arguments or (isinstance(arguments[-1], ast.Constant) and arguments[-1].value is ...):
        return tuple(_fit_list(arguments[:1], value))
    items = _fit_list((), value)
    if len(items) != len(arguments):
        raise _MismatchError
    return tuple(_fit(node, item) for node, item in zip(arguments, items, strict=True))


def _fit_dict(arguments: Sequence[ast.expr], value: Any) -> dict[Any, Any]:
    items = _structure(value)
    if not isinstance(items, dict):
        raise _MismatchError
    if not arguments:
        return dict(items)
    key_type, item_type = arguments
    return {_fit(key_type, key): _fit(item_type, item) for key, item in items.items()}


_COMPOUND: Final[dict[str, Callable[[Sequence[ast.expr], Any], Any]]] = {
    "Optional": _fit_optional,
    "Union": _fit_any,
    "Literal": _fit_choice,
    "Annotated": _fit_first,
    "Final": _fit_first,
    "list": _fit_list,
    "set": _fit_set,
    "tuple": _fit_tuple,
    "dict": _fit_dict,
}


def _structure(value: Any) -> Any:
    """Read text as JSON, else as a Python literal."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise _MismatchError from None


def _fit_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    raise _MismatchError


def _fit_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _MismatchError
    try:
        return int(value)
    except ValueError:
        raise _MismatchError from None


def _fit_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _MismatchError
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise _MismatchError from None


def _fit_str(value: Any) -> str:
    if not isinstance(value, str):
        raise _MismatchError
    return value


def _fit_none(value: Any) -> None:
    if value is not None and not (isinstance(value, str) and value.lower() in _NONE):
        raise _MismatchError


def _fit_unknown(value: Any) -> Any:
    """Take a value for a type that is not known here (Path...) as it is."""
    return value


def _fitting(kind: type[Any], read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Give what takes a value of a type, or text that it can be read from."""

    def fit(value: Any) -> Any:
        if type(value) is kind:
            return value
        if not isinstance(value, str):
            raise _MismatchError
        try:
            return read(value)
        except (ValueError, ArithmeticError):
            raise _MismatchError from None

    return fit


_SCALARS: Final[dict[str, Callable[[Any], Any]]] = {
    "bool": _fit_bool,
    "int": _fit_int,
    "float": _fit_float,
    "str": _fit_str,
    "None": _fit_none,
    "date": _fitting(dt.date, dt.date.fromisoformat),
    "datetime": _fitting(dt.datetime, dt.datetime.fromisoformat),
    "time": _fitting(dt.time, dt.time.fromisoformat),
    "Decimal": _fitting(Decimal, Decimal),
}


def _literal_or_text(text: str) -> Any:
    """Read text as a value where nothing says which type it has: JSON or a Python literal, else text."""
    try:
        return _structure(text)
    except _MismatchError:
        return text
