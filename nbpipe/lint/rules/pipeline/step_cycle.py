"""NB703."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import listed, ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.steps import StepGraph, StepPlan


class StepCycle(Rule):
    """Steps need each other in a circle.

    ## What it does

    Reports, in a notebook with step tags, steps of which each needs what another one of them makes: mostly since the
    cells of one step stand on both sides of another step, or since a step uses what a later one makes while that one
    waits for it (`after:`, `prev:`). One finding a circle, at the use that closes it, with all its parts.

    ## Why is this bad?

    A step runs once, as a whole: no order of running them is right. `nbpipe convert` refuses such a notebook, and
    other converters make a pipeline that no engine starts.

    ## Example

    ```python
    # %% tags=["step:prepare"]
    rows = [3, 1, 2]

    # %% tags=["step:measure"]
    largest = max(rows)

    # %% tags=["step:prepare"]
    scaled = [value / largest for value in rows]
    ```

    ## Use instead

    ```python
    # %% tags=["step:prepare"]
    rows = [3, 1, 2]

    # %% tags=["step:measure"]
    largest = max(rows)

    # %% tags=["step:scale"]
    scaled = [value / largest for value in rows]
    ```
    """

    code = "NB703"
    severity = Severity.ERROR
    python_only = False
    tagged = ("step:",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each set of steps that stand in circles."""
        from nbpipe.steps import StepGraph, understood

        plan = understood(context.notebook)
        if plan is None:
            return
        graph = StepGraph(context.analysis, plan)
        told: set[str] = set()
        for found in graph.backward():
            edges = graph.way(found.user, found.maker)
            if edges and found.user not in told and found.maker not in told:
                told.update(*edges)
                yield _report(context, plan, graph, [*edges, (found.maker, found.user)])


def _report(context: Context, plan: StepPlan, graph: StepGraph, edges: list[tuple[str, str]]) -> Diagnostic:
    names = [f"'{plan.title_of(maker)}'" for maker, _ in edges]
    parts = []
    related = []
    for maker, user in edges:
        found = graph.edges[maker, user]
        if found is None:
            parts.append(f"'{plan.title_of(user)}' is tagged to come after '{plan.title_of(maker)}'")
            continue
        use, definition = found.use, found.definition
        assert definition.node is not None  # noqa: S101 - a crossing has one
        parts.append(f"'{plan.title_of(user)}' uses `{use.name}` of '{plan.title_of(maker)}' ({ordinal(use.cell)})")
        where = context.analysis.range(definition.home, definition.node)
        related.append(Related(where, f"'{plan.title_of(maker)}' makes `{use.name}` here"))
    last = graph.edges[edges[-1]]
    assert last is not None  # noqa: S101 - a way backwards is a value's
    message = f"steps {listed(names, 'and')} need each other: {', '.join(parts)}"
    return context.diagnostic(context.analysis.range(last.use.home, last.use.node), message, related=tuple(related))
