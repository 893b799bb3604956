"""What a value is made of: the expressions that went into it, followed through names, backwards."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.traversal import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis

_MOST = 400
# What gives back what it is given, in another form or one by one. Of any other call only its object is looked at: what
# a function makes of its arguments is its own affair.
PASSING = frozenset(
    [
        "BytesIO",
        "StringIO",
        "TextIOWrapper",
        "BufferedReader",
        "GzipFile",
        "ZipFile",
        "TarFile",
        "open",
        "b64decode",
        "decompress",
        "decode",
        "encode",
        "Path",
        "PurePath",
        "PosixPath",
        "join",
        "fspath",
        "abspath",
        "realpath",
        "normpath",
        "expanduser",
        "basename",
        "str",
        "bytes",
        "bytearray",
        "format",
        "replace",
        "strip",
        "lower",
        "upper",
        "title",
        "list",
        "tuple",
        "set",
        "sorted",
        "reversed",
        "enumerate",
        "zip",
        "iter",
        "next",
        "map",
        "filter",
        "dict",
        "unquote",
        "quote_plus",
        "reader",
        "DictReader",
        "deepcopy",
        "copy",
        "pop",
        "get",
        "dropna",
    ]
)


class Origin:
    """One expression that a value is made of.

    Attributes:
        cell: index of the cell that was being run when it was evaluated.
        home: index of the cell whose source holds it.
    """

    __slots__ = ("cell", "home", "node")

    def __init__(self, node: ast.expr, cell: int, home: int) -> None:
        self.node = node
        self.cell = cell
        self.home = home


class Origins:
    """Looks up, for one notebook, what values are made of."""

    def __init__(self, analysis: Analysis) -> None:
        self._uses = analysis.top_down.uses
        self._values: dict[int, ast.expr] = {}
        for kind in (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension, ast.withitem):
            for _, node in analysis.nodes(kind):
                self._learn(node)

    def of(self, node: ast.expr, cell: int, home: int) -> Iterator[Origin]:
        """Yield the expression and all that it is made of, nearest first.

        Args:
            node: the expression.
            cell: index of the cell that is being run when it is evaluated.
            home: index of the cell whose source holds it.
        """
        pending = [Origin(node, cell, home)]
        seen: set[tuple[int, int]] = set()
        while pending and len(seen) < _MOST:
            here = pending.pop(0)
            key = (here.cell, id(here.node))
            if key in seen:
                continue
            seen.add(key)
            yield here
            if isinstance(here.node, ast.Name):
                pending += self._behind(here)
            else:
                pending += [Origin(part, here.cell, here.home) for part in _parts(here.node)]

    def _behind(self, here: Origin) -> Iterator[Origin]:
        """Yield the expressions that a name may have been given."""
        use = self._uses.get((here.cell, id(here.node)))
        for definition in use.definitions if use is not None else ():
            value = self._values.get(id(definition.node))
            if value is not None:
                yield Origin(value, definition.cell, definition.home)

    def _learn(self, node: ast.AST) -> None:
        """Note what the names of a binding are made of."""
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.withitem):
            targets, value = [node.optional_vars] if node.optional_vars is not None else [], node.context_expr
        elif isinstance(node, ast.For | ast.comprehension):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            return
        for target in targets:
            for part in walk(target):
                if isinstance(part, ast.Name):
                    self._values[id(part)] = value


def last_name(node: ast.expr) -> str:
    """Give the last part of a dotted name, "" where it is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _parts(node: ast.expr) -> list[ast.expr]:
    """Give the expressions that an expression's value is made of, not those that only decide or call."""
    if isinstance(node, ast.Call):
        receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        passed = last_name(node.func) in PASSING
        return [*receiver, *(node.args if passed else ()), *(each.value for each in node.keywords if passed)]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Compare | ast.Lambda):
        return []
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return [node.elt]
    if isinstance(node, ast.Subscript):
        return [node.value]
    if isinstance(node, ast.Dict):
        return list(node.values)
    if isinstance(node, ast.JoinedStr | ast.FormattedValue | ast.BinOp | ast.Attribute | ast.Starred | ast.BoolOp):
        return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return node.elts
    return []
