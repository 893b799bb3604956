"""Finds constants: settings that their author has named, but that stand between the steps that use them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final

from nbpipe.keeping import kept
from nbpipe.patterns import pattern
from nbpipe.settings.bindings import bindings_of
from nbpipe.settings.configuration import (
    assigned_names,
    is_assignment,
    is_configuration,
    is_constant_name,
    is_parameters_cell,
    untagged_parameters_cell,
)
from nbpipe.settings.hyperparameters import UNMISTAKABLE
from nbpipe.settings.literals import NoLiteral, value_of
from nbpipe.settings.setting import CONSTANT, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis

# Names in small letters that mean a setting wherever they stand.
_SETTINGS: Final = UNMISTAKABLE | frozenset(["debug", "random_seed", "random_state", "seed", "threshold"])
# Constants of mathematics, physics and time: nobody runs a notebook with another value of them.
_UNIVERSAL: Final = frozenset([
    "AVOGADRO", "BOLTZMANN", "DAYS_PER_YEAR", "DEG2RAD", "DEG_TO_RAD", "EPS", "EPSILON", "GRAVITY",
    "HOURS_PER_DAY", "INF", "KB", "MB", "GB", "TB", "KM", "MINUTES_PER_HOUR", "NAN", "PI", "PLANCK", "RAD2DEG",
    "RAD_TO_DEG", "RGAS", "SECONDS_PER_DAY", "SECONDS_PER_HOUR", "SECONDS_PER_MINUTE", "SPEED_OF_LIGHT", "TAU",
    "TWO_PI",
    # what is counted, not set
    "TP", "FP", "TN", "FN",
])  # fmt: skip
# Texts that are shown or run, not set: colours, escape codes, markup, statements of SQL, templates.
_SHOWN: Final = pattern(
    r"#[0-9a-fA-F]{3,8}$|\x1b|rgb|<[a-z/!]|\s*(?:select|insert|create|with|update|delete)\s|.*[{}\n]", re.IGNORECASE
)
_LONGEST: Final = 200
_ENUMERATED: Final = 3  # numbers in a row
# Shapes of data and codes of categories follow from the data; no run may choose them.
_DERIVED: Final = pattern(
    r"(?:^|_)(?:COLOU?RS?|CMAP|VERSION|LABEL|TITLE|AUTHOR|REGEX|PATTERN|QUERY|PROMPT|SCHEMA|SHAPE|RANGE|[XYZ]?LIMS?|TASK|OBJECTIVE|DIMENSIONS"
    r"|PUBLISHER)(?:_|$)|(?<!API)(?<!ACCESS)_KEYS?$"
)
# What one service or one release gives: its address, an image of a container.
_GIVEN: Final = pattern(
    r"[\w.-]+\.(?:googleapis|amazonaws|azure)\.com$|[\w.-]*(?:docker\.pkg\.dev|gcr\.io|\.dkr\.ecr\.|docker\.io|ghcr\.io)"
)
# Comments that say that the code works with this value only.
_FIXED: Final = pattern(
    r"(?i)\b(?:do not|don'?t|never|cannot|can ?not|must not|should not) (?:be )?(?:change|edit|modif|alter)"
    r"|only (?:\S+ ){0,3}(?:is |are )?(?:supported|available|possible|allowed|works)|(?:is|are) the only\b"
)


@kept
def find_constants(analysis: Analysis) -> list[Setting]:
    """Give the constants that configure the notebook and do not stand where its parameters do, in order of place.

    A constant is a number, a text, a truth value or a list of numbers that one statement at the top level of a cell
    gives to a name in capitals (or one that is always a setting's, such as ``batch_size``), that nothing else binds
    and a later cell reads: what is used on the spot only is part of the step.
    """
    candidates = list(_candidates(analysis)) if not is_assignment(analysis.notebook) else []
    if not candidates:
        return []
    names = bindings_of(analysis)
    read = _reading_cells(analysis, {name for _, name, _, _ in candidates})
    found = []
    for home, name, value, node in candidates:
        if is_configuration(analysis, home, node) or not names.is_single(name, home) or _is_fixed(analysis, home, node):
            continue
        if any(cell > home for cell in read.get(name, ())):
            where = analysis.range(home, node)
            found.append(Setting(CONSTANT, value, where, place=node, home=home, keyword=name, via=name, node=node))
    return found


def _is_fixed(analysis: Analysis, home: int, node: ast.expr) -> bool:
    """Tell whether a comment on the line, or on those right above it, says that there is no other value."""
    lines = analysis.notebook.cells[home].source.split("\n")
    number = analysis.range(home, node).start_line
    if _FIXED.search(lines[number].partition("#")[2]):
        return True
    while number and lines[number - 1].lstrip().startswith("#"):
        number -= 1
        if _FIXED.search(lines[number]):
            return True
    return False


def _candidates(analysis: Analysis) -> Iterator[tuple[int, str, Any, ast.expr]]:
    """Yield cell, name, value and literal of what is written like a constant's definition."""
    for home, code in analysis.codes.items():
        counted = _enumerated(code.body)
        for statement in code.body:
            names = assigned_names(statement)
            if len(names) != 1 or names[0] in counted or not _is_setting_name(names[0]):
                continue
            value = getattr(statement, "value", None)
            if value is not None and not is_parameters_cell(analysis, home):
                try:
                    literal = value_of(value)
                except NoLiteral:
                    continue
                if home != untagged_parameters_cell(analysis) and _may_be_set(literal):
                    yield home, names[0], literal, value


def _enumerated(body: list[ast.stmt]) -> set[str]:
    """Give the names that statements in a row give 0, 1, 2...: positions of columns, or kinds of something."""
    found: set[str] = set()
    row: list[str] = []
    for statement in (*body, ast.Pass()):
        names = assigned_names(statement)
        value = getattr(statement, "value", None)
        number = value.value if isinstance(value, ast.Constant) else None
        if not (len(names) == 1 and type(number) is int and number == len(row)):
            if len(row) >= _ENUMERATED:
                found.update(row)
            row = []
        if len(names) == 1 and type(number) is int and number == len(row):
            row.append(names[0])
    return found


def _is_setting_name(name: str) -> bool:
    if name in _SETTINGS:
        return True
    return is_constant_name(name) and name.strip("_") not in _UNIVERSAL and not _DERIVED.search(name)


def _may_be_set(value: Any) -> bool:
    """Tell whether a run might want another value than this one."""
    if isinstance(value, str):
        return bool(value.strip()) and len(value) <= _LONGEST and not (_SHOWN.match(value) or _GIVEN.match(value))
    return value is not None


def _reading_cells(analysis: Analysis, names: set[str]) -> dict[str, set[int]]:
    """Give the cells whose code reads each of these names."""
    found: dict[str, set[int]] = {}
    for cell, node in analysis.nodes(ast.Name):
        if node.id in names and isinstance(node.ctx, ast.Load):
            found.setdefault(node.id, set()).add(cell)
    for cell, code in analysis.codes.items():
        for magic in code.code.magics:
            for name in names.intersection(magic.reads):
                found.setdefault(name, set()).add(cell)
    return found
