"""What the handlers reply, as plain JSON values; `nbpipe.lab.schema` describes each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.graphs.svg import as_svg
from nbpipe.lint.differences import differences
from nbpipe.lint.reporters.json import VERSION, diagnostic_object, summary_object
from nbpipe.lint.reporting import Summary

if TYPE_CHECKING:
    from nbpipe.api.fix import FixedFile
    from nbpipe.api.structure import Structure
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.fixing import Fixed
    from nbpipe.notebook import Notebook

Json = dict[str, Any]


def check_reply(result: FileResult) -> Json:
    """Give the document of ``check --output-format json`` for one notebook, and the rules that failed."""
    summary = Summary()
    summary.add(result)
    return {
        "version": VERSION,
        "diagnostics": [diagnostic_object(item, result.cells) for item in result.diagnostics],
        "summary": summary_object(summary),
        "failures": [f"{failure.rule}: {type(failure.error).__name__}: {failure.error}" for failure in result.failures],
    }


def fix_reply(file: FixedFile) -> Json:
    """Give what fixing changes: as people read it, and cell by cell for the editor."""
    fixed = file.fixed
    if fixed is None:
        message = file.result.diagnostics[0].message if file.result.diagnostics else "it cannot be read"
        return {"applied": [], "diff": [], "cells": [], "metadata": None, "problem": message}
    problem = f"the fixes of {', '.join(fixed.endless)} do not come to an end" if fixed.endless else ""
    return {
        "applied": [{"code": item.code, "rule": item.rule, "message": item.message} for item in fixed.applied],
        "diff": [line.removeprefix(f"{fixed.path}, ") for line in differences(fixed, lambda text, *_: text)],
        "cells": _cells(fixed),
        "metadata": dict(fixed.after.metadata) if fixed.after.metadata != fixed.before.metadata else None,
        "problem": problem,
    }


def _cells(fixed: Fixed) -> list[Json]:
    """Give each cell of the fixed notebook: where it was, and what is other than before."""
    return [_cell(fixed.before, fixed.after, index, origin) for index, origin in enumerate(fixed.origins)]


def _cell(before: Notebook, after: Notebook, index: int, origin: int | None) -> Json:
    cell = after.cells[index]
    if origin is None:
        return {
            "origin": None,
            "cell_type": cell.cell_type,
            "source": cell.source,
            "metadata": dict(cell.metadata),
            "clear_outputs": False,
            "clear_count": False,
        }
    old = before.cells[origin]
    return {
        "origin": origin,
        "cell_type": cell.cell_type,
        "source": cell.source if cell.source != old.source else None,
        "metadata": dict(cell.metadata) if cell.metadata != old.metadata else None,
        "clear_outputs": bool(old.raw_outputs) and not cell.raw_outputs,
        "clear_count": old.execution_count is not None and cell.execution_count is None,
    }


def structure_reply(found: Structure) -> Json:
    """Give steps, edges and stale cells; cells are numbered from 1, as in diagnostics."""
    return {
        "roles": [
            {
                "cell": role.index + 1,
                "role": role.role.value,
                "step": role.step,
                "tagged": role.tagged,
                "metrics": role.is_metrics,
            }
            for role in found.roles
        ],
        "steps": [
            {"name": step.name, "title": step.title, "cells": [index + 1 for index in step.cells]}
            for step in found.steps
        ],
        "edges": [
            {"from": edge.source, "to": edge.target, "names": list(edge.names), "late": edge.late}
            for edge in found.graph.edges
        ],
        "drawing": as_svg(found.graph, alone=False) if found.steps else "",
        "problems": [{"cell": problem.cell + 1, "message": problem.message} for problem in found.problems],
        "stale": [{"cell": stale.cell + 1, "reason": stale.reason} for stale in found.stale],
    }
