"""NB803."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.reporting import plural
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell, Notebook

CURRENT = 4  # nbformat: in older ones `collapsed` belongs to the format

# Metadata of cells that changes with every run or click, in words: when it ran (and, from Colab, who ran it), and how
# far the notebook was folded when it was saved.
CELL_NOISE = {
    "ExecuteTime": "execution times",
    "execution": "execution times",
    "executionInfo": "execution times and the user's account",
    "collapsed": "folded outputs",
    "scrolled": "scrolled outputs",
    "heading_collapsed": "folded headings",
    "hidden": "folded headings",
    "jp-MarkdownHeadingCollapsed": "folded headings",
}
WIDGETS = "widgets"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class NoisyMetadata(Rule):
    """The metadata records how the notebook was last run and looked at.

    ## What it does

    Reports, once for a notebook, metadata of cells that changes with every run or click and says nothing about the
    notebook's content: execution times (`execution`, `ExecuteTime`, Colab's `executionInfo`), and what was folded
    (`collapsed`, `scrolled`, `heading_collapsed`, `hidden`). Reports, apart from it, the saved state of widgets
    (`metadata.widgets`), which is often the largest part of a file.

    Tags, slides, `jupyter.source_hidden` and all that people write on purpose is left alone.

    ## Why is this bad?

    Every run changes the file, whether the work changed or not: reviews are full of it, and two branches conflict in
    it. Colab's `executionInfo` holds the name and the account of the last person who ran the cell.

    ## Example

    ```python
    # %% In [1] collapsed=true execution={"iopub.execute_input": "2024-05-02T10:00:00Z"}
    total = sum([1, 2])
    ```

    ## Use instead

    ```python
    # %% In [1]
    total = sum([1, 2])
    ```

    ## Fix safety

    The fix removes these members of the metadata and no others; an output that was folded is shown again. Widget
    state is safe to remove where no output shows a widget. Where one does, viewers that do not run the notebook can no
    longer draw it, so there the fix is made only when asked for.
    """

    code = "NB803"
    severity = Severity.INFO
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield a finding for the cells, and one for the widgets."""
        notebook = context.notebook
        if notebook.nbformat < CURRENT:
            return
        noisy = [(cell, names) for cell in notebook.cells if (names := CELL_NOISE.keys() & cell.metadata.keys())]
        if noisy:
            words = dict.fromkeys(word for key, word in CELL_NOISE.items() if any(key in names for _, names in noisy))
            message = f"the metadata of {plural(len(noisy), 'cell')} records {listed(words, 'and')}"
            edits = tuple(FieldEdit(cell.index, "metadata", _without(cell, names)) for cell, names in noisy)
            fix = Fix("remove what each run or click changes from the metadata", edits, Applicability.SAFE)
            yield context.diagnostic(None, message, fix=fix)
        if notebook.metadata.get(WIDGETS):
            yield _widgets(context, notebook)


def _without(cell: Cell, names: set[str]) -> dict[str, Any]:
    return {key: value for key, value in cell.metadata.items() if key not in names}


def _widgets(context: Context, notebook: Notebook) -> Diagnostic:
    """Give the finding for the state of widgets."""
    shown = any(WIDGET_VIEW in (output.get("data") or ()) for cell in notebook.cells for output in cell.outputs)
    rest = {key: value for key, value in notebook.metadata.items() if key != WIDGETS}
    return context.diagnostic(
        None,
        "the metadata holds the state of widgets as it was when the notebook was saved"
        + ("" if shown else ", and no output shows one"),
        fix=Fix(
            "remove the state of widgets",
            (FieldEdit(None, "metadata", rest),),
            Applicability.UNSAFE if shown else Applicability.SAFE,
        ),
    )
