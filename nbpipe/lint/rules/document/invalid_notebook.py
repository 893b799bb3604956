"""NB001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class InvalidNotebook(Rule):
    """A file cannot be read as a notebook.

    ## What it does

    Reports, once, each file that is not a notebook that Jupyter could open: empty, cut off, not JSON, not UTF-8,
    JSON of another shape, or not readable at all. The message says what is wrong and, where it is known, in which
    line of the file. The other files are checked all the same.

    ## Why is this bad?

    Nothing can be said about such a file, and nothing can run it. Most often it is the rest of a merge conflict, of
    a download that was cut off, or of a disk that was full.

    ## Example

    ```json
    {
     "cells": [
    <<<<<<< HEAD
      {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": 1}
    ```

    ## Use instead

    ```json
    {
     "cells": [
      {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": 1}
     ],
     "metadata": {}, "nbformat": 4, "nbformat_minor": 4
    }
    ```
    """

    code = "NB001"
    severity = Severity.ERROR
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:  # noqa: ARG002 - the signature of rules
        """Find nothing: the engine reports what cannot be read, and does not ask about what could be."""
        yield from ()
