"""NB101."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.causes import by_cause
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import cells_of, counted, listed, shortened, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.order import OrderFinding
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

OTHERS = 3


class OutOfOrderExecution(Rule):
    """A stored result was made with another definition than Restart & Run All would use.

    ## What it does

    Replays the cells in the order of their execution counts and compares, use by use, what reaches it with what
    reaches it top-down: the definition of a name, the changes made to the object it holds, the seed of a random
    generator. Counts that are merely unsorted are not reported: most of them change nothing. One cause is told once,
    where it shows first: names that one cell defines and another one after it should have, and changes of one object
    whose order differs; the message names the other cells that it reaches.

    Only the last count of each cell is stored. Where a count is missing between the definition and the use, some run
    cannot be seen that may have set things right, and the finding says "possibly", as an info; so it does where a cell
    ended in an error. It is silent where more runs between the two are missing than are there, and where only a change
    of the object is in question; where a count stands twice, or a cell went through with a name that by the counts
    nothing had defined: such counts are those of several sessions and tell no order. A run that cannot be seen and
    could have broken what the visible counts show to be in order is not reported. Edits made since the run cannot be
    seen.

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
        """Yield one finding for each cause: the certain ones, then those that the counts suggest."""
        ranked = sorted(context.analysis.disorder, key=lambda finding: (finding.grade, not finding.supported))
        shown = [finding for finding in ranked if finding.other_definition or finding.changed]
        for group in by_cause(shown):
            if group[0].supported:
                yield self._report(context, group)

    def _report(self, context: Context, group: list[OrderFinding]) -> Diagnostic:
        finding = group[0]
        use = finding.use
        message = _explain(context, group) + where_run(use) + _elsewhere(context, group)
        related = [
            Related(context.analysis.range(definition.home, definition.node), text)
            for definitions, text in (
                (finding.reached[-1:], "the stored result used this"),
                (finding.expected[-1:], "top-down, this is used"),
            )
            for definition in definitions
            if definition.node is not None and finding.other_definition
        ]
        others = {each.use.cell: each.use for each in group if each.use.cell != use.cell}
        related += [
            Related(context.analysis.range(other.home, other.node), f"`{other.name.strip('<>')}` is used here as well")
            for other in list(others.values())[:OTHERS]
        ]
        where = context.analysis.range(use.home, use.node)
        if finding.grade == "certain":
            return context.diagnostic(where, message, related=tuple(related), fix=context.reordering)
        return context.diagnostic(where, f"possibly, {message}", related=tuple(related), severity=Severity.INFO)


def _elsewhere(context: Context, group: list[OrderFinding]) -> str:
    """Say which other cells the same cause reaches."""
    cells = sorted({finding.use.cell for finding in group} - {group[0].use.cell})
    if not cells:
        return ""
    certain = all(finding.grade == "certain" for finding in group)
    reaches = "reaches" if certain or group[0].grade != "certain" else "may reach"
    return f"; the same {reaches} {shortened(counted(context.notebook, index) for index in cells)}"


def _explain(context: Context, group: list[OrderFinding]) -> str:
    finding = group[0]
    use = finding.use
    count = context.analysis.session.counts.get(use.cell)
    subject, verb = _subject(group)
    if not finding.other_definition:
        cells = _named(context, list(finding.changed), "and")
        return f"In [{count}] ran when {subject} had been changed by other cells than top-down: see {cells}"
    comes = "it comes" if verb == "was" else "they come"
    if not finding.reached:
        expected = _named(context, cells_of(finding.expected))
        return f"In [{count}] ran before {subject} {verb} defined; top-down {comes} from {expected}"
    reached = _named(context, cells_of(finding.reached))
    if not finding.expected:
        return f"In [{count}] used {subject} from {reached}; top-down it is a builtin"
    expected = _named(context, cells_of(finding.expected))
    return f"In [{count}] used {subject} from {reached}; top-down {comes} from {expected}"


def _subject(group: list[OrderFinding]) -> tuple[str, str]:
    """Name what the cell of the first finding used, with the verb that goes with it."""
    first = group[0].use
    if not first.name.isidentifier():
        return f"the state of {first.name.strip('<>')}", "was"
    names = list(dict.fromkeys(each.use.name for each in group if each.use.cell == first.cell))
    return shortened(f"`{name}`" for name in names), "was" if len(names) == 1 else "were"


def _named(context: Context, cells: list[int], conjunction: str = "or") -> str:
    return listed([counted(context.notebook, index) for index in cells[:3]], conjunction)
