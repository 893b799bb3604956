"""NB701."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class InvalidStepTag(Rule):
    """A tag that should make a pipeline of the notebook is misspelt or makes no sense where it stands.

    ## What it does

    Reports, in a notebook with step tags (`step:load`), each tag of nbpipe's or Kale's that is misspelt
    (`steps:load`, `parameter`), lacks its value (`step:`), has an unknown or wrong option (`option:retries=many`),
    names no earlier step (`after:laod`), or contradicts another tag of its cell; with the nearest right one. A cell
    whose step began before another step did, and so does not stand with the other cells of its step, is a warning.

    Tags of other tools (Jupyter Book, nbgrader, papermill: `hide-input`, `raises-exception`, `remove-cell`...) and of
    one's own are left alone, and so are notebooks without a step tag.

    ## Why is this bad?

    A misspelt tag is a tag of somebody else's: the cell silently joins the step above it, or the settings are no
    parameters. `nbpipe convert` refuses such a notebook at the first wrong tag.

    ## Example

    ```python
    # %% tags=["step:load"]
    rows = [3, 1, 2]

    # %% tags=["steps:sort"]
    rows = sorted(rows)
    ```

    ## Use instead

    ```python
    # %% tags=["step:load"]
    rows = [3, 1, 2]

    # %% tags=["step:sort"]
    rows = sorted(rows)
    ```
    """

    code = "NB701"
    severity = Severity.ERROR
    python_only = False
    tagged = ("st", "ST", "St")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield all that is wrong with the tags, cell by cell."""
        from nbpipe.steps import has_steps, survey

        if not has_steps(context.notebook):
            return
        for problem in survey(context.notebook)[1]:
            severity = Severity.WARNING if problem.apart else None
            yield context.diagnostic(context.line(problem.cell), problem.message, severity=severity)
