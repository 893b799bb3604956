"""The shape of statements: what they do up to names and literals, as one number each.

A shape is the sum of numbers that stand for a statement's operations: attributes by their names, calls by the number
of their arguments and, for builtins and imports, by what is called, operators, control flow. Names of one's own,
literals, layout, comments and docstrings have no part in it. A sum forgets the order within one statement; what that
mixes up are statements of the same operations, which are rare once there are more than a few (measured on public
notebooks). It costs one addition a node, over the lists that `Analysis.nodes` has anyway.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING
from zlib import crc32

from nbpipe.analysis.traversal import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.notebook_analysis import Analysis

# A sum holds the hash below this bit and the number of operations above it.
_ONE = 1 << 64
_MASK = _ONE - 1
_MULTIPLIER = 0x9E3779B97F4A
_KINDS: tuple[type[ast.AST], ...] = (
    ast.AsyncFor, ast.AsyncWith, ast.Assert, ast.AugAssign, ast.Await, ast.Break, ast.ClassDef, ast.Continue,
    ast.Delete, ast.DictComp, ast.ExceptHandler, ast.For, ast.FunctionDef, ast.AsyncFunctionDef, ast.GeneratorExp,
    ast.If, ast.IfExp, ast.Lambda, ast.ListComp, ast.Raise, ast.Return, ast.SetComp, ast.Subscript, ast.Try, ast.While,
    ast.With, ast.Yield, ast.YieldFrom,
)  # fmt: skip
_PLAIN_TYPES = (ast.Name, ast.Constant)
_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BUILTINS = {name: name for name in dir(builtins)}


class _Numbers(dict[str, int]):
    """A number for each text, the same in every process, with one operation counted."""

    def __missing__(self, text: str) -> int:
        number = self[text] = _ONE + (crc32(text.encode("utf-8", "surrogatepass")) * _MULTIPLIER & _MASK >> 16)
        return number


_numbers = _Numbers()
_MOST = 20
_ARGUMENTS = [_numbers[f"({count})"] for count in range(_MOST + 1)]


def shapes(analysis: Analysis) -> Iterator[tuple[int, ast.stmt, int, int]]:
    """Yield the statements at the top level of all cells: cell, statement, shape, and how many operations it has.

    Equal shapes mean that the statements differ in names and literals only. Several statements on one line count as
    the first of them.
    """
    lines = _lines(analysis)
    for cell, code in analysis.codes.items():
        sums = lines[cell]
        reached = 0
        for node in code.body:
            start = node.lineno
            end = node.end_lineno or start
            if isinstance(node, _DECORATED) and node.decorator_list:
                start = node.decorator_list[0].lineno
            if start > reached:
                reached = end
                total = sums[start] if start == end else sum(sums[start : end + 1])
                yield cell, node, total & _MASK, total >> 64


def _lines(analysis: Analysis) -> dict[int, list[int]]:
    """Give, by cell and line from 1, the sum over the operations that begin there."""
    sums = {cell: [0] * (code.code.text.count("\n") + 3) for cell, code in analysis.codes.items()}
    nodes = analysis.nodes
    for kind in _KINDS:
        number = _numbers[kind.__name__]
        for cell, node in nodes(kind):
            sums[cell][node.lineno] += number  # type: ignore[attr-defined]
    for cell, attribute in nodes(ast.Attribute):
        sums[cell][attribute.lineno] += _numbers[attribute.attr]
    for kind in (ast.BinOp, ast.BoolOp):
        for cell, operation in nodes(kind):
            sums[cell][operation.lineno] += _numbers[operation.op.__class__.__name__]  # type: ignore[attr-defined]
    for cell, comparison in nodes(ast.Compare):
        sums[cell][comparison.lineno] += _numbers[comparison.ops[0].__class__.__name__]
    for cell, annotation in _annotations(analysis):
        sums[cell][annotation.lineno] -= sum(map(_in_annotation, walk(annotation)))
    _add_calls(analysis, sums)
    return sums


def _add_calls(analysis: Analysis, sums: dict[int, list[int]]) -> None:
    known = _known(analysis)
    for cell, call in analysis.nodes(ast.Call):
        line = call.lineno
        sums[cell][line] += _ARGUMENTS[min(len(call.args) + len(call.keywords), _MOST)]
        function = call.func
        if isinstance(function, ast.Name) and function.id in known:
            sums[cell][line] += _numbers[known[function.id]]


def _annotations(analysis: Analysis) -> Iterator[tuple[int, ast.expr]]:
    """Yield the annotations that do more than to name a type: they are no operations."""
    found: list[tuple[int, ast.expr | None]] = []
    for kind in (ast.FunctionDef, ast.AsyncFunctionDef):
        found += [(cell, node.returns) for cell, node in analysis.nodes(kind)]  # type: ignore[attr-defined]
    found += [(cell, argument.annotation) for cell, argument in analysis.nodes(ast.arg)]
    found += [(cell, node.annotation) for cell, node in analysis.nodes(ast.AnnAssign)]
    yield from (
        (cell, annotation) for cell, annotation in found if annotation and annotation.__class__ not in _PLAIN_TYPES
    )


def _in_annotation(node: ast.AST) -> int:
    """Give what was added for a node of an annotation."""
    if isinstance(node, ast.Attribute):
        return _numbers[node.attr]
    if isinstance(node, ast.Subscript):
        return _numbers["Subscript"]
    return _numbers[node.op.__class__.__name__] if isinstance(node, ast.BinOp) else 0


def _known(analysis: Analysis) -> dict[str, str]:
    """Give, by the name they go under, what builtins and imports are called."""
    known = {alias.asname or alias.name: alias.name for _, alias in analysis.nodes(ast.alias)}
    return {**_BUILTINS, **known}
