"""Whether a notebook shows an error on purpose, as lessons do: what the text and the cells around it tell."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.notebook.model import Cell

# What a text says that leads to an error or looks back on one.
_SPEAKS = pattern(
    r"(?i)\b(?:errors?|exceptions?|tracebacks?|fail(?:s|ed|ing|ure)?|rais(?:e|es|ed|ing)|throws?|crash(?:es)?"
    r"|breaks?|incompatible|immutable|illegal|invalid|erreurs?|fehler|errores|erro)\b|错误|报错|異常|异常|エラー|例外|오류|에러"
)
# Errors that are a measure.
_MEASURES = pattern(
    r"(?i)\b(?:squared?|absolute|mean|standard|test|train(?:ing)?|validation|predict(?:ion|ed)|reconstruction|relative"
    r"|classification|generali[sz]ation|percentage|model|average|root) errors?\b"
)
# What says so more softly: only in the words right above a cell.
_DENIES = pattern(r"(?i)\b(?:not|cannot|never|\w+n't)\b")
# Errors of the surroundings: nobody shows them on purpose, whatever the text says.
_SURROUNDINGS = frozenset(
    [
        *("ModuleNotFoundError", "ImportError", "FileNotFoundError", "KeyboardInterrupt", "ConnectionError"),
        *("OSError", "PermissionError", "TimeoutError", "MemoryError", "HTTPError", "URLError", "RuntimeError"),
    ]
)
_NEAR = 2  # code cells between the text and the cell that it leads to
_SHORT = 5  # lines of a cell that shows one thing
_ALIKE = 0.6  # difflib's own cut-off for close matches
_ASKING = frozenset(["len", "sum", "min", "max", "sorted", "int", "float", "str", "print", "next", "list", "tuple"])


def intended_errors(cells: Sequence[Cell]) -> frozenset[int]:
    """Give the indices of the cells whose stored error is there to be seen.

    A text next to the cell speaks of it; the next cell is the same, put right; nothing but a question is asked, and the
    run went on after it; or another cell with the same source and the same error is such a one.
    """
    meant: dict[tuple[str, str], bool] = {}
    failed = [cell for cell in cells if cell.cell_type == "code" and cell.has_error]
    for cell in failed:
        error = _name(cell)
        if error not in _SURROUNDINGS and (
            _is_announced(cells, cell, error)
            or _is_put_right(cells, cell)
            or (error != "NameError" and _only_asks(cells, cell))
        ):
            meant[cell.source, error] = True
    return frozenset(cell.index for cell in failed if (cell.source, _name(cell)) in meant)


def _name(cell: Cell) -> str:
    error: Mapping[str, Any] = next((output for output in cell.outputs if output.get("output_type") == "error"), {})
    return str(error.get("ename") or "")


def _is_announced(cells: Sequence[Cell], cell: Cell, error: str) -> bool:
    """Tell whether the last paragraph above a short cell, or the first one below, speaks of its error."""
    if len([line for line in cell.source.split("\n") if line.strip()]) > _SHORT:
        return False
    before = cells[cell.index - 1] if cell.index else None
    if before is not None and before.cell_type == "markdown" and _DENIES.search(_paragraphs(before)[-1]):
        return True
    near = range(cell.index - 1, max(-1, cell.index - 2 - _NEAR), -1)
    above = next((cells[place] for place in near if cells[place].cell_type == "markdown"), None)
    below = next(iter(cells[cell.index + 1 : cell.index + 2]), None)
    said = [_paragraphs(above)[-1]] if above is not None else []
    if below is not None and below.cell_type == "markdown":
        said.append(_paragraphs(below)[0])
    return any(_SPEAKS.search(_MEASURES.sub("", text)) or (error and error in text) for text in said)


def _paragraphs(cell: Cell) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", cell.source.strip()) if part.strip()] or [""]


def _next_code(cells: Sequence[Cell], cell: Cell) -> Cell | None:
    return next(
        (other for other in cells[cell.index + 1 :] if other.cell_type == "code" and other.source.strip()), None
    )


def _is_put_right(cells: Sequence[Cell], cell: Cell) -> bool:
    """Tell whether the next cell makes the same in nearly the same words, and without an error."""
    after = _next_code(cells, cell)
    if after is None or after.has_error:
        return False
    mine, theirs = (re.findall(r"(?m)^(\w+)\s*=[^=]", each.source) for each in (cell, after))
    return bool(mine) and set(mine) <= set(theirs) and _ratio(cell.source, after.source) >= _ALIKE


def _ratio(first: str, second: str) -> float:
    from difflib import SequenceMatcher  # costs start-up time, and few notebooks need it

    return SequenceMatcher(None, first.split("\n"), second.split("\n")).ratio()


def _only_asks(cells: Sequence[Cell], cell: Cell) -> bool:
    """Tell whether a cell is one expression that changes nothing, and the cell below it was run all the same."""
    after = _next_code(cells, cell)
    if after is None or after.execution_count is None or after.has_error:
        return False
    try:
        asked = ast.parse(cell.source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    modules = {
        alias
        for other in cells
        if other.cell_type == "code"
        for alias in re.findall(r"(?m)^\s*import\s+(?:[\w.]+\s+as\s+)?(\w+)", other.source)
    }
    return all(_is_question(node.func, modules) for node in ast.walk(asked) if isinstance(node, ast.Call))


def _is_question(function: ast.expr, modules: set[str]) -> bool:
    """Tell whether a call is one of a module's functions, or of a builtin, that only looks at what it is given."""
    if isinstance(function, ast.Name):
        return function.id in _ASKING
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in modules
