"""A script that a notebook runs, and its text for a cell."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from nbpipe.convert.plain.guards import without_guards
from nbpipe.convert.plain.lines import PlainText
from nbpipe.convert.scopes import names_of
from nbpipe.notebook.parsing import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_EXITS: Final = ("sys.exit", "exit", "quit")


class Script:
    """A script.

    Attributes:
        text: its source, lines ended by line feeds.
        path: of the file, as the notebook writes it.
        name: what ``__name__`` is in it.
        tree: of its source.
    """

    def __init__(self, text: str, path: str, name: str) -> None:
        """Read it.

        Raises:
            SyntaxError: it is no Python.
        """
        self.text = text.replace("\r\n", "\n")
        self.path = path
        self.name = name
        tree = parsed(self.text)
        if tree is None:
            raise SyntaxError("invalid syntax")
        self.tree = tree

    @property
    def definitions(self) -> list[str]:
        """The names of its functions and classes."""
        return [node.name for node in self.tree.body if isinstance(node, DEFINITIONS)]

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that it leaves in the notebook."""
        return names_of(self.tree.body).binds

    @property
    def modules(self) -> set[str]:
        """Top-level names of the modules that it imports."""
        return {name.partition(".")[0] for name in _imported(self.tree)}

    def inlined(self, *, shares_names: bool = False, again: bool = False) -> str:
        """Give its text for a cell: without its main guard, with its path and name written out; it may use `os`.

        Args:
            shares_names: it runs in the notebook's namespace (``-i``).
            again: a cell above holds it, so that imports and plain functions are there.
        """
        path = ast.unparse(ast.Constant(self.path))
        told = {"__file__": path if shares_names else f"os.path.abspath({path})"}
        lines = tuple(replaced(self.text, self.tree, told).split("\n"))
        text = without_guards(PlainText(lines, tuple(range(len(lines)))), self.name).text
        return _without_exit(_without_idle(text, again=again)).strip("\n") or "pass"


def _without_idle(text: str, *, again: bool) -> str:
    """Take away what says how to read a script: texts by themselves, ``__future__``, comments for machines.

    Args:
        text: the script.
        again: take away the statements whose bindings are there already, too, with the comments right above them.
    """
    lines = text.split("\n")
    statements = ast.parse(text).body
    begun = [statement.lineno for statement in statements]
    for statement in reversed(statements):
        first, end = statement.lineno - 1, statement.end_lineno or statement.lineno
        is_known = again and _is_plain(statement)
        if begun.count(statement.lineno) > 1 or not (is_known or _is_idle(statement)):
            continue
        while is_known and first and lines[first - 1].startswith("#"):
            first -= 1
        del lines[first:end]
    head = next((at for at, line in enumerate(lines) if line and not line.startswith("#")), len(lines))
    return "\n".join([*(line for line in lines[:head] if not _is_for_machines(line)), *lines[head:]])


def _is_idle(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_plain(statement: ast.stmt) -> bool:
    """Tell whether making a statement's binding once more makes no difference."""
    if isinstance(statement, ast.FunctionDef):
        defaults = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
        return not statement.decorator_list and all(isinstance(default, ast.Constant) for default in defaults)
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _is_for_machines(comment: str) -> bool:
    """Tell whether a comment says how to run or to read a file."""
    return comment.startswith("#!") or "coding:" in comment or "coding=" in comment


def _without_exit(text: str) -> str:
    """Take the end of the program from the last statement: ``sys.exit(main())`` becomes ``main()``.

    IPython shows what a script is ended with, and goes on.
    """
    statements = ast.parse(text).body
    last = statements[-1] if statements else None
    call = last.value if isinstance(last, ast.Expr) else None
    if last is None or not isinstance(call, ast.Call) or ast.unparse(call.func) not in _EXITS:
        return text
    value = call.args[0] if call.args else None
    kept = ast.get_source_segment(text, value) if isinstance(value, ast.Call) else ""
    lines = [line.encode() for line in text.split("\n")]
    end = (last.end_lineno or last.lineno) - 1
    behind = lines[end][last.end_col_offset :]
    lines[last.lineno - 1 : end + 1] = [lines[last.lineno - 1][: last.col_offset] + (kept or "").encode() + behind]
    return b"\n".join(lines).decode()


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def replaced(text: str, tree: ast.Module, names: Mapping[str, str]) -> str:
    """Write something else for names, and for functions and classes of such names."""
    lines = [line.encode() for line in text.split("\n")]
    places: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            places.append((node.lineno - 1, node.col_offset, node.id))
        elif isinstance(node, DEFINITIONS) and node.name in names:
            line = lines[node.lineno - 1]
            start = line.index(b"class" if isinstance(node, ast.ClassDef) else b"def", node.col_offset)
            places.append((node.lineno - 1, line.index(node.name.encode(), start + 3), node.name))
    for at, column, name in sorted(places, reverse=True):
        line = lines[at]
        lines[at] = line[:column] + names[name].encode() + line[column + len(name.encode()) :]
    return b"\n".join(lines).decode()
