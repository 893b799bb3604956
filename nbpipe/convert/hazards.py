"""Code that cannot move from cells into functions without changing its meaning: refused by name."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.order import CERTAIN
from nbpipe.analysis.values import External
from nbpipe.convert.left_out import needed
from nbpipe.convert.refusal import refuse
from nbpipe.convert.scopes import hidden_in_text, names_of, outer_statements
from nbpipe.steps import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.source import Source, Statement

_OF_IPYTHON: Final = frozenset(["In", "Out", "get_ipython", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh"])
_HISTORY: Final = re.compile(r"_i?\d+$")
_OF_MODULES: Final = {
    "__name__": "is '__main__' in a notebook, but not in a module",
    "__file__": "is not there in a notebook",
    "__doc__": "is another one in a module",
}


def refuse_static(source: Source, layout: Layout, *, any_order: bool) -> None:
    """Raise for the first thing in the code that cannot be kept.

    Args:
        source: the notebook.
        layout: what its names are.
        any_order: convert top-down although the stored results surely came from another order.

    Raises:
        ConversionError: there is such a thing.
    """
    if not any_order:
        _refuse_order(source)
    kept = {statement.cell for statement in source.statements}
    for mark in source.analysis.top_down.opaque:
        if mark.cell in kept:
            raise refuse(mark.cell, f"'{mark.reason}' may do what cannot be seen: replace it by plain code")
    for statement in source.statements:
        if not statement.is_dropped:
            _refuse_syntax(statement)
            _refuse_names(statement, source)
            _refuse_hidden(statement, source, layout)
    _refuse_builtins(source, layout)
    _refuse_left_out(source, layout)
    _refuse_left_out_inside(source)


def _refuse_left_out(source: Source, layout: Layout) -> None:
    """Refuse cells that are left out although they give another meaning to a name at the top of modules."""
    left_out = set(source.plan.cells_of(Role.SKIP, Role.SERVE))
    for use in source.analysis.top_down.uses.values():
        if not layout.is_global(use.name) or not source.plan.step_of(use.cell):
            continue
        for definition in use.definitions:
            if definition.cell in left_out and not _imports_the_same(definition, layout):
                raise refuse(
                    definition.cell,
                    f"is left out, but makes '{use.name}', which cell {use.cell + 1} uses: tag it step:<name>",
                )


def _refuse_left_out_inside(source: Source) -> None:
    """Refuse cells that are left out of the middle of a step although they change or draw what it uses behind them."""
    flow = source.analysis.top_down
    for cell in source.plan.cells_of(Role.SKIP, Role.SERVE):
        around = [step for step in source.steps if step.cells[0] < cell < step.cells[-1]]
        if not around:
            continue
        behind = [item for item in source.of_step(around[0].name) if item.cell > cell and not item.is_dropped]
        places = {item.cell for item in behind}
        # What is bound anew behind the cell is not what it changed.
        read = {
            use.name
            for use in flow.uses.values()
            if use.cell in places and any(definition.cell < cell for definition in use.definitions)
        }
        changed = sorted(name for name in flow.changes[cell].mutates if name in read)
        if changed:
            raise needed(source, [cell], f"changes '{changed[0]}', which its step uses")
        drawn = {access.kind for access in flow.global_state if access.cell == cell and access.effect != "read"}
        used = sorted(drawn & {access.kind for access in flow.global_state if access.cell > cell})
        if used:
            raise needed(source, [cell], f"sets or draws from {used[0]}, as later cells do")


def _imports_the_same(definition: Definition, layout: Layout) -> bool:
    known = {item.qualified_name for item in layout.imports.get(definition.name, ())}
    found = {obj.name for obj in definition.value if isinstance(obj, External)}
    return definition.kind == "import" and bool(found) and found <= known


def _refuse_order(source: Source) -> None:
    for finding in source.analysis.order_findings:
        if finding.grade == CERTAIN:
            raise refuse(
                finding.use.cell,
                f"the stored results were made in another order ('{finding.use.name}' was not what it is top-down): "
                "run all cells, look at the results and save, or convert with --any-order",
            )


def _refuse_syntax(statement: Statement) -> None:
    """Refuse statements that mean something else, or nothing, inside a function."""
    if statement.names.declared:
        name = min(statement.names.declared)
        raise refuse(statement.cell, f"a function writes the global '{name}': return the value instead")
    for node in outer_statements([statement.node]):
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            raise refuse(statement.cell, "awaits at the top level: use asyncio.run(...)")
        if isinstance(node, ast.ClassDef):
            _refuse_class_body(node, statement)
        if isinstance(node, ast.comprehension) and node.is_async:
            raise refuse(statement.cell, "awaits at the top level: use asyncio.run(...)")


def _refuse_hidden(statement: Statement, source: Source, layout: Layout) -> None:
    """Refuse names in texts that are looked up in a frame which does not hold them."""
    hidden = sorted({name for name in hidden_in_text(statement.node) if not layout.is_global(name)})
    bound = {name for other in source.statements for name in other.names.binds} if hidden else set()
    for name in hidden:
        if name in bound:
            raise refuse(
                statement.cell,
                f"reads '{name}' in the text of a query inside a function, where a step's value is not found: "
                "pass it as an argument of the function",
            )


def _refuse_class_body(node: ast.ClassDef, statement: Statement) -> None:
    """Refuse ``x = x`` in a class: inside a function the right side is no longer found."""
    body = names_of(node.body)
    both = sorted(name for name in body.reads & body.binds if _reads_before_binding(node.body, name))
    if both:
        raise refuse(
            statement.cell, f"class {node.name} binds '{both[0]}' from a name outside it: name the attribute otherwise"
        )


def _reads_before_binding(body: list[ast.stmt], name: str) -> bool:
    for child in body:
        names = names_of([child])
        top = {
            inner.id
            for inner in outer_statements([child])
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
        }
        if name in top:
            return True
        if name in names.binds:
            return False
    return False


def _refuse_names(statement: Statement, source: Source) -> None:
    """Refuse names that the notebook provides and a module does not."""
    names = statement.names
    for name in sorted(names.reads):
        if name in _OF_MODULES:
            raise refuse(statement.cell, f"'{name}' {_OF_MODULES[name]}: write its value")
        if name in ("exit", "quit"):
            raise refuse(statement.cell, f"'{name}' ends the kernel: remove it")
        if (name in _OF_IPYTHON or _HISTORY.match(name)) and not _is_bound(name, statement, source):
            raise refuse(
                statement.cell, f"'{name}' is IPython's, and is not there in a pipeline: bind the value to a name"
            )


def _is_bound(name: str, statement: Statement, source: Source) -> bool:
    around = source.of_step(statement.step) if statement.step else (statement,)
    return any(
        name in other.names.binds for other in around if (other.cell, other.place) <= (statement.cell, statement.place)
    )


def _refuse_builtins(source: Source, layout: Layout) -> None:
    """Refuse a step that uses a builtin and later binds its name: in a function the name is local from the start."""
    from nbpipe.convert.layout import is_provided

    uses = {id(use.node): use for use in source.analysis.top_down.uses.values()}
    for step in source.steps:
        read: dict[str, Statement] = {}
        passed = _names_from_before(source, step.name)
        for statement in source.of_step(step.name):
            for name in statement.names.reads:
                if is_provided(name) and not layout.is_global(name) and _may_be_builtin(name, statement, uses):
                    read.setdefault(name, statement)
            for name in sorted(statement.names.binds & read.keys() - passed):
                raise refuse(
                    statement.cell, f"binds '{name}' after it was used as Python's own '{name}': choose another name"
                )


def _may_be_builtin(name: str, statement: Statement, uses: Mapping[int, Use]) -> bool:
    """Tell whether a statement may read a name before the notebook has bound it: then it is Python's own."""
    nodes = (node for node in ast.walk(statement.node) if isinstance(node, ast.Name) and node.id == name)
    found = [uses.get(id(node)) for node in nodes if isinstance(node.ctx, ast.Load)]
    return not found or any(use is None or not all(item.bound for item in use.definitions) for use in found)


def _names_from_before(source: Source, step: str) -> set[str]:
    """Give the names that earlier statements of the notebook bind."""
    found: set[str] = set()
    for statement in source.statements:
        if statement.step == step:
            break
        found |= statement.names.binds
    return found
