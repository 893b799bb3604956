"""What is configuration already: cells tagged ``parameters``, and lines that a notebook service shows as a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis import Analysis

TAGS = frozenset(["parameters", "injected-parameters"])
FORM = "@param"  # Colab: https://colab.research.google.com/notebooks/forms.ipynb


def is_parameters_cell(analysis: Analysis, home: int) -> bool:
    """Tell whether a cell is tagged as the one that holds the parameters (papermill's tags)."""
    metadata = analysis.notebook.cells[home].metadata
    return "tags" in metadata and not TAGS.isdisjoint(analysis.notebook.cells[home].tags)


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
