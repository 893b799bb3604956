"""NB114."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal, shortened
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

_SHOWN = 3
_NO_VALUES = ("import", "function", "class")


class FunctionReadsGlobal(Rule):
    """A function depends on a name of the notebook that is bound more than once.

    ## What it does

    Reports a function that reads a name of the notebook which several cells bind to different values, or which a cell
    other than its own changes in place. It is told once for each function and name, where the function reads it.

    Silent for names that are bound once and stay as they are, for functions, classes and modules, and for what the
    function is given as an argument or default.

    ## Why is this bad?

    What the function gives depends on which of the cells was run last: the same call gives different results in
    different places of the notebook, and in a pipeline the value is nowhere to be seen in its inputs. Many notebooks
    are written so, which is why the rule is off until it is selected.

    ## Example

    ```python
    # %%
    rate = 0.1


    def tax(price):
        return price * rate


    # %%
    rate = 0.2
    ```

    ## Use instead

    ```python
    # %%
    def tax(price, rate):
        return price * rate


    # %%
    tax(100, rate=0.2)
    ```
    """

    code = "NB114"
    severity = Severity.WARNING
    default = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each function and name."""
        from nbpipe.analysis.rebinding import rebound

        analysis = context.analysis
        inside = _reads_in_functions(context)
        if not inside:
            return
        flow = analysis.top_down
        reported: set[tuple[int, str]] = set()
        bindings: dict[str, list[Definition]] = {}  # comparing those of a name costs as much as there are
        for use in flow.uses.values():
            function = inside.get(id(use.node))
            if function is None or use.local or (id(function), use.name) in reported:
                continue
            definitions = bindings.get(use.name)
            if definitions is None:
                definitions = bindings[use.name] = rebound(analysis, use.name)
            if any(definition.kind in _NO_VALUES for definition in definitions):
                continue
            changes = () if definitions else _changes(context, use)
            if definitions or changes:
                reported.add((id(function), use.name))
                yield _report(context, use, function, definitions, changes)


def _reads_in_functions(context: Context) -> dict[int, ast.FunctionDef]:
    """Give the function, the outermost one, around each name that is read in one."""
    found: dict[int, ast.FunctionDef] = {}
    for _, function in context.analysis.nodes(ast.FunctionDef):
        for statement in function.body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    known = found.get(id(node))
                    if known is None or known.lineno > function.lineno:
                        found[id(node)] = function
    return found


def _changes(context: Context, use: Use) -> tuple[int, ...]:
    """Give the cells that surely change in place what the name holds, other than the one that made it."""
    held = {obj for definition in use.definitions for obj in definition.value}
    cells = {
        mutation.cell
        for mutation in context.analysis.top_down.mutations
        if mutation.obj in held
        and mutation.certain
        and mutation.cell != mutation.obj.cell
        and not _trains(mutation.node)
    }
    return tuple(sorted(cells))


def _trains(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("fit", "compile", "partial_fit")


def _report(
    context: Context, use: Use, function: ast.FunctionDef, definitions: list[Definition], changes: tuple[int, ...]
) -> Diagnostic:
    analysis = context.analysis
    cells = [definition.cell for definition in definitions] or list(changes)
    what = "bind to different values" if definitions else "change in place" if len(cells) > 1 else "changes in place"
    makers = shortened(map(ordinal, cells))
    message = f"`{function.name}` depends on `{use.name}`, which {makers} {what}: make it an argument"
    related = tuple(
        Related(analysis.range(definition.home, definition.node), f"`{use.name}` is bound here")
        for definition in definitions[:_SHOWN]
        if definition.node is not None
    )
    return context.diagnostic(analysis.range(use.home, use.node), message, related=related)
