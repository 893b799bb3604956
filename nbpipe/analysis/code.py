"""One cell's code: IPython syntax made Python, parsed once, with a way back to the cell's own lines and columns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.notebook import Range
from nbpipe.notebook.ipython import to_python

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbpipe.notebook import Cell
    from nbpipe.notebook.ipython import PythonCode

TOO_DEEP = "is nested too deeply to be looked at"
_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


class CellCode:
    """The code of one code cell.

    Attributes:
        index: the cell's index among all cells.
        code: the Python that stands for the cell's source.
        tree: its syntax tree; None where it does not parse.
        error: why it does not parse: message, line and column (from 0) in the cell.
    """

    __slots__ = ("code", "error", "index", "tree")

    def __init__(
        self, index: int, code: PythonCode, tree: ast.Module | None, error: tuple[str, int, int] | None
    ) -> None:
        self.index = index
        self.code = code
        self.tree = tree
        self.error = error

    @property
    def body(self) -> list[ast.stmt]:
        """The cell's statements; none where it does not parse."""
        return self.tree.body if self.tree is not None else []

    def range(self, node: ast.AST) -> Range:
        """Give where a node of this cell stands in the cell's source."""
        line = getattr(node, "lineno", 1) - 1
        start = self.code.locate(line, getattr(node, "col_offset", 0))
        end_line = (getattr(node, "end_lineno", None) or line + 1) - 1
        end = self.code.locate(end_line, getattr(node, "end_col_offset", None) or 0)
        return Range(self.index, start[0], start[1], end[0], max(end[1], start[1]) if end_line == line else end[1])


def parse_cell(
    cell: Cell,
    is_bound: Callable[[str], bool],
    *,
    python_magics: frozenset[str] = frozenset(),
    opaque_magics: frozenset[str] = frozenset(),
) -> CellCode:
    """Parse one code cell; an error in it is data, never raised. Warnings about it are for the caller to silence."""
    code = to_python(cell.source, is_bound, python_magics=python_magics, opaque_magics=opaque_magics)
    try:
        tree = compile(code.text, "<cell>", "exec", _FLAGS, dont_inherit=True)
    except SyntaxError as error:
        line, column = code.place(max((error.lineno or 1) - 1, 0), max((error.offset or 1) - 1, 0))
        return CellCode(cell.index, code, None, (error.msg, line, column))
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return CellCode(cell.index, code, None, (str(error) or type(error).__name__, 0, 0))
    assert isinstance(tree, ast.Module)  # noqa: S101 - PyCF_ONLY_AST gives a tree
    return CellCode(cell.index, code, tree, None)


def without_depth(cell: CellCode, deepest: int) -> CellCode:
    """Give a cell as it is, or as one that does not parse where its syntax tree has more levels than `deepest`.

    Python compiles trees of thousands of levels (a sum of as many terms is one), which nothing that goes down them step
    by step can follow. The operands of an `and`, like the cases of a `match`, are as many levels: each is met only
    where the one before it lets it be.
    """
    level: list[ast.AST] = [cell.tree] if cell.tree is not None else []
    wide: list[ast.AST] = []
    for _ in range(deepest):
        wide = [node for node in level if len(_one_after_another(node)) > deepest]
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if wide or not level:
            break
    if not wide and not level:
        return cell
    where = cell.range(next((node for node in wide or level if hasattr(node, "lineno")), ast.Pass()))
    return CellCode(cell.index, cell.code, None, (TOO_DEEP, where.start_line, where.start_column))


def _one_after_another(node: ast.AST) -> Sequence[ast.AST]:
    """Give the parts of a node of which each is met within the one before it."""
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.With | ast.AsyncWith):
        return node.items
    return node.cases if isinstance(node, ast.Match) else getattr(node, "generators", ())
