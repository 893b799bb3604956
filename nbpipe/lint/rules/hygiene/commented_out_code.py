"""NB808."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from nbpipe.lint.comment_blocks import blocks, strings
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.reporting import plural
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# Says that the code below, or beside it, is there to be switched on.
OFFERED = pattern(
    r"un-?comment|comment (?:it |this |these |them )?out|optional|e\.g\.|for example|usage|alternative|like this"
    r"|\b(?:if )?you (?:can|could|may|might|want|need|prefer|would)\b|\bcan be\b|\benable\b|\bto use\b",
    re.IGNORECASE,
)
LINES_ABOVE = 2


class CommentedOutCode(Rule):
    """Code is commented out.

    ## What it does

    Reports comments, on lines of their own, of which at least half is Python code: statements, calls, whole blocks.
    Comments that stand together are one finding. A string that nothing uses is a comment, too.

    Silent about what merely parses ("import libraries", "batch size", `x.shape == (3, 4)`), about magics and shell
    commands (`# !pip install x` is how notebooks say what is needed), and about code that is offered on purpose: where
    the comment, or a line above it, says to uncomment it, or that it is optional or an example.

    ## Why is this bad?

    Nobody knows whether it still works, whether the stored outputs were made with it, or whether it may go. What was
    tried before is in version control; what can be chosen belongs in a parameter.

    ## Example

    ```python
    # %%
    import pandas as pd

    # %%
    # df = pd.read_csv("old.csv")
    df = pd.read_csv("new.csv")
    ```

    ## Use instead

    ```python
    # %%
    import pandas as pd

    # %%
    df = pd.read_csv("new.csv")
    ```
    """

    code = "NB808"
    severity = Severity.INFO
    default = False
    triggers = ("#", '"""', "'''")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each block of comments that is code."""
        for index, cell in context.analysis.codes.items():
            lines = context.notebook.cells[index].source.split("\n")
            for block in chain(blocks(cell), strings(cell)):
                found = block.code()
                if found is None:
                    continue
                said = [text for text in lines[max(block.start - LINES_ABOVE, 0) : block.start] if "#" in text]
                if OFFERED.search("\n".join([*said, *block.texts])):
                    continue
                start, end = found
                column = len(lines[start]) - len(lines[start].lstrip())
                place = Range(index, start, column, end, len(lines[end].rstrip()))
                count = end - start + 1
                message = f"{plural(count, 'line')} of code {'is' if count == 1 else 'are'} commented out"
                yield context.diagnostic(place, message)
