"""NB108."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Related, Severity
from nbpipe.lint.naming import counted
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell, Notebook

# As nbformat 4 and older formats call it.
_COUNTS = ("execution_count", "prompt_number")


class NonLinearExecution(Rule):
    """The execution counts do not ascend.

    ## What it does

    Reports the first cell whose stored count is lower than that of a cell above it, and says of how many that is true.
    It looks at the counts alone, in notebooks of any language, whether or not the order makes a difference; that is
    what `out-of-order-execution` asks. The same count twice, where the kernel was started again, is `mixed-sessions`.

    ## Why is this bad?

    The cells were run in another order than they stand in. Most often that changes nothing, which is why the rule is
    off until it is selected: a team that keeps its notebooks as Restart & Run All leaves them may want it.

    ## Example

    ```python
    # %% In [2]
    width = 2

    # %% In [1]
    height = 3
    ```

    ## Use instead

    ```python
    # %% In [1]
    width = 2

    # %% In [2]
    height = 3
    ```

    ## Fix safety

    The fix takes all execution counts out of the notebook and its outputs. It is unsafe because it removes the only
    record of the order in which the cells were run; better is to run the notebook again.
    """

    code = "NB108"
    severity = Severity.WARNING
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield at most one finding."""
        run = [context.notebook.cells[index] for index in sorted(context.analysis.session.counts)]
        first: tuple[Cell, Cell] | None = None
        highest: Cell | None = None
        late = 0
        sessions = context.analysis.session.numbers
        for cell in run:
            if highest is None or sessions[cell.index] != sessions[highest.index]:
                highest = cell  # the kernel was started again, and counts from 1
            elif _count(cell) < _count(highest):
                late += 1
                first = first or (cell, highest)
            else:
                highest = cell
        if first is None:
            return
        cell, above = first
        more = f"; so it is with {late - 1} more" if late > 1 else ""
        yield context.diagnostic(
            context.line(cell.index),
            f"In [{cell.execution_count}] stands below {counted(context.notebook, above.index)}: the cells were run in "
            f"another order than they stand in{more}",
            related=(Related(context.line(above.index), "this cell was run later"),),
            fix=Fix("Take the execution counts out", _cleared(context.notebook), Applicability.UNSAFE),
        )


def _count(cell: Cell) -> int:
    return cell.execution_count or 0


def _cleared(notebook: Notebook) -> tuple[FieldEdit, ...]:
    """Give the edits that take all counts out, of cells and of their outputs."""
    edits: list[FieldEdit] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            edits.append(FieldEdit(cell.index, "execution_count", None))
        if any(map(_has_count, cell.raw_outputs)):
            edits.append(FieldEdit(cell.index, "outputs", [_uncounted(output) for output in cell.raw_outputs]))
    return tuple(edits)


def _has_count(output: Any) -> bool:
    return isinstance(output, dict) and any(output.get(name) is not None for name in _COUNTS)


def _uncounted(output: Mapping[str, Any]) -> Mapping[str, Any]:
    return (
        {name: None if name in _COUNTS else value for name, value in output.items()} if _has_count(output) else output
    )
