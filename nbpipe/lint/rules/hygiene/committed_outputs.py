"""NB812."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.reporting import plural
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

KEEP = "keep_output"  # nbstripout's word, as a tag or in the metadata


class CommittedOutputs(Rule):
    """A cell is stored with its outputs.

    ## What it does

    Reports each code cell with stored outputs, for teams that keep notebooks without them in version control. Cells
    (or a notebook) that ask nbstripout to keep their outputs, by the tag or the metadata `keep_output`, are let be.

    ## Why is this bad?

    Outputs make every run a change, hide the changes that matter in review, grow the repository for ever, and may
    show data that should not leave the machine. This is a choice: outputs are also the record of what was found, which
    `nbpipe verify` compares with. So the rule is off unless selected.

    ## Example

    ```python
    # %% In [1]
    print("rows:", 3)
    # Stream: rows: 3
    ```

    ## Use instead

    ```python
    # %% In [1]
    print("rows:", 3)
    ```

    The fix clears the outputs of the cell, and nothing else.
    """

    code = "NB812"
    severity = Severity.INFO
    default = False
    python_only = False
    triggers = ('"output_type"',)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each cell with outputs that does not ask to keep them."""
        if context.notebook.metadata.get(KEEP):
            return
        for cell in context.notebook.cells:
            if cell.raw_outputs and not _keeps(cell):
                fix = Fix(
                    f"clear the outputs of {ordinal(cell.index)}",
                    (FieldEdit(cell.index, "outputs", []),),
                    Applicability.SAFE,
                )
                message = f"{ordinal(cell.index)} is stored with {plural(len(cell.raw_outputs), 'output')}"
                yield context.diagnostic(context.line(cell.index), message, fix=fix)


def _keeps(cell: Cell) -> bool:
    return KEEP in cell.tags or bool(cell.metadata.get(KEEP))
