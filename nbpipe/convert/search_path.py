"""Folders that a notebook puts on `sys.path` to import its project's modules: a pipeline has the modules beside it."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbpipe.convert.source import Statement


@dataclass(frozen=True, slots=True)
class PathChange:
    """A statement that does nothing but put folders on `sys.path`.

    Attributes:
        statement: it.
        folders: absolute.
        first: whether they come before all others.
    """

    statement: Statement
    folders: tuple[Path, ...]
    first: bool


def path_changes(statements: Sequence[Statement], folder: Path) -> tuple[list[PathChange], dict[str, Statement]]:
    """Give the changes of `sys.path` whose folders can be told, and the statements that bind folders they name.

    Args:
        statements: of the notebook, in order.
        folder: the notebook's.
    """
    names: dict[str, Any] = {}
    bound: dict[str, Statement] = {}
    changes = []
    for statement in statements if any("sys" in statement.names.reads for statement in statements) else ():
        node = statement.node
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = _value(node.value, names, folder)
            if value is not None:
                names[node.targets[0].id] = value
                bound[node.targets[0].id] = statement
            continue
        calls = list(_calls(node))
        added = [_folders(call, names, folder) for call in calls]
        if calls and all(added):
            first = any(ast.unparse(call).startswith("sys.path.insert") for call in calls)
            changes.append(PathChange(statement, tuple(path for each in added for path in each), first))
    return changes, bound


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """Give the calls that a statement consists of; none where it does anything else."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node.value
    elif isinstance(node, ast.If) and not node.orelse and "sys.path" in ast.unparse(node.test):
        inner = [list(_calls(child)) for child in node.body]
        if all(inner):
            yield from (call for each in inner for call in each)


def _folders(call: ast.Call, names: dict[str, Any], folder: Path) -> tuple[Path, ...]:
    """Give the folders that a call puts on the path; () for any other call, and where one cannot be told."""
    argument = {"sys.path.append": 0, "sys.path.insert": 1}.get(ast.unparse(call.func))
    if argument is None or len(call.args) != argument + 1 or call.keywords:
        return ()
    value = _value(call.args[argument], names, folder)
    return (Path(os.path.normpath(folder / value)),) if value is not None else ()


def _value(node: ast.expr, names: dict[str, Any], folder: Path) -> Any:
    """Give the text or path that an expression makes of constants and the current folder; None where it does not."""
    try:
        return _Evaluator(names, folder).value(node)
    except (_UnknownError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _UnknownError
    return value


class _UnknownError(Exception):
    """An expression that cannot be told."""


class _Evaluator:
    """Evaluates what paths are put together with; no file is looked at."""

    def __init__(self, names: dict[str, Any], folder: Path) -> None:
        self._names = names
        self._folder = folder

    def value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
            return node.value
        if isinstance(node, ast.Name) and node.id in self._names:
            return self._names[node.id]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Add):
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(node.op, ast.Add):
                return _text(left) + _text(right)
            return Path(left) / right
        if isinstance(node, ast.Subscript):
            return self.value(node.value)[self.value(node.slice)]
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call) and not node.keywords:
            return self._call(node)
        raise _UnknownError

    def _attribute(self, node: ast.Attribute) -> Any:
        text = ast.unparse(node)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        of = self.value(node.value)
        if isinstance(of, Path) and node.attr in ("parent", "parents"):
            return getattr(of, node.attr)
        raise _UnknownError

    def _call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func)
        if name in ("os.getcwd", "Path.cwd", "pathlib.Path.cwd"):
            return str(self._folder) if name == "os.getcwd" else self._folder
        arguments = [self.value(argument) for argument in node.args]
        if name in ("os.path.abspath", "os.path.realpath"):
            return os.path.normpath(self._folder / arguments[0])
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](*arguments)
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value)
            if isinstance(of, Path) and node.func.attr in ("resolve", "absolute"):
                return Path(os.path.normpath(self._folder / of))
            if isinstance(of, Path) and node.func.attr in ("joinpath", "as_posix"):
                return getattr(of, node.func.attr)(*arguments)
        raise _UnknownError


_CONSTANTS: Final = {"os.pardir": os.pardir, "os.curdir": os.curdir, "os.sep": os.sep}
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "Path": Path,
    "os.path.dirname": os.path.dirname,
    "os.path.expanduser": os.path.expanduser,
    "os.path.join": os.path.join,
    "os.path.normpath": os.path.normpath,
    "os.path.split": os.path.split,
    "pathlib.Path": Path,
    "str": str,
}
