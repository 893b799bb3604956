"""NB806."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

# `# Title`, `Title` over `====` or `----`, `<h1>`; `title:` in front matter; Colab's form title.
HEADING = pattern(
    r"^ {0,3}#{1,6}[ \t]*\S|^.*\S.*\n {0,3}(?:=+|-{2,})[ \t]*$|<h[1-6][\s>]", re.MULTILINE | re.IGNORECASE
)
FRONT_MATTER = pattern(r"\A\s*---\s.*^title\s*:", re.MULTILINE | re.DOTALL)
FORM_TITLE = pattern(r"^#\s*@(?:title|markdown\s+#)", re.MULTILINE)


SETUP = 1  # cells with code that may come before the title


class MissingTitle(Rule):
    """A notebook does not begin with a title.

    ## What it does

    Reports, once, a notebook with code in which no heading stands above the code; one cell that sets things up and
    cells with comments only, such as a licence, may come first. A heading is a line of Markdown that begins with `#` or
    is underlined, or `<h1>` to `<h6>`. A title may also stand in the metadata (`title`), in front matter, or in Colab's
    `#@title`.

    ## Why is this bad?

    A list of notebooks is a list of file names. Whoever opens one should see in its first line what it is about
    without reading the code; GitHub, nbviewer, Jupyter Book and JupyterLab's table of contents all show that heading.

    ## Example

    ```python
    # %%
    import csv

    # %%
    rows = [1, 2, 3]
    ```

    ## Use instead

    ```python
    # %% [markdown]
    # # How many rows there are
    # %%
    import csv

    # %%
    rows = [1, 2, 3]
    ```
    """

    code = "NB806"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for a notebook without a title."""
        notebook = context.notebook
        cells = [cell for cell in notebook.cells if cell.source.strip()]
        code = [number for number, cell in enumerate(cells) if _has_code(cell)]
        beginning = cells[: code[SETUP] + 1] if len(code) > SETUP else cells
        if not code or notebook.metadata.get("title") or any(map(_is_title, beginning)):
            return
        yield context.diagnostic(None, "the notebook does not begin with a title")


def _has_code(cell: Cell) -> bool:
    """Tell whether a cell holds code, not only comments such as a licence."""
    return cell.cell_type == "code" and any(
        line.strip() and not line.lstrip().startswith(("#", "//")) for line in cell.source.split("\n")
    )


def _is_title(cell: Cell) -> bool:
    """Tell whether a cell has a heading in it."""
    if cell.cell_type == "code":
        return FORM_TITLE.search(cell.source) is not None
    if FRONT_MATTER.search(cell.source):
        return True
    return cell.cell_type == "markdown" and HEADING.search(cell.source) is not None
