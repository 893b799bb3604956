"""What is configuration already: cells tagged ``parameters``, and lines that a notebook service shows as a form."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.keeping import kept
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.notebook import Notebook

PARAMETERS: Final = "parameters"
INJECTED: Final = "injected-parameters"
TAGS: Final = frozenset([PARAMETERS, INJECTED])
FORM: Final = "@param"  # Colab: https://colab.research.google.com/notebooks/forms.ipynb
WIDGETS: Final = "dbutils.widgets."  # Databricks
# What may stand above a cell of settings, which is none of the steps that use them; commands are a `pass`.
_PREPARING: Final = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Pass)
_SHORTEST_CONSTANT: Final = 2
# What a run must not be given openly, nor a notebook hold.
_SECRET: Final = pattern(r"(?i)secret|password|passwd|access_key|(?:^|_)token$")


def is_parameters_cell(analysis: Analysis, home: int) -> bool:
    """Tell whether a cell is tagged as the one that holds the parameters (papermill's tags)."""
    metadata = analysis.notebook.cells[home].metadata
    return "tags" in metadata and not TAGS.isdisjoint(analysis.notebook.cells[home].tags)


def parameters_cells(notebook: Notebook, tags: frozenset[str] = frozenset([PARAMETERS])) -> list[int]:
    """Give the indexes of the code cells with one of these tags, in order; papermill takes the first."""
    return [
        cell.index
        for cell in notebook.cells
        if cell.cell_type == "code" and "tags" in cell.metadata and not tags.isdisjoint(cell.tags)
    ]


def is_assignment(notebook: Notebook) -> bool:
    """Tell whether a notebook is one of nbgrader's: learners are given its cells as they are, some of them locked."""
    return any("nbgrader" in cell.metadata for cell in notebook.cells)


def has_form(notebook: Notebook) -> bool:
    """Tell whether the notebook takes its parameters in another way than by a cell: a form, or widgets."""
    return any(FORM in cell.source or WIDGETS in cell.source for cell in notebook.cells if cell.cell_type == "code")


def is_configuration(analysis: Analysis, home: int, node: ast.AST) -> bool:
    """Tell whether a literal stands where a run may give another value: a parameters cell, or a form's line."""
    if is_parameters_cell(analysis, home):
        return True
    source = analysis.notebook.cells[home].source
    if FORM not in source:
        return False
    line = analysis.range(home, node).end_line
    lines = source.split("\n")
    return line < len(lines) and FORM in lines[line]


@kept
def untagged_parameters_cell(analysis: Analysis) -> int | None:
    """Give the cell that is the parameters cell in all but the tag, None where there is none.

    It holds nothing but literals given to names, at least one of them in capitals, each of which is bound nowhere
    else; above it nothing is done but importing, installing and defining.
    """
    for home, code in analysis.codes.items():
        if not code.body and not code.code.magics:
            continue
        if _holds_settings(code):
            names = [name for statement in code.body for name in assigned_names(statement)]
            bound = analysis.top_down.definitions
            single = len(set(names)) == len(names) and all(len(bound.get(name, ())) == 1 for name in names)
            return home if single else None
        if not all(isinstance(statement, _PREPARING) or _is_text(statement) for statement in code.body):
            return None
    return None


def is_constant_name(name: str) -> bool:
    """Tell whether a name is written as those of constants are; one letter is mathematics."""
    return name.isupper() and len(name.strip("_0123456789")) >= _SHORTEST_CONSTANT


def assigned_names(statement: ast.stmt) -> list[str]:
    """Give the plain names that a statement assigns one value to each."""
    if isinstance(statement, ast.AnnAssign):
        targets: list[ast.expr] = [statement.target]
    elif isinstance(statement, ast.Assign):
        targets = statement.targets
    else:
        return []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _holds_settings(code: CellCode) -> bool:
    """Tell whether a cell holds literals given to plain names and nothing else, and a constant among them."""
    if code.code.magics or not code.body or not code.code.is_python:
        return False
    constants = False
    for statement in code.body:
        if _is_text(statement):
            continue
        names = assigned_names(statement)
        value = getattr(statement, "value", None)
        if len(names) != 1 or value is None or not _is_literal(value) or _SECRET.search(names[0]):
            return False
        constants |= is_constant_name(names[0])
    return constants


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _is_text(statement: ast.stmt) -> bool:
    """Tell whether a statement is a text that nothing is done with."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
