"""NB809."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.filename import stem
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# What Jupyter, VS Code, Colab, Databricks and Kaggle call a new notebook; what they and systems call a copy.
NEW = pattern(r"untitled(?:[ _-]?notebook.*|[ _-]?\d*)|__notebook_source__|notebook[0-9a-f]{10}", re.IGNORECASE)
COPY = pattern(r"(?:.*[- ]copy\d*|copy of .*|.*[- ]copy \(?\d+\)?|.*\(\d+\))(?:[-_]checkpoint)?", re.IGNORECASE)


class DefaultFilename(Rule):
    """A notebook still has the name that a program gave it.

    ## What it does

    Reports a file called as Jupyter, VS Code, Colab, Databricks or Kaggle call a new notebook (`Untitled.ipynb`,
    `Untitled-1.ipynb`) or a copy (`churn-Copy1.ipynb`, `Copy of churn.ipynb`, `churn (1).ipynb`, `churn copy.ipynb`).

    ## Why is this bad?

    The name says nothing about what is inside, so nobody finds it again. Of a copy nobody can say which of the two is
    the one that counts.

    ## Example

    ```python path=Untitled3.ipynb
    # %%
    rows = [1, 2, 3]
    ```

    ## Use instead

    ```python path=count_rows.ipynb
    # %%
    rows = [1, 2, 3]
    ```
    """

    code = "NB809"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for a file with such a name."""
        name = stem(context.path)
        if NEW.fullmatch(name):
            yield context.diagnostic(None, f"the file has the name of a new notebook: '{name}' says nothing")
        elif COPY.fullmatch(name):
            yield context.diagnostic(None, f"the file has the name of a copy: '{name}'; which one counts?")
