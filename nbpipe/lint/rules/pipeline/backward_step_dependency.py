"""NB702."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class BackwardStepDependency(Rule):
    """A step uses what only a later step makes.

    ## What it does

    Reports, in a notebook with step tags, a name that a step reads and that only a step further down binds. Calls
    are followed: a function may be defined in one step and be called in another, where all that it reads must have
    been made.

    Silent about imports, functions and classes, which belong to no step. Where the later step needs the earlier one
    in turn, it is `step-cycle` that speaks.

    ## Why is this bad?

    Steps run in the order in which they stand. The earlier step stops with a `NameError`; that the notebook works
    today is owed to cells run in another order.

    ## Example

    ```python
    # %% tags=["step:scale"]
    scaled = [value / largest for value in (3, 1, 2)]

    # %% tags=["step:measure"]
    largest = 3
    ```

    ## Use instead

    ```python
    # %% tags=["step:measure"]
    largest = 3

    # %% tags=["step:scale"]
    scaled = [value / largest for value in (3, 1, 2)]
    ```
    """

    code = "NB702"
    severity = Severity.ERROR
    python_only = False
    tagged = ("step:",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first value that goes from each step back to an earlier one."""
        from nbpipe.steps import StepGraph, understood

        plan = understood(context.notebook)
        if plan is None:
            return
        graph = StepGraph(context.analysis, plan)
        for found in graph.backward():
            if graph.way(found.user, found.maker):
                continue
            use, definition = found.use, found.definition
            place = ordinal(definition.cell)
            message = (
                f"step '{plan.title_of(found.user)}' uses `{use.name}`, which only the later step "
                f"'{plan.title_of(found.maker)}' makes ({place}){where_run(use)}"
            )
            assert definition.node is not None  # noqa: S101 - a crossing has one
            where = context.analysis.range(definition.home, definition.node)
            yield context.diagnostic(
                context.analysis.range(use.home, use.node),
                message,
                related=(Related(where, f"`{use.name}` is made here"),),
            )
