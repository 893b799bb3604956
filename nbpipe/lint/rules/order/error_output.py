"""NB115."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.intended_error import intended_errors
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

COLOURS = r"\x1b\[[0-9;]*[A-Za-z]"
# IPython points at the line of each frame; the frame of the cell itself is named after the input.
CELL_FRAME = r"(?:Cell In ?\[\d+\]|<ipython-input-[^>]*>|Input In \[\d+\])"
ARROW = r"(?m)^-+> ?(\d+) (.*)$"
LONGEST = 200


class ErrorOutput(Rule):
    """A cell's stored output is a traceback.

    ## What it does

    Reports a code cell whose outputs hold an error, with the exception's name and message, at the line that raised
    it where the traceback tells and the line is still there.

    Silent for cells tagged `raises-exception`, which are meant to fail, and for nbgrader cells, whose answers are
    still to be written. Silent, too, where the notebook shows the error on purpose: the text next to a short cell
    speaks of an error or says what does not work, the next cell is the same put right, or the cell only asks for a
    value and the run went on after it. Such cells want the tag all the same: without it, running them all stops there.

    ## Why is this bad?

    The notebook was saved in a state where it did not work. Restart & Run All stops at this cell, unless the error
    has been repaired since without running the cell again; then the stored outputs do not belong to the code.

    ## Example

    ```python
    # %% In [1]
    ratio = 1 / 0
    # Error: ZeroDivisionError: division by zero
    ```

    ## Use instead

    ```python
    # %% In [1] tags=["raises-exception"]
    ratio = 1 / 0
    # Error: ZeroDivisionError: division by zero
    ```

    ```python
    # %% In [2]
    ratio = 1 / 2
    ```
    """

    code = "NB115"
    severity = Severity.WARNING
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first stored error of each cell."""
        failed = [
            cell
            for cell in context.notebook.cells
            if cell.cell_type == "code"
            and cell.has_error
            and "raises-exception" not in cell.tags
            and "nbgrader" not in cell.metadata
        ]
        meant = intended_errors(context.notebook.cells) if failed else frozenset()
        for cell in failed:
            if cell.index in meant:
                continue
            error = next((output for output in cell.outputs if output.get("output_type") == "error"), None)
            if error is not None:
                yield context.diagnostic(_where(cell, error), f"the stored output is an error: {_summary(error)}")


def _summary(error: Mapping[str, Any]) -> str:
    """Give the exception's name and the first line of its message."""
    name = str(error.get("ename") or "unknown exception")
    value = re.sub(COLOURS, "", str(error.get("evalue") or "")).strip().partition("\n")[0].strip()
    if len(value) > LONGEST:
        value = value[: LONGEST - 1] + "\u2026"
    return f"{name}: {value}" if value else name


def _where(cell: Cell, error: Mapping[str, Any]) -> Range:
    """Give the line that raised; the first one with code where that is not known."""
    lines = cell.source.split("\n")
    line = _raising_line(lines, error.get("traceback"))
    if line is None:
        line = next((number for number, text in enumerate(lines) if text.strip() and not text.startswith("#")), 0)
    text = lines[line]
    return Range(cell.index, line, len(text) - len(text.lstrip()), line, len(text.rstrip()))


def _raising_line(lines: list[str], traceback: object) -> int | None:
    if not isinstance(traceback, list):
        return None
    for frame in map(str, traceback):
        plain = re.sub(COLOURS, "", frame)
        arrow = re.search(ARROW, plain)
        if arrow is not None and re.search(CELL_FRAME, plain):
            line = int(arrow[1]) - 1
            if line < len(lines) and lines[line].strip() == arrow[2].strip():
                return line
    return None
