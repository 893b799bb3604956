"""The fix that all rules about settings share: a literal becomes a parameter.

The literal goes to the parameters cell under a name, and the name takes its place. Where an assignment gives the
literal to a name already, the assignment itself moves. All fixes of one notebook agree on names, values and place, so
that any of them can be made in one pass, together or alone.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from nbpipe.lint.diagnostic import Applicability, CellEdit, Edit, FieldEdit, Fix
from nbpipe.notebook.model import Range
from nbpipe.settings.bindings import bindings_of
from nbpipe.settings.configuration import PARAMETERS
from nbpipe.settings.destination import destination
from nbpipe.settings.endpoint_shape import has_secret
from nbpipe.settings.finding import find_settings
from nbpipe.settings.naming import parameters_of_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.settings.bindings import Assignment
    from nbpipe.settings.setting import Setting

    Edits = tuple[Edit | CellEdit | FieldEdit, ...]

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
_LONGEST_LINE: Final = 300
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


class Extraction:
    """How the settings of one notebook become parameters."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._bindings = bindings_of(analysis)
        self._destination = destination(analysis)
        self._existing = parameters_of_cells(analysis, self._bindings)
        self._lines: dict[str, str] = {}
        self._edits: dict[tuple[int, ...], Edits | None] = {}
        if self._destination is not None:
            settings = find_settings(analysis)
            self._declare(settings)
            for setting in settings:
                self._edits.setdefault(setting.range.key(), self._edits_for(setting))

    def fix(self, settings: Sequence[Setting]) -> Fix | None:
        """Give the fix that makes parameters of all these settings, None where it would not be right for each."""
        edits: dict[int, Edit | CellEdit | FieldEdit] = {}
        for setting in settings:
            own = self._edits.get(setting.range.key())
            if own is None:
                return None
            edits.update((id(edit), edit) for edit in own)
        if not edits:
            return None
        names = list(dict.fromkeys(setting.name for setting in settings))
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        where = "the parameters cell" if self._is_there else "a parameters cell"
        return Fix(f"move {listed} to {where}", tuple(edits.values()), Applicability.UNSAFE)

    def movable(self, settings: Sequence[Setting]) -> list[Setting]:
        """Give those of the settings for which there is a fix."""
        return [setting for setting in settings if self._edits.get(setting.range.key())]

    @property
    def _is_there(self) -> bool:
        return self._destination is not None and self._destination.cell is not None

    def _declare(self, settings: Sequence[Setting]) -> None:
        """Set down the line that gives each name its value: one for all that use it."""
        for setting in settings:
            assignment = self._bindings.assignment(setting.node)
            if assignment is not None:
                self._lines.setdefault(setting.name, assignment.text)
        for setting in settings:
            self._lines.setdefault(setting.name, f"{setting.name} = {self._literal_text(setting)}")

    def _literal_text(self, setting: Setting) -> str:
        """Give the literal as it is written, where that is one line and a literal by itself; else as Python would."""
        written = self._written(setting)
        if setting.node is not None and "\n" not in written and _evaluates_to(written, setting.value):
            return written
        return repr(setting.value)

    def _written(self, setting: Setting) -> str:
        where = setting.range
        lines = self._analysis.notebook.cells[where.cell].source.split("\n")[where.start_line : where.end_line + 1]
        lines[-1] = lines[-1][: where.end_column]
        lines[0] = lines[0][where.start_column :]
        return "\n".join(lines)

    # Edits

    def _edits_for(self, setting: Setting) -> Edits | None:
        place = self._destination
        assert place is not None  # noqa: S101 - asked only where there is one
        if isinstance(setting.value, str) and has_secret(setting.value):
            return None  # it belongs in no cell
        assignment = self._bindings.assignment(setting.node)
        if assignment is not None and assignment.home == place.cell:
            return self._tag() or None
        home = setting.range.cell
        if not place.precedes(home) or len(self._lines[setting.name]) > _LONGEST_LINE:
            return None
        change = self._removal(assignment) if assignment is not None else self._replacement(setting)
        return (change, *self._declaration(setting.name)) if change is not None else None

    def _declaration(self, name: str) -> Edits:
        """Give the edits that make a name a parameter."""
        place = self._destination
        assert place is not None  # noqa: S101 - asked only where there is one
        line = self._lines[name]
        if place.cell is None:
            return (CellEdit("insert-cell", after=place.after, tags=(PARAMETERS,), content=line),)
        if name in self._existing:
            return ()
        lines = self._analysis.notebook.cells[place.cell].source.split("\n")
        end = len(lines) - 1
        here = Range(place.cell, end, len(lines[end]), end, len(lines[end]))
        return (Edit(here, f"\n{line}" if lines[end] else f"{line}\n"), *self._tag())

    def _tag(self) -> Edits:
        place = self._destination
        if place is None or place.cell is None or place.tagged:
            return ()
        cell = self._analysis.notebook.cells[place.cell]
        return (FieldEdit(place.cell, "metadata", {**cell.metadata, "tags": [*cell.tags, PARAMETERS]}),)

    def _removal(self, assignment: Assignment) -> Edit:
        """Give the edit that takes a statement's lines away."""
        lines = self._analysis.notebook.cells[assignment.home].source.split("\n")
        first, behind = assignment.lines
        if behind < len(lines):
            where = Range(assignment.home, first, 0, behind, 0)
        elif first > 0:
            where = Range(assignment.home, first - 1, len(lines[first - 1]), behind - 1, len(lines[behind - 1]))
        else:
            where = Range(assignment.home, 0, 0, behind - 1, len(lines[behind - 1]))
        return Edit(where, "")

    def _replacement(self, setting: Setting) -> Edit | None:
        """Give the edit that puts the name where the literal stands."""
        if setting.node is None:
            return self._in_command(setting)
        code = self._analysis.codes[setting.range.cell]
        if not code.code.is_python:
            return None
        joined = next((node for _, node in self._analysis.nodes(ast.JoinedStr) if setting.node in node.values), None)
        if joined is not None:
            return None if self._is_taken_apart(setting) else self._in_f_string(setting, code.range(joined))
        if not _evaluates_to(self._written(setting), setting.value) or self._is_pattern(setting.node):
            return None
        if (isinstance(setting.value, list) and self._is_repeated(setting)) or self._is_taken_apart(setting):
            return None
        where = setting.range
        lines = self._analysis.notebook.cells[where.cell].source.split("\n")
        before = lines[where.start_line][: where.start_column][-1:]
        behind = lines[where.end_line][where.end_column :][:1]
        space_before, space_behind = (" " if _joins(each) else "" for each in (before, behind))
        return Edit(where, f"{space_before}{setting.name}{space_behind}")

    def _in_f_string(self, setting: Setting, where: Range) -> Edit | None:
        """Give the edit of the text with which an f-string begins: the name in braces."""
        if where.start_line != where.end_line:
            return None
        text = self._analysis.notebook.cells[where.cell].source.split("\n")[where.start_line]
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
        if not _evaluates_to(f"{prefix.replace('f', '')}{mark}{raw}{mark}", setting.value):
            return None
        line, column = where.start_line, where.start_column
        return Edit(Range(where.cell, line, column + start, line, column + end), f"{{{setting.name}}}")

    def _in_command(self, setting: Setting) -> Edit | None:
        """Give the edit of a command of IPython's, which puts in the value of a name in braces."""
        where = setting.range
        text = self._analysis.notebook.cells[where.cell].source.split("\n")[where.start_line]
        before, behind = text[: where.start_column][-1:], text[where.end_column :]
        if setting.sink in ("%load", "") or any(character in text for character in "{}$"):
            return None
        if self._written(setting) != setting.value or setting.value.endswith("\\"):
            return None
        if (before in ("'", '"') and before != behind[:1]) or (setting.sink in _WHOLE_LINE and behind.strip()):
            return None
        return Edit(where, f"{{{setting.name}}}")

    def _is_pattern(self, node: ast.expr) -> bool:
        """Tell whether a literal stands in a pattern of a `match`, where a name would take whatever comes."""
        return any(pattern.value is node for _, pattern in self._analysis.nodes(ast.MatchValue)) or any(
            key is node for _, mapping in self._analysis.nodes(ast.MatchMapping) for key in mapping.keys
        )

    def _is_taken_apart(self, setting: Setting) -> bool:
        """Tell whether a literal stands in a function whose source may be run elsewhere, without the notebook's names.

        Decorators may do that (kfp's ``component``, ``torch.jit.script``), and functions that take one.
        """
        line = getattr(setting.node, "lineno", 0)
        around = [
            function
            for kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            for cell, function in self._analysis.nodes(kind)
            if cell == setting.range.cell and function.lineno <= line <= (function.end_lineno or line)
        ]
        if any(_last_name(each) not in _HARMLESS for function in around for each in function.decorator_list):
            return True
        names = {function.name for function in around}
        return bool(names) and any(
            isinstance(argument, ast.Name) and argument.id in names
            for _, call in self._analysis.nodes(ast.Call)
            if _last_name(call.func) in _SOURCE_READERS
            for argument in call.args
        )

    def _is_repeated(self, setting: Setting) -> bool:
        """Tell whether a list may be made more than once, or is shared: each time it is another one."""
        sharing = [other for other in find_settings(self._analysis) if other.name == setting.name]
        if len({other.range for other in sharing}) > 1:
            return True
        node = setting.node
        return any(
            cell == setting.range.cell and any(part is node for part in ast.walk(outer))
            for kind in _REPEATING
            for cell, outer in self._analysis.nodes(kind)
        )


def _evaluates_to(text: str, value: object) -> bool:
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


@lru_cache(maxsize=1)
def extraction_of(analysis: Analysis) -> Extraction:
    """Give how a notebook's settings become parameters, worked out once for all rules."""
    return Extraction(analysis)
