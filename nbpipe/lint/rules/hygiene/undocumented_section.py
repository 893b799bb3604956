"""NB807."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell


SUPPRESSION = "# nbpipe: ignore"  # silencing something explains nothing


class UndocumentedSection(Rule):
    """Many code cells follow each other without a word of text.

    ## What it does

    Reports the first of more than `undocumented-cells` code cells in a row (10 unless configured) without a Markdown
    or raw cell between them, and says which share of the notebook's cells is text. Empty cells do not count. Code
    whose lines are for the most part comments counts as text.

    ## Why is this bad?

    The code says what is done; why, and what was found, only text can say. Without headings there is nothing to
    navigate by, and no place where a reader, or the tool that turns the notebook into steps, sees that one thing
    ends and another begins.

    ## Example

    This example needs `undocumented-cells = 2`.

    ```python undocumented-cells=2
    # %%
    rows = [1, 2, 3]
    # %%
    total = sum(rows)
    # %%
    print(total)
    ```

    ## Use instead

    ```python undocumented-cells=2
    # %% [markdown]
    # ## The rows
    # %%
    rows = [1, 2, 3]
    # %% [markdown]
    # ## Their sum
    # %%
    total = sum(rows)
    # %%
    print(total)
    ```
    """

    code = "NB807"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each run of code above the limit."""
        limit = context.settings.undocumented_cells
        cells = [cell for cell in context.notebook.cells if cell.source.strip()]
        text = sum(1 for cell in cells if cell.cell_type != "code")
        for run in _runs(cells):
            if len(run) > limit:
                yield context.diagnostic(
                    context.line(run[0].index),
                    f"{len(run)} code cells in a row, to {ordinal(run[-1].index)}, have no text between them; "
                    f"the limit is {limit} (text is {round(100 * text / len(cells))} % of the notebook's cells)",
                )


def _runs(cells: list[Cell]) -> Iterator[list[Cell]]:
    """Yield the longest stretches of cells without text."""
    run: list[Cell] = []
    for cell in cells:
        if cell.cell_type == "code" and not _is_commented(cell):
            run.append(cell)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _is_commented(cell: Cell) -> bool:
    """Tell whether more than half of a cell's lines are comments."""
    if "#" not in cell.source:
        return False
    lines = [line.strip() for line in cell.source.split("\n") if line.strip() and SUPPRESSION not in line]
    return 2 * sum(line.startswith("#") for line in lines) > len(lines)
