"""What running a cell a second time does outside the notebook: files appended to, folders made, the working folder."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.analysis.cell_statements import statements
from nbpipe.analysis.repetition_table import CHANGES, NOT_KNOWN, Again
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Const
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.code import CellCode
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.repetition_table import RepetitionTable

# One of these is in the text of a cell that has such an effect.
_SIGNS = ("mkdir", "makedirs", "chdir", 'append"', "append'")
_MODES = pattern(r"([\"'])a(?:\+|b|t|b\+|\+b)?\1")
# One of these says that the cell looks, or cleans up, before.
_CARE = ("exists", "isdir", "is_dir", "rmtree", "os.remove", "unlink", "tempfile", "mkdtemp")
_MAKING = ("mkdir", "makedirs")
_JOINING = frozenset(["join", "Path", "str", "format"])
_MODULES = ("os.", "pathlib.")
_APPENDED = Again(CHANGES, "the file is appended to each time")
_MOVED = Again(CHANGES, "it goes on from the folder that it went to")
_ABSOLUTE = pattern(r"[/\\~$%-]|[A-Za-z]:|\{|$")


def effects_again(analysis: Analysis, table: RepetitionTable, code: CellCode) -> Iterator[tuple[ast.expr | int, Again]]:
    """Yield what a cell does outside that a second run does once more or fails at.

    Each comes with the expression, or for a magic with the line of the cell, that does it.
    """
    text = code.code.text
    moves = text.count("chdir") + sum(magic.name == "%cd" for magic in code.code.magics)
    for magic in code.code.magics:
        if magic.name == "%cd" and moves == 1 and _is_relative(magic.argument.strip().strip("'\"")):
            yield magic.line, _MOVED
        elif magic.name in ("%%writefile", "%%file") and re.match(r"(-a|--append)\s", magic.argument):
            yield magic.line, _APPENDED
    if not has_signs(text):
        return
    careful = any(word in text for word in _CARE)
    for statement, around in statements(code.body):
        if around.attempted or around.tests or _only_touches(statement):
            continue
        for node in _calls(statement):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "chdir" and moves == 1 and node.args and _is_relative(_literal(node.args[0])):
                yield node, _MOVED
            again = NOT_KNOWN if careful else table.effect(name, node)
            if again.told and (name not in _MAKING or _makes_same(analysis, code.index, node)):
                yield node, again


def has_signs(text: str) -> bool:
    """Tell by the looks whether some code may do something outside."""
    return any(sign in text for sign in _SIGNS) or _MODES.search(text) is not None


def _only_touches(statement: ast.stmt) -> bool:
    """Tell whether a file is only opened, so that it is there."""
    return isinstance(statement, ast.With) and isinstance(statement.body[0], ast.Pass)


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls in a statement, without those in statements or functions inside it."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call):
            yield node
        pending += [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr | ast.keyword | ast.withitem) and not isinstance(child, ast.Lambda)
        ]


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_relative(path: str) -> bool:
    """Tell whether a path leads somewhere else when it is followed from where it led."""
    return _ABSOLUTE.match(path) is None and path not in (".", "./")


def _makes_same(analysis: Analysis, index: int, node: ast.Call) -> bool:
    """Tell whether a call makes a folder of the same name each time, and nothing but a folder of this machine."""
    flow = analysis.top_down
    site = flow.calls.get(id(node))
    names = site.names if site is not None else ()
    if any(not name.startswith(_MODULES) for name in names) or (isinstance(node.func, ast.Name) and not names):
        return False
    if len(node.args) > 2:  # noqa: PLR2004 - `exist_ok` by position
        return False
    parts: list[ast.AST] = [*node.args]
    if isinstance(node.func, ast.Attribute) and not (names and names[0].startswith("os.")):
        parts.append(node.func.value)
    for part in (inner for each in parts for inner in walk(each)):
        if isinstance(part, ast.Call):
            called = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
            if called not in _JOINING:
                return False
        elif isinstance(part, ast.Name):
            use = flow.uses.get((index, id(part)))
            definitions = use.definitions if use is not None else ()
            if not definitions or any(not _is_fixed(definition) for definition in definitions):
                return False
    return bool(parts)


def _is_fixed(definition: object) -> bool:
    """Tell whether a binding gives the same text in each run of the notebook."""
    kind, value = getattr(definition, "kind", ""), getattr(definition, "value", ())
    return kind == "import" or (bool(value) and all(isinstance(obj, Const) for obj in value))
