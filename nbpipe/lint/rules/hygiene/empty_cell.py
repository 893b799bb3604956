"""NB801."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, CellEdit, Fix, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule
from nbpipe.lint.suppression import TAG
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

CURRENT = 4  # nbformat: cells of older ones cannot be taken out

# Metadata that says nothing about what the cell is for: how it was shown, when it ran, who made it.
INCIDENTAL = {
    "ExecuteTime", "azdata_cell_guid", "collapsed", "colab", "colab_type", "execution", "executionInfo", "hidden",
    "id", "jupyter", "outputId", "papermill", "pycharm", "scrolled", "trusted", "vscode",
}  # fmt: skip

# Text before an empty cell that leaves room for an answer.
INVITES = pattern(
    r"\b(?:exercises?|tasks?|questions?|your|try|quiz|problem|challenge|practice|todo|fill|insert|to update"
    r"|add code)\b|\?",
    re.IGNORECASE,
)


class EmptyCell(Rule):
    """A cell has nothing in it.

    ## What it does

    Reports a cell that holds nothing but white space. Silent where an empty cell is meant or normal: the last cell of
    the notebook (Jupyter adds one below the cell that ran last), a cell with tags, attachments or other metadata of
    somebody's own (a slide, an nbgrader answer, an injected parameter), and a code cell below text that asks for an
    answer (an exercise, a question).

    ## Why is this bad?

    It is a leftover: readers stop and wonder whether something is missing, and it is one more cell in every count,
    diff and slide show.

    ## Example

    ```python
    # %%
    rows = [1, 2]
    # %%

    # %%
    total = sum(rows)
    # %%
    print(total)
    ```

    ## Use instead

    ```python
    # %%
    rows = [1, 2]
    # %%
    total = sum(rows)
    # %%
    print(total)
    ```

    The fix deletes the cell. Where a stored output is left in it, of code that is gone, the fix is not safe.
    """

    code = "NB801"
    severity = Severity.INFO
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each empty cell that is neither the last one nor meant to be there."""
        cells = context.notebook.cells
        for cell in cells[:-1]:
            if cell.source.strip() or _has_a_purpose(cell):
                continue
            if cell.cell_type == "code" and _is_for_an_answer(cells[: cell.index]):
                continue
            kept = " but for a stored output, whose code is gone" if cell.raw_outputs else ""
            fix = Fix(
                f"delete {ordinal(cell.index)}",
                (CellEdit("delete-cell", cell=cell.index),),
                Applicability.UNSAFE if cell.raw_outputs else Applicability.SAFE,
            )
            yield context.diagnostic(
                context.line(cell.index),
                f"{ordinal(cell.index)} is empty{kept}",
                fix=fix if context.notebook.nbformat >= CURRENT else None,
            )


def _has_a_purpose(cell: Cell) -> bool:
    """Tell whether the metadata says what the cell is for; that it shall not be reported is no purpose."""
    if any(not tag.startswith(TAG) for tag in cell.tags):
        return True
    return not INCIDENTAL.union({"tags"}).issuperset(cell.metadata)


def _is_for_an_answer(before: tuple[Cell, ...]) -> bool:
    """Tell whether the text above, across other empty cells, asks the reader to write something."""
    above = next((cell for cell in reversed(before) if cell.source.strip()), None)
    return above is not None and above.cell_type == "markdown" and INVITES.search(above.source) is not None
