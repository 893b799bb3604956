"""NB107."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.paths import taken
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import cells_of, listed, ordinal, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition
    from nbpipe.analysis.undefined import UndefinedUse
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

_PLACES = {
    "if": "on one branch of an `if`",
    "loop": "in a loop that may not run",
    "try": "in a `try` that may fail before",
    "with": "in a `with` that may leave before",
    "jump": "behind a jump that may skip it",
    "branch": "on some paths",
}


class PossiblyUndefined(Rule):
    """A name is defined only on some paths of an earlier cell.

    ## What it does

    Reports a name that an earlier cell binds only on one branch of an `if`, in a `try` that may fail before, in a
    loop that may not run, or in a `with` that may leave early (`contextlib.suppress`), and that nothing else defines
    before its use. It is told once, where the name is used first.

    It is an info in a loop, as most loops do run, and where the settings as the notebook has them (`flag = True`) lead
    to the definition: then only another setting breaks it.

    Silent where the use stands under the same condition as the definition, where the other branch raises or exits, and
    where the loop surely runs (`range(10)`, a list that is not empty).

    ## Why is this bad?

    Whether the cell works depends on data or on the machine: with the other branch taken it stops with a `NameError`,
    or, worse, goes on with what an earlier run of the cell has left.

    ## Example

    ```python
    # %%
    import os

    if "DATA" in os.environ:
        folder = os.environ["DATA"]

    # %%
    print(folder)
    ```

    ## Use instead

    ```python
    # %%
    import os

    folder = os.environ.get("DATA", "data")

    # %%
    print(folder)
    ```
    """

    code = "NB107"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell."""
        for found in context.analysis.undefined_uses:
            if found.kind == "maybe" and "raises-exception" not in context.notebook.cells[found.use.cell].tags:
                yield self._report(context, found)

    def _report(self, context: Context, found: UndefinedUse) -> Diagnostic:
        use = found.use
        kinds = dict.fromkeys(_kind(definition) for definition in found.definitions)
        places = {
            context.analysis.range(definition.home, definition.node): f"`{use.name}` is defined here"
            for definition in found.definitions
            if definition.node is not None
        }
        related = tuple(Related(place, text) for place, text in list(places.items())[:2])
        cells = listed([ordinal(index) for index in cells_of(found.definitions)], "and")
        verb = "defines" if len(cells_of(found.definitions)) == 1 else "define"
        message = f"`{use.name}` may be undefined: {cells} {verb} it only {listed([_PLACES[kind] for kind in kinds])}"
        return context.diagnostic(
            context.analysis.range(use.home, use.node),
            message + where_run(use),
            related=related,
            severity=Severity.INFO if any(map(_is_likely, found.definitions)) else None,
        )


def _is_likely(definition: Definition) -> bool:
    """Tell whether the definition is made in most runs: somewhere in a loop, or by the settings as they stand."""
    paths = definition.paths
    looped = definition.repeated or any(step.kind == "loop" for step in paths)
    return looped or (bool(paths) and all(map(taken, paths)))


def _kind(definition: Definition) -> str:
    """Give what decides whether a definition is made: its innermost condition."""
    return definition.paths[-1].kind if definition.paths else "branch"
