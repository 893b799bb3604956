"""NB003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Fix, FormatEdit, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

CURRENT = 4


class OutdatedNbformat(Rule):
    """A notebook is stored in a format that Jupyter gave up in 2015.

    ## What it does

    Reports a file in nbformat 1, 2 or 3. nbpipe reads such files as if they had been converted, so all other rules
    hold for them as well. Older minor versions of nbformat 4 are fine.

    ## Why is this bad?

    Jupyter converts such a file each time it opens it, and writes another file than it read when it saves. Tags,
    attachments and cell ids have no place in the old format, the name of the kernel hardly any; GitHub and many tools
    do not show it, or read it wrongly.

    ## Example

    ```json
    {
     "metadata": {"name": "churn"}, "nbformat": 3, "nbformat_minor": 0,
     "worksheets": [
      {"metadata": {}, "cells": [
       {"cell_type": "code", "language": "python", "metadata": {}, "collapsed": false, "prompt_number": 1,
        "input": ["1 + 1"], "outputs": [{"output_type": "pyout", "prompt_number": 1, "text": ["2"], "metadata": {}}]}
      ]}
     ]
    }
    ```

    ## Use instead

    ```json
    {
     "cells": [
      {"cell_type": "code", "execution_count": 1, "id": "4c4f2b9e", "metadata": {"collapsed": false}, "outputs": [
        {"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": ["2"]}, "metadata": {}}
       ], "source": ["1 + 1"]}
     ],
     "metadata": {}, "nbformat": 4, "nbformat_minor": 5
    }
    ```

    ## Fix safety

    The fix rewrites the whole file as nbformat itself converts it (which must be installed: the extra `run`), in the
    layout that Jupyter writes. Cells, outputs and counts stay what they are; several worksheets become one list, and
    the version of the old format is forgotten. As every line of the file changes, it is made only when asked for.
    """

    code = "NB003"
    severity = Severity.WARNING
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for an old file."""
        notebook = context.notebook
        if notebook.nbformat >= CURRENT:
            return
        yield context.diagnostic(
            None,
            f"the file is in nbformat {notebook.nbformat}, which Jupyter replaced by {CURRENT} in 2015: convert it",
            fix=Fix(f"rewrite the file in nbformat {CURRENT}", (FormatEdit(CURRENT),), Applicability.UNSAFE),
        )
