"""Which cells are exploration: they show something, and nothing that the project gives depends on them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.graph import CODE
from nbpipe.steps.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from nbpipe.analysis import Analysis
    from nbpipe.steps.stages import CellStage

# What a project is there for, the most wanted first.
_ENDS: Final = (frozenset([Stage.TRAIN, Stage.EVALUATE, Stage.EXPORT]), frozenset([Stage.PLOT]))

_PICTURES: Final = frozenset(["savefig", "imsave", "write_image", "write_html"])
_DRAWING: Final = frozenset(["sample", "shuffle", "choice", "permutation", "rvs"])


def explored(analysis: Analysis, stages: Mapping[int, CellStage], cells: AbstractSet[int]) -> dict[int, str]:
    """Give the cells that can be left out of a pipeline, with the reason.

    A cell is kept when it trains, evaluates or writes (in a notebook without that: when it draws), also when it writes
    a picture, when what is kept needs a value from it, or when leaving it out would change what comes later: it draws
    random numbers, changes a value that is kept, or sets state of the process.

    Args:
        analysis: of the notebook.
        stages: what each cell does.
        cells: those that may be left out.
    """
    ends = next((ends for ends in _ENDS if any(stages[cell].stage in ends for cell in cells)), frozenset())
    touching = {access.cell for access in analysis.top_down.global_state}
    touching |= {site.cell for site in analysis.calls if _may_draw(site.node, site.names)}
    touching |= set(_handing_on(analysis))
    touching |= {site.cell for site in analysis.calls if _saves_picture(site.node)}
    kept = {cell for cell in cells if stages[cell].stage in ends or cell in touching}
    if not ends:
        kept |= {cell for cell in cells if _computes(analysis, cell)}
    needs = _needs(analysis)
    waiting = [*kept, *(set(needs) - cells)]
    while waiting:
        for maker in needs.get(waiting.pop(), ()):
            if maker in cells and maker not in kept:
                kept.add(maker)
                waiting.append(maker)
    return {cell: _reason(stages[cell]) for cell in sorted(cells - kept)}


def _saves_picture(call: ast.Call) -> bool:
    """Tell whether a call writes a file of what is drawn: that the notebook gives, whatever else it computes."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in _PICTURES


def _may_draw(call: ast.Call, names: tuple[str, ...] = ()) -> bool:
    """Tell whether a method of what the analysis does not know may draw random numbers, by its name."""
    return not names and isinstance(call.func, ast.Attribute) and call.func.attr in _DRAWING


def _handing_on(analysis: Analysis) -> Iterator[int]:
    """Yield the cells that mention a function of the notebook which may draw: `apply` may call it."""
    nodes = {index: list(ast.walk(code.tree)) for index, code in analysis.codes.items() if code.tree is not None}
    drawing = {
        node.name
        for each in nodes.values()
        for node in each
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(inner, ast.Call) and _may_draw(inner) for inner in ast.walk(node))
    }
    for index, each in nodes.items():
        if any(isinstance(node, ast.Name) and node.id in drawing for node in each):
            yield index


def _needs(analysis: Analysis) -> dict[int, set[int]]:
    """Give, for each cell, those that made or changed a value that it uses."""
    flow = analysis.top_down
    found: dict[int, set[int]] = {}
    for use in flow.uses.values():
        if use.uncalled or use.local:
            continue
        for definition in use.definitions:
            if definition.bound and definition.cell not in (-1, use.cell):
                makers = found.setdefault(use.cell, set())
                makers.add(definition.cell)
                if definition.kind not in CODE:
                    makers.update(
                        cell
                        for cell, change in flow.changes.items()
                        if definition.cell < cell < use.cell and use.name in change.mutates
                    )
    return found


def _computes(analysis: Analysis, cell: int) -> bool:
    return not all(isinstance(statement, ast.Expr) for statement in analysis.codes[cell].body)


def _reason(found: CellStage) -> str:
    what = f"{found.reason}, but no result needs it" if found.reason else "no result needs it"
    return f"exploration: {what}"
