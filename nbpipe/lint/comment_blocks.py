"""Comments that fill whole lines, and strings used as comments: which stand together, and which of them are code."""

from __future__ import annotations

import ast
import re
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

from nbpipe.lint.comments import comments, is_ignore_comment
from nbpipe.notebook.parsing import parsed
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.code import CellCode

_MARK = pattern(r"#+ ?")
_FORM = pattern(r"#\s*@(?:title|markdown|param)\b")  # Colab shows these as text and fields
_LONGEST = 60  # lines: beyond, a block is judged line by line
# Headers of blocks, whose body may have been left out.
_HEADER = pattern(r"(?:async )?(?:for|while|if|with|def|class|elif|else|try|except|finally)\b.*:$")
# Words that also begin sentences, with what people write about code instead of code: "import libraries", "Plot (x)".
_CALLED = pattern(r"[\w.\])]\(")
_PLURAL = pattern(r"\w+\((?:e?s|n|es)\)$")
# Imported so often that an import of it is no sentence ("import data", "import libraries").
_LIBRARIES = {
    "cv2", "jax", "keras", "lightgbm", "matplotlib", "networkx", "nltk", "numpy", "pandas", "plotly", "pyspark",
    "requests", "scipy", "seaborn", "sklearn", "spacy", "statsmodels", "tensorflow", "torch", "torchvision", "tqdm",
    "transformers", "xgboost",
}  # fmt: skip


# How values show themselves: a comment that looks like a call of these notes a result.
_SHOWN = {
    "Index", "RangeIndex", "Size", "TensorShape", "Timestamp", "array", "dict_items", "dict_keys", "dict_values",
    "dtype", "tensor",
}  # fmt: skip


class Block:
    """Comments on lines in a row, with nothing else on them; or a string that is a statement of its own.

    Attributes:
        start: the first line in the cell, from 0.
        column: where the first comment begins.
        texts: what stands behind each `#`, or the lines of the string.
    """

    __slots__ = ("column", "start", "texts")

    def __init__(self, start: int, column: int, texts: list[str]) -> None:
        self.start = start
        self.column = column
        self.texts = texts

    @property
    def end(self) -> int:
        """The last line."""
        return self.start + len(self.texts) - 1

    def code(self) -> tuple[int, int] | None:
        """Give the first and the last of the lines that are code, where at least half of the lines are; else None."""
        texts = _dedented(self.texts)
        said = sum(1 for text in texts if re.search(r"\w", text))
        lines = sorted(_code_lines(texts))
        if not lines or 2 * len(lines) < said:
            return None
        return self.start + lines[0], self.start + lines[-1]


def blocks(cell: CellCode) -> Iterator[Block]:
    """Yield the blocks of a cell's Python, in its order."""
    if "#" not in cell.code.text:
        return
    source = cell.code.text.split("\n")
    found: list[tuple[int, str]] = [
        (line, text)
        for line, alone, text in comments(cell.code.text)
        if alone and not is_ignore_comment(text) and not _FORM.match(text)
    ]
    start = 0
    for end, (before, after) in enumerate(pairwise([*found, (-1, "")]), 1):
        if after[0] != before[0] + 1:
            line = found[start][0]
            column = len(source[line]) - len(source[line].lstrip())
            yield Block(line, column, [_MARK.sub("", text, count=1) for _, text in found[start:end]])
            start = end


def strings(cell: CellCode) -> Iterator[Block]:
    """Yield the strings at the top level of a cell's Python that nothing uses."""
    for statement in cell.body:
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            place = cell.range(statement)
            lines = value.value.split("\n")
            if len(lines) == place.end_line - place.start_line + 1:  # no escapes or joined strings
                yield Block(place.start_line, place.start_column, lines)


def _dedented(texts: list[str]) -> list[str]:
    """Take the indent away that all lines with text have in common."""
    margin = min((len(text) - len(text.lstrip()) for text in texts if text.strip()), default=0)
    return [text[margin:].rstrip() for text in texts]


def _code_lines(texts: list[str]) -> set[int]:
    """Give which lines are code: the last of them that parse together, and others that do on their own."""
    start = 0
    tree = None
    if len(texts) <= _LONGEST:
        for start in range(len(texts)):
            tree = parsed("\n".join(texts[start:]))
            if tree is not None and tree.body:
                break
    found: set[int] = set()
    for statement in tree.body if tree is not None else ():
        if _is_code(statement, "\n".join(texts[start:])):
            found.update(range(start + statement.lineno - 1, start + (statement.end_lineno or statement.lineno)))
    for number in range(start if tree is not None and tree.body else len(texts)):
        text = texts[number].strip()
        alone = parsed(text + " pass" if _HEADER.match(text) else text)
        if alone is not None and any(_is_code(statement, text) for statement in alone.body):
            found.add(number)
    return found


def _is_code(statement: ast.stmt, text: str) -> bool:
    """Tell whether a statement that parses is meant as one, and is no sentence that happens to parse."""
    if isinstance(statement, ast.Expr):
        return _is_call(statement.value, ast.get_source_segment(text, statement) or "")
    if isinstance(statement, ast.Assign):
        noted = any(isinstance(target, ast.Attribute) and target.attr == "shape" for target in statement.targets)
        return not noted and not isinstance(statement.value, ast.Name) and not _is_encoding(statement)
    if isinstance(statement, ast.Import):
        names = [alias.name for alias in statement.names]
        return len(names) > 1 or "." in names[0] or statement.names[0].asname is not None or _is_module(names[0])
    if isinstance(statement, ast.Return | ast.Raise | ast.Assert | ast.Delete):
        return any(isinstance(node, ast.Call | ast.Compare | ast.Subscript) for node in ast.walk(statement))
    if isinstance(statement, ast.If | ast.While | ast.For | ast.With):
        return any(
            isinstance(node, ast.Call | ast.Compare | ast.Subscript | ast.Attribute | ast.Assign | ast.AugAssign)
            for node in ast.walk(statement)
        )
    return isinstance(
        statement, ast.AugAssign | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Try
    )


def _is_call(value: ast.expr, text: str) -> bool:
    """Tell whether an expression is a call as code writes it, not "Model(s)" or "f()" for the function's name."""
    value = value.value if isinstance(value, ast.Await) else value
    if not isinstance(value, ast.Call) or not _CALLED.search(text) or _PLURAL.fullmatch(text):
        return False
    if getattr(value.func, "attr", getattr(value.func, "id", "")) in _SHOWN:
        return False
    return bool(value.args or value.keywords) or isinstance(value.func, ast.Attribute)


def _is_module(name: str) -> bool:
    return name in sys.stdlib_module_names or name in _LIBRARIES


def _is_encoding(statement: ast.Assign) -> bool:
    """Tell whether it is `coding=utf-8`."""
    return isinstance(statement.targets[0], ast.Name) and statement.targets[0].id in {"coding", "encoding"}
