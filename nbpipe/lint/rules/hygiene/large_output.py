"""NB802."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell, Notebook

PICTURES = 2  # times the limit
UNITS = ((1_000_000, "MB"), (1_000, "kB"))
_WIDEST = 4  # bytes of a character in UTF-8


class LargeOutput(Rule):
    """A cell's stored outputs take much of the file.

    ## What it does

    Reports a code cell whose stored outputs take at least `large-output-bytes` bytes in the file (1,000,000 unless
    configured), and says how much they take and which kind of output most of it is. Where most of it is pictures,
    which are what the notebook is there to show, it speaks from twice that on.

    ## Why is this bad?

    Version control keeps every version of every output for ever, and cloning, diffs, reviews and opening the notebook
    become slow; beyond some size GitHub shows neither the notebook nor its diff. Most often it is one interactive plot
    that carries its data, an image in high resolution, or a loop that prints.

    ## Example

    This example needs `large-output-bytes = 100`.

    ```python large-output-bytes=100
    # %% In [1]
    print("loss " * 30)
    # Stream: loss loss loss loss loss loss loss loss loss loss loss loss loss loss loss loss loss loss loss loss
    ```

    ## Use instead

    Print less, save the plot to a file or in a smaller format, or clear the output before saving.

    ```python large-output-bytes=100
    # %% In [1]
    print("loss")
    # Stream: loss
    ```
    """

    code = "NB802"
    severity = Severity.WARNING
    python_only = False
    triggers = ('"outputs"',)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield each cell with outputs above the limit."""
        notebook, limit = context.notebook, context.settings.large_output_bytes
        for cell in _largest(notebook, limit):
            member = notebook.places.cells[cell.index].members["outputs"]
            size = _bytes(notebook.text[member.start : member.end])
            if size < limit:
                continue
            kind = _kind(cell)
            if size >= limit * (PICTURES if kind.startswith("image/") else 1):
                most = f", most of it {kind}" if kind else ""
                message = f"the stored outputs take {_shown(size)}{most}; the limit is {_shown(limit)}"
                yield context.diagnostic(context.line(cell.index), message)


def _largest(notebook: Notebook, limit: int) -> list[Cell]:
    """Give the cells whose outputs may take this much: the rest of the file's bytes cannot be theirs.

    To find out where each cell's outputs stand in the file takes longer than to check a notebook of usual size.
    """
    text = notebook.text
    if len(text) < limit and (len(text) * _WIDEST < limit or _bytes(text) < limit):
        return []
    least = {cell.index: _characters(cell.raw_outputs) for cell in notebook.cells if cell.raw_outputs}
    left = _bytes(text) - sum(least.values())
    return [cell for cell in notebook.cells if cell.index in least and left + least[cell.index] >= limit]


def _characters(value: Any) -> int:
    """Give how many characters the texts in a value have: it takes at least as many bytes as JSON."""
    found = 0
    pending = [value]
    while pending:
        part = pending.pop()
        if part.__class__ is str:
            found += len(part)
        elif part.__class__ is list:
            pending += part
        elif part.__class__ is dict:
            pending += part.values()
    return found


def _bytes(text: str) -> int:
    """Give how much a text takes in a file."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _kind(cell: Cell) -> str:
    """Say what most of the outputs is; "" where there are none to tell."""
    sizes: dict[str, int] = {}
    for output in cell.outputs:
        parts = output.get("data")
        if not isinstance(parts, dict):
            parts = {f"text to {output['name']}" if "name" in output else "a traceback": output}
        for kind, value in parts.items():
            sizes[kind] = sizes.get(kind, 0) + len(str(value))
    return max(sizes, key=lambda kind: sizes[kind], default="")


def _shown(size: int) -> str:
    """Give a number of bytes as people write it."""
    unit, name = next(((unit, name) for unit, name in UNITS if size >= unit), (1, "bytes"))
    return f"{size / unit:.3g} {name}" if size < 10 * unit and unit > 1 else f"{size // unit} {name}"
