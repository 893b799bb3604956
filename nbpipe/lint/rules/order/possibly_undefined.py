"""NB107."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import cells_of, listed, ordinal, shortened, where_run
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

    Reports a name that an earlier cell binds only on one branch of an `if`, in a `try` that may fail before, or in a
    `with` that may leave early (`contextlib.suppress`), and that nothing else defines before its use. In a loop it is
    reported where the loop goes over a listing of files, which may be empty; where it waits a number of times for what
    a `break` ends it with; and where it tries what may fail each time. The names of one branch are told once, where the
    first of them is used first.

    Silent in other loops, as nearly all of them run, and where the settings as the notebook has them (`flag = True`)
    lead to the definition; where the use stands under the same condition as the definition, or under one that has to
    do with it; where the other branch raises or exits, or a flag tells that the name was bound before; where `elif`
    lists three alternatives or more, or the members of an enumeration, and each of them binds the name; where an
    attempt only makes an object, to try something with it; and under a switch for tests (`IS_TESTING`).

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
        """Yield one finding for the names of each branch, where the first of them is used first."""
        from nbpipe.analysis.likely_bound import likely_bound  # most notebooks have no such name

        by_branch: dict[object, list[UndefinedUse]] = {}
        told: set[str] = set()
        for found in context.analysis.undefined_uses:
            if found.kind != "maybe" or "raises-exception" in context.notebook.cells[found.use.cell].tags:
                continue
            if found.use.name not in told and not likely_bound(context.analysis, found.use, found.definitions):
                told.add(found.use.name)
                by_branch.setdefault(_branch(found), []).append(found)
        for group in by_branch.values():
            yield self._report(context, group)

    def _report(self, context: Context, group: list[UndefinedUse]) -> Diagnostic:
        found, *others = group
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
        message += where_run(use)
        if others:
            message += "; the same goes for " + shortened(f"`{other.use.name}`" for other in others)
        return context.diagnostic(context.analysis.range(use.home, use.node), message, related=related)


def _branch(found: UndefinedUse) -> object:
    """Give what the names of one branch of one cell have in common: told together, as they are one cause."""
    return tuple((definition.cell, definition.paths) for definition in found.definitions)


def _kind(definition: Definition) -> str:
    """Give what decides whether a definition is made: its innermost condition."""
    return definition.paths[-1].kind if definition.paths else "branch"
