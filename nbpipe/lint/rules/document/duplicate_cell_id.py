"""NB005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Related, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class DuplicateCellId(Rule):
    """Two cells have the same id.

    ## What it does

    Reports each cell whose id (nbformat 4.5) an earlier cell has already, and names that cell.

    ## Why is this bad?

    The id is how tools tell cells apart: merging and real-time collaboration, comments and links to a cell, results
    kept by cell. With two of them, the wrong cell is merged, shown or overwritten. nbformat says that such a file is
    invalid, and some programs quietly give the cells new ids at each save. It comes about by copying cells in the
    file's text, by scripts, and by merges.

    ## Example

    ```python
    # %% id="load"
    rows = [1, 2]
    # %% id="load"
    total = sum(rows)
    ```

    ## Use instead

    ```python
    # %% id="load"
    rows = [1, 2]
    # %% id="add"
    total = sum(rows)
    ```

    The fix gives the later cells new ids, made from their sources: it writes the same ids each time.
    """

    code = "NB005"
    severity = Severity.WARNING
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each cell with an id that was there before."""
        cells = context.notebook.cells
        ids = [cell.id for cell in cells if cell.id is not None]
        taken: set[str | None] = set(ids)
        if len(taken) == len(ids):
            return
        from nbpipe.notebook.cell_id import new_cell_id

        first: dict[str, int] = {}
        for cell in cells:
            if cell.id is None:
                continue
            owner = first.setdefault(cell.id, cell.index)
            if owner == cell.index:
                continue
            new = new_cell_id(cell.source, taken)
            taken.add(new)
            yield context.diagnostic(
                context.line(cell.index),
                f"{ordinal(cell.index)} has the same id as {ordinal(owner)}: '{cell.id}'",
                related=(Related(context.line(owner), "has that id first"),),
                fix=Fix(
                    f"give {ordinal(cell.index)} the id '{new}'",
                    (FieldEdit(cell.index, "id", new),),
                    Applicability.SAFE,
                ),
            )
