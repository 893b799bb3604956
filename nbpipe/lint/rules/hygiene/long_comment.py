"""NB814."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.comment_blocks import blocks, strings
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.code import CellCode
    from nbpipe.lint.comment_blocks import Block
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

WORD = pattern(r"[^\W\d_]{2}")
STRING = "the string, which nothing uses,"
# Licences have to stay where they are, and what is to be done belongs to the code that is not there yet.
KEPT = pattern(r"copyright|licen[sc]e|spdx|\btodo\b", re.IGNORECASE)


class LongComment(Rule):
    """A comment is so long that it wants to be a text cell.

    ## What it does

    Reports a comment, or a string that nothing uses, of more than `long-comment-lines` lines with words in them (10
    unless configured), at the top level of a code cell. Comments inside of functions and other blocks stay where they
    are needed; code that is commented out is commented-out-code's; licences, copyright notices and
    what is still to do are let be.

    ## Why is this bad?

    A text cell is shown as text, with headings, lists, formulas and links, and is found by whoever skims the notebook.
    In a code cell it is grey lines that hide the code, and a string as the last line of a cell even becomes its output.

    ## Example

    This example needs `long-comment-lines = 2`.

    ```python long-comment-lines=2
    # %%
    # Customers who left within a month are left out:
    # they never saw the second invoice,
    # so that nothing can be learnt from them.
    rows = [1, 2, 3]
    ```

    ## Use instead

    ```python long-comment-lines=2
    # %% [markdown]
    # Customers who left within a month are left out: they never saw the second invoice, so that nothing can be learnt
    # from them.
    # %%
    rows = [1, 2, 3]
    ```
    """

    code = "NB814"
    severity = Severity.INFO
    default = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each comment above the limit, in the order of the cell."""
        limit = context.settings.long_comment_lines
        for index, cell in context.analysis.codes.items():
            source = context.notebook.cells[index].source
            if source.count("\n") < limit:
                continue
            lines = source.split("\n")
            for block, what in (*_comments(cell), *((each, STRING) for each in strings(cell))):
                text = lines[block.start : block.end + 1]
                count = sum(1 for line in text if WORD.search(line))
                if count > limit and block.code() is None and not KEPT.search("\n".join(text)):
                    place = Range(index, block.start, 0, block.end, len(lines[block.end].rstrip()))
                    yield context.diagnostic(
                        place, f"{what} has {count} lines of text; the limit is {limit}: it wants to be a text cell"
                    )


def _comments(cell: CellCode) -> Iterator[tuple[Block, str]]:
    """Yield the comments at the top level."""
    return ((block, "the comment") for block in blocks(cell) if block.column == 0)
