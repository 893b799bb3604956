"""NB116."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.builtin_names import BUILTINS
from nbpipe.analysis.values import Const, Container, Thing
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# Types whose objects cannot be called.
_DATA = ("pandas.DataFrame", "pandas.Series", "numpy.ndarray", "int", "float", "str", "bytes", "bool")
_TAKING_TYPES = ("isinstance", "issubclass")
_TAKING_FUNCTIONS = ("map", "filter")
_TYPE_ARGUMENT = 2


class ShadowedBuiltin(Rule):
    """A builtin's name was given to a value, and a later cell calls it as the builtin.

    ## What it does

    Reports the call of a builtin (`sum(...)`, `list(...)`, `isinstance(x, list)`, `map(str, ...)`) in a cell below one
    that binds its name to something that cannot be called: a number, a text, a list, a table.

    Silent where the name is bound to a function or class (`from numpy import sum`), where it is not known what it is
    bound to, and where it is free again (`del sum`).

    ## Why is this bad?

    Restart & Run All stops here with "TypeError: 'int' object is not callable". While one works it may go well, if the
    cells happen to be run in another order, and then fails in cells that have nothing to do with the name.

    ## Example

    ```python
    # %%
    sum = 0
    for price in (3, 4):
        sum += price

    # %%
    total = sum([1, 2])
    ```

    ## Use instead

    ```python
    # %%
    amount = 0
    for price in (3, 4):
        amount += price

    # %%
    total = sum([1, 2])
    ```
    """

    code = "NB116"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell."""
        analysis = context.analysis
        rebound = {node.id for _, node in analysis.nodes(ast.Name) if node.id in BUILTINS and _binds(node)}
        rebound -= {"_", "__", "___", "In", "Out"}
        if not rebound:
            return
        called = {id(node) for node in _called_as_builtin(context)}
        reported: set[tuple[int, str]] = set()
        for use in analysis.top_down.uses.values():
            if use.name not in rebound or use.local or use.uncalled or id(use.node) not in called:
                continue
            definitions = [each for each in use.definitions if each.bound]
            earlier = any(each.cell < use.cell for each in definitions)
            if not earlier or not all(map(_is_data, definitions)) or (use.cell, use.name) in reported:
                continue
            if len(definitions) == len(use.definitions):
                reported.add((use.cell, use.name))
                yield _report(context, use, definitions[-1])


def _report(context: Context, use: Use, definition: Definition) -> Diagnostic:
    analysis = context.analysis
    related = (
        (Related(analysis.range(definition.home, definition.node), f"`{use.name}` is bound to a value here"),)
        if definition.node is not None
        else ()
    )
    return context.diagnostic(
        analysis.range(use.home, use.node),
        f"`{use.name}` is no longer the builtin: {ordinal(definition.cell)} binds it to a value{where_run(use)}, "
        "which cannot be called",
        related=related,
    )


def _binds(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _called_as_builtin(context: Context) -> Iterator[ast.expr]:
    """Yield the expressions that are called, asked for as a type, or handed over to be called."""
    for _, call in context.analysis.nodes(ast.Call):
        yield call.func
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in _TAKING_TYPES and len(call.args) == _TYPE_ARGUMENT:
            kinds = call.args[1]
            yield from kinds.elts if isinstance(kinds, ast.Tuple) else (kinds,)
        elif name in _TAKING_FUNCTIONS and call.args:
            yield call.args[0]


def _is_data(definition: Definition) -> bool:
    """Tell whether a name is surely bound to what cannot be called; nobody adds up functions."""
    return definition.kind == "augmented" or (
        bool(definition.value)
        and all(
            isinstance(obj, Const | Container)
            or (isinstance(obj, Thing) and (obj.type_name or "").removesuffix("[]") in _DATA)
            for obj in definition.value
        )
    )
