"""Steps of which nothing is left: cells that only import and define, which a package has elsewhere."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.convert.layout import DEFINITION

if TYPE_CHECKING:
    from nbpipe.convert.source import Source, Statement


def empty_steps(source: Source) -> tuple[str, ...]:
    """Name the steps that only import and define; () where there would be no other step."""
    found = tuple(
        step.name
        for step in source.steps
        if not step.metrics_cells and all(_is_elsewhere(statement) for statement in source.of_step(step.name))
    )
    return found if len(found) < len(source.steps) else ()


def _is_elsewhere(statement: Statement) -> bool:
    node = statement.node
    if statement.is_dropped or isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, *DEFINITION)):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
