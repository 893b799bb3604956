"""NB803."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.reporting import plural
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell, Notebook

CURRENT = 4  # nbformat: in older ones `collapsed` belongs to the format

TIMES = {
    "ExecuteTime": ("execution times",),
    "execution": ("execution times",),
    "executionInfo": ("execution times", "the user's account"),
}
# How far the notebook was folded when it was saved; of outputs, only where there are none any more.
OUTPUTS = ("collapsed", "scrolled")
HEADINGS = ("heading_collapsed", "hidden", "jp-MarkdownHeadingCollapsed")
MANY_FOLDS = 5  # a leftover or two by themselves are nothing to speak of
FEWEST_MODELS = 3  # one widget: itself, its layout and its style
WIDGETS = "widgets"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
# What a progress bar is made of, by the beginnings of the models' names.
BARS = (
    "FloatProgress",
    "IntProgress",
    "HTML",
    "Label",
    "HBox",
    "VBox",
    "Box",
    "Layout",
    "ProgressStyle",
    "Description",
)


class NoisyMetadata(Rule):
    """The metadata records how the notebook was last run and looked at.

    ## What it does

    Reports, once for a notebook, metadata of cells that changes with every run or click and says nothing about the
    notebook's content: execution times (`execution`, `ExecuteTime`, Colab's `executionInfo`), and, beside those or in
    five cells at least, folded headings (`heading_collapsed`, `hidden`) and the folding of outputs that are not there
    any more (`collapsed`, `scrolled`).
    Reports, apart from it, the saved state of widgets (`metadata.widgets`), which is often the largest part of a file,
    where no output shows a widget, or the widgets are the progress bars of a run that is over.

    Tags, slides, `jupyter.source_hidden` and all that people write on purpose is left alone, and so are flags that say
    that nothing is folded, the folding of outputs that are there, which is how the author shows them, and the state of
    widgets that viewers draw.

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

    The fix removes these members of the metadata and no others. Widget state is safe to remove where no output shows a
    widget. Without that of progress bars, viewers that do not run the notebook show their text only: there the fix is
    made only when asked for.
    """

    code = "NB803"
    severity = Severity.INFO
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield a finding for the cells, and one for the widgets."""
        notebook = context.notebook
        if notebook.nbformat < CURRENT:
            return
        noisy = [(cell, names) for cell in notebook.cells if cell.metadata and (names := _noise(cell))]
        timed = any(not TIMES.keys().isdisjoint(names) for _, names in noisy)
        if timed or len(noisy) >= MANY_FOLDS:
            words = dict.fromkeys(word for _, names in noisy for words in names.values() for word in words)
            message = f"the metadata of {plural(len(noisy), 'cell')} records {listed(sorted(words), 'and')}"
            edits = tuple(FieldEdit(cell.index, "metadata", _without(cell, names)) for cell, names in noisy)
            fix = Fix("remove what each run or click changes from the metadata", edits, Applicability.SAFE)
            yield context.diagnostic(None, message, fix=fix)
        if notebook.metadata.get(WIDGETS):
            yield from _widgets(context, notebook)


def _noise(cell: Cell) -> dict[str, tuple[str, ...]]:
    """Give the members of a cell's metadata that only record how it was run and looked at, and what each records."""
    metadata = cell.metadata
    found = {key: words for key, words in TIMES.items() if metadata.get(key)}
    if not cell.raw_outputs:
        found |= {key: ("folds of outputs that are not there",) for key in OUTPUTS if metadata.get(key) is True}
    return found | {key: ("folded headings",) for key in HEADINGS if metadata.get(key) is True}


def _without(cell: Cell, names: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in cell.metadata.items() if key not in names}


def _widgets(context: Context, notebook: Notebook) -> Iterator[Diagnostic]:
    """Yield the finding for the state of widgets, where it is of no use to somebody who looks at the notebook."""
    models = _models(notebook.metadata[WIDGETS])
    if len(models) < FEWEST_MODELS:
        return
    shown = any(WIDGET_VIEW in (output.get("data") or ()) for cell in notebook.cells for output in cell.outputs)
    if shown and not (all(name.startswith(BARS) for name in models) and any("Progress" in name for name in models)):
        return
    why = ", all parts of progress bars" if shown else ", and no output shows one"
    rest = {key: value for key, value in notebook.metadata.items() if key != WIDGETS}
    yield context.diagnostic(
        None,
        f"the metadata holds the state of {plural(len(models), 'widget model')} from when the notebook was saved{why}",
        fix=Fix(
            "remove the state of widgets",
            (FieldEdit(None, "metadata", rest),),
            Applicability.UNSAFE if shown else Applicability.SAFE,
        ),
    )


def _models(widgets: Any) -> list[str]:
    """Give the names of the models of the widgets whose state is kept: `FloatProgressModel`, `LayoutModel`..."""
    if not isinstance(widgets, dict):
        return []
    kept = widgets.get(WIDGET_STATE, widgets)
    state = kept.get("state") if isinstance(kept, dict) else None
    if not isinstance(state, dict):
        return []
    return [str(model.get("model_name", "")) if isinstance(model, dict) else "" for model in state.values()]
