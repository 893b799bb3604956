"""NB004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

CURRENT = 4


class MissingKernelspec(Rule):
    """A notebook does not say which kernel runs it.

    ## What it does

    Reports, once, a notebook with code whose metadata names no kernel (`metadata.kernelspec.name`). The message says
    how nbpipe reads it: in the language that `metadata.language_info` names, else as Python.

    Silent for notebooks without code, and for formats before nbformat 4, which had no place for it
    (see outdated-nbformat).

    ## Why is this bad?

    Jupyter asks whoever opens the notebook for a kernel. papermill refuses to run it ("No kernel name found"), and
    nbconvert takes its own default. What the cells mean is anyone's guess.

    ## Example

    ```json
    {
     "cells": [
      {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["x = 1"]}
     ],
     "metadata": {},
     "nbformat": 4, "nbformat_minor": 4
    }
    ```

    ## Use instead

    Save it once from Jupyter with the kernel chosen, which writes:

    ```json
    {
     "cells": [
      {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["x = 1"]}
     ],
     "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
     "nbformat": 4, "nbformat_minor": 4
    }
    ```
    """

    code = "NB004"
    severity = Severity.INFO
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for a notebook that names no kernel."""
        notebook = context.notebook
        kernel = notebook.metadata.get("kernelspec")
        name = kernel.get("name") if isinstance(kernel, dict) else None
        if (isinstance(name, str) and name.strip()) or notebook.nbformat < CURRENT or notebook.is_text:
            return
        if not any(cell.cell_type == "code" and cell.source.strip() for cell in notebook.cells):
            return
        info = notebook.metadata.get("language_info")
        said = isinstance(info, dict) and bool(info.get("name"))
        known = f"but only its language ({notebook.language})" if said else "nor its language: it is read as Python"
        yield context.diagnostic(
            None, f"the notebook does not name its kernel, {known}; papermill cannot run it as it is"
        )
