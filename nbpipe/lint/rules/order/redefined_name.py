"""NB112."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range


class RedefinedName(Rule):
    """A name means one thing in some cells and another in others.

    ## What it does

    Reports a name that two cells bind to different things, where a cell between them reads the first and a cell below
    reads the second. It is told once for each name, at the second binding.

    Silent for loop variables, figures and axes, throw-aways (`_`, `i`, `tmp`), modules that are imported again, the
    same literal bound again, and bindings that go on from the present value (`df = df.dropna()`).

    ## Why is this bad?

    Running one of the cells again out of turn silently gives it the wrong one of the two. Most notebooks do so
    somewhere, which is why the rule is off until it is selected.

    ## Example

    ```python
    # %%
    data = [1, 2]

    # %%
    print(len(data))

    # %%
    data = {"a": 3}

    # %%
    print(data["a"])
    ```

    ## Use instead

    ```python
    # %%
    rows = [1, 2]

    # %%
    print(len(rows))

    # %%
    prices = {"a": 3}

    # %%
    print(prices["a"])
    ```
    """

    code = "NB112"
    severity = Severity.WARNING
    default = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name."""
        from nbpipe.analysis.rebinding import differ, rebound

        flow = context.analysis.top_down
        uses: dict[str, list[Use]] = {}
        for use in flow.uses.values():
            if not use.local and not use.uncalled:
                uses.setdefault(use.name, []).append(use)
        for name in list(flow.definitions):
            for first, second in pairwise(rebound(context.analysis, name)):
                between, below = _readers(uses.get(name, ()), first, second)
                if between is not None and below is not None and differ(context.analysis, first, second):
                    yield _report(context, first, second, between, below)
                    break


def _readers(uses: Sequence[Use], first: Definition, second: Definition) -> tuple[Use | None, Use | None]:
    """Give a reading of the first binding between the two and one of the second below; none where it goes on."""
    if any(use.cell == second.cell and first in use.definitions for use in uses):
        return None, None
    between = next((use for use in uses if first.cell < use.cell < second.cell and first in use.definitions), None)
    below = next((use for use in uses if use.cell > second.cell and second in use.definitions), None)
    return between, below


def _report(context: Context, first: Definition, second: Definition, between: Use, below: Use) -> Diagnostic:
    analysis = context.analysis
    assert first.node is not None and second.node is not None  # noqa: PT018, S101 - made by the notebook
    message = (
        f"`{first.name}` means something else from here on: {ordinal(between.cell)} reads what {ordinal(first.cell)} "
        f"bound it to, {ordinal(below.cell)} reads this"
    )
    related = (
        Related(analysis.range(first.home, first.node), "bound here first"),
        Related(analysis.range(between.home, between.node), "reads the first"),
        Related(analysis.range(below.home, below.node), "reads the second"),
    )
    where = analysis.range(second.home, second.node)
    return context.diagnostic(_first_line(context, where), message, related=related)


def _first_line(context: Context, where: Range) -> Range:
    """Give the first line of a definition that goes over several: a function's body is beside the point."""
    return where if where.start_line == where.end_line else context.line(where.cell, where.start_line)
