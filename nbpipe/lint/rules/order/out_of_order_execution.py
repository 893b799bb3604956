"""NB101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import cells_of, counted, listed, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.order import OrderFinding
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class OutOfOrderExecution(Rule):
    """A stored result was made with another definition than Restart & Run All would use.

    ## What it does

    Replays the cells in the order of their execution counts and compares, use by use, what reaches it with what
    reaches it top-down: the definition of a name, the changes made to the object it holds, the seed of a random
    generator. Counts that are merely unsorted are not reported: most of them change nothing.

    Only the last count of each cell is stored. Where a count is missing between the definition and the use, some run
    cannot be seen that may have set things right, and the finding says "possibly", as an info; so it does where the
    same count stands twice (two sessions) or a cell ended in an error. A run that cannot be seen and could have broken
    what the visible counts show to be in order is not reported. Edits made since the run cannot be seen.

    ## Why is this bad?

    The outputs in the file are not those of the notebook: whoever runs it from the top gets other numbers.

    ## Example

    ```python
    # %% In [1]
    rate = 0.1

    # %% In [3]
    rate = 0.2

    # %% In [2]
    print(100 * rate)
    # Out: 10.0
    ```

    ## Use instead

    ```python
    # %% In [1]
    rate = 0.1

    # %% In [2]
    rate = 0.2

    # %% In [3]
    print(100 * rate)
    # Out: 20.0
    ```

    ## Fix safety

    The fix moves cells, as few as possible and with the text that introduces them, so that running from the top gives
    the stored results. It is offered where the execution counts show one run of every cell without a gap, and keeps the
    recorded order of every two cells that touch something in common. It is unsafe because the order in the document may
    be the one that was meant, and the stored results the ones to be made again.
    """

    code = "NB101"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell: the certain ones, then those that the counts suggest."""
        reported: set[tuple[int, str]] = set()
        ranked = sorted(context.analysis.order_findings, key=lambda finding: finding.grade)
        for finding in ranked:
            place = (finding.use.cell, finding.use.name)
            if finding.grade == "conceivable" or place in reported:
                continue
            if finding.other_definition or finding.changed:
                reported.add(place)
                yield self._report(context, finding)

    def _report(self, context: Context, finding: OrderFinding) -> Diagnostic:
        use = finding.use
        message = _explain(context, finding) + where_run(use)
        related = tuple(
            Related(context.analysis.range(definition.home, definition.node), text)
            for definitions, text in (
                (finding.reached[-1:], "the stored result used this"),
                (finding.expected[-1:], "top-down, this is used"),
            )
            for definition in definitions
            if definition.node is not None and finding.other_definition
        )
        where = context.analysis.range(use.home, use.node)
        if finding.grade == "certain":
            return context.diagnostic(where, message, related=related, fix=context.reordering)
        return context.diagnostic(where, f"possibly, {message}", related=related, severity=Severity.INFO)


def _explain(context: Context, finding: OrderFinding) -> str:
    use = finding.use
    count = context.analysis.session.counts.get(use.cell)
    subject = f"`{use.name}`" if use.name.isidentifier() else f"the state of {use.name.strip('<>')}"
    if not finding.other_definition:
        cells = _named(context, list(finding.changed), "and")
        return f"In [{count}] ran when {subject} had been changed by other cells than top-down: see {cells}"
    if not finding.reached:
        expected = _named(context, cells_of(finding.expected))
        return f"In [{count}] ran before {subject} was defined; top-down it comes from {expected}"
    reached = _named(context, cells_of(finding.reached))
    if not finding.expected:
        return f"In [{count}] used {subject} from {reached}; top-down it is a builtin"
    expected = _named(context, cells_of(finding.expected))
    return f"In [{count}] used {subject} from {reached}; top-down it comes from {expected}"


def _named(context: Context, cells: list[int], conjunction: str = "or") -> str:
    return listed([counted(context.notebook, index) for index in cells[:3]], conjunction)
