"""Putting a name where a literal stands: in an expression, in an f-string, in a command of IPython's."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.lint.diagnostic import Edit
from nbpipe.notebook.model import Range
from nbpipe.settings.finding import find_settings

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.settings.setting import Setting

    Defining = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

# What evaluates the same literal several times, so that each time a list is another one.
_REPEATING: Final = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
# Commands whose argument is the rest of their line, spaces included.
_WHOLE_LINE: Final = frozenset(["%cd", "%pushd", "%%writefile", "%%file"])
# Decorators that leave a function one of the notebook's, which sees the notebook's names.
_HARMLESS: Final = frozenset([
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "dataclass", "delayed", "function",
    "inference_mode", "interact", "lru_cache", "no_grad", "njit", "jit", "overload", "override", "property", "setter",
    "staticmethod", "total_ordering", "vectorize", "wraps",
])  # fmt: skip
# Functions that take the source of one to run it elsewhere.
_SOURCE_READERS: Final = frozenset([
    "create_component_from_func", "func_to_container_op", "getsource", "getsourcelines", "script",
])  # fmt: skip


def replacement(analysis: Analysis, setting: Setting) -> Edit | None:
    """Give the edit that puts the name where the literal stands."""
    if setting.node is None:
        return _in_command(analysis, setting)
    code = analysis.codes[setting.range.cell]
    if not code.code.is_python:
        return None
    joined = next((node for _, node in analysis.nodes(ast.JoinedStr) if setting.node in node.values), None)
    if joined is not None:
        return None if _is_taken_apart(analysis, setting) else _in_f_string(analysis, setting, code.range(joined))
    if not evaluates_to(written(analysis, setting), setting.value) or _is_pattern(analysis, setting.node):
        return None
    if (isinstance(setting.value, list) and _is_repeated(analysis, setting)) or _is_taken_apart(analysis, setting):
        return None
    where = setting.range
    lines = analysis.notebook.cells[where.cell].source.split("\n")
    before = lines[where.start_line][: where.start_column][-1:]
    behind = lines[where.end_line][where.end_column :][:1]
    space_before, space_behind = (" " if _joins(each) else "" for each in (before, behind))
    return Edit(where, f"{space_before}{setting.name}{space_behind}")


def _in_f_string(analysis: Analysis, setting: Setting, where: Range) -> Edit | None:
    """Give the edit of the text with which an f-string begins: the name in braces."""
    if where.start_line != where.end_line:
        return None
    text = analysis.notebook.cells[where.cell].source.split("\n")[where.start_line]
    text = text[where.start_column : where.end_column]
    quote = min((position for position in map(text.find, "'\"") if position >= 0), default=-1)
    if quote < 0:
        return None
    prefix, mark = text[:quote].lower(), text[quote]
    if text[quote : quote + 3] == mark * 3 or "f" not in prefix or "b" in prefix:
        return None
    start = end = quote + 1
    while end < len(text) and text[end] not in mark + "{}":
        end += 1 + (text[end] == "\\")
    raw = text[start:end]
    if text[end : end + 1] != "{" or text[end : end + 2] == "{{":
        return None
    if not evaluates_to(f"{prefix.replace('f', '')}{mark}{raw}{mark}", setting.value):
        return None
    line, column = where.start_line, where.start_column
    return Edit(Range(where.cell, line, column + start, line, column + end), f"{{{setting.name}}}")


def _in_command(analysis: Analysis, setting: Setting) -> Edit | None:
    """Give the edit of a command of IPython's, which puts in the value of a name in braces."""
    where = setting.range
    text = analysis.notebook.cells[where.cell].source.split("\n")[where.start_line]
    before, behind = text[: where.start_column][-1:], text[where.end_column :]
    if setting.sink in ("%load", "") or any(character in text for character in "{}$"):
        return None
    if written(analysis, setting) != setting.value or setting.value.endswith("\\"):
        return None
    if (before in ("'", '"') and before != behind[:1]) or (setting.sink in _WHOLE_LINE and behind.strip()):
        return None
    return Edit(where, f"{{{setting.name}}}")


def _is_pattern(analysis: Analysis, node: ast.expr) -> bool:
    """Tell whether a literal stands in a pattern of a `match`, where a name would take whatever comes."""
    return any(pattern.value is node for _, pattern in analysis.nodes(ast.MatchValue)) or any(
        key is node for _, mapping in analysis.nodes(ast.MatchMapping) for key in mapping.keys
    )


def _is_taken_apart(analysis: Analysis, setting: Setting) -> bool:
    """Tell whether a literal stands in a function whose source may be run elsewhere, without the notebook's names.

    Decorators may do that (kfp's ``component``, ``torch.jit.script``), and functions that take one.
    """
    line = getattr(setting.node, "lineno", 0)
    defining: list[tuple[int, Defining]] = [
        *analysis.nodes(ast.FunctionDef),
        *analysis.nodes(ast.AsyncFunctionDef),
        *analysis.nodes(ast.ClassDef),
    ]
    around = [
        function
        for cell, function in defining
        if cell == setting.range.cell and function.lineno <= line <= (function.end_lineno or line)
    ]
    if any(_last_name(each) not in _HARMLESS for function in around for each in function.decorator_list):
        return True
    names = {function.name for function in around}
    return bool(names) and any(
        isinstance(argument, ast.Name) and argument.id in names
        for _, call in analysis.nodes(ast.Call)
        if _last_name(call.func) in _SOURCE_READERS
        for argument in call.args
    )


def _is_repeated(analysis: Analysis, setting: Setting) -> bool:
    """Tell whether a list may be made more than once, or is shared: each time it is another one."""
    sharing = [other for other in find_settings(analysis) if other.name == setting.name]
    if len({other.range for other in sharing}) > 1:
        return True
    node = setting.node
    return any(
        cell == setting.range.cell and any(part is node for part in ast.walk(outer))
        for kind in _REPEATING
        for cell, outer in analysis.nodes(kind)
    )


def written(analysis: Analysis, setting: Setting) -> str:
    """Give the literal as the cell's source has it."""
    where = setting.range
    lines = analysis.notebook.cells[where.cell].source.split("\n")[where.start_line : where.end_line + 1]
    lines[-1] = lines[-1][: where.end_column]
    lines[0] = lines[0][where.start_column :]
    return "\n".join(lines)


def evaluates_to(text: str, value: object) -> bool:
    """Tell whether some source text, which may run over several lines, is a literal of this very value."""
    try:
        found = ast.literal_eval(f"({text})")
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return type(found) is type(value) and repr(found) == repr(value)


def _last_name(node: ast.expr) -> str:
    """Give the last part of a dotted name, also of one that is called."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _joins(character: str) -> bool:
    """Tell whether a name would become one with the character beside it."""
    return character.isalnum() or character == "_"
