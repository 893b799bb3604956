"""The implementations that are the measure of ours, untyped as they are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

nbformat: Any = import_module("nbformat")
transformers: Any = import_module("IPython.core.inputtransformer2")
shells: Any = import_module("IPython.core.interactiveshell")


def written(*cells: Any, minor: int = 5) -> str:
    """Give the text of the file that nbformat writes for cells."""
    notebook = nbformat.from_dict(nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells]))
    notebook.nbformat_minor = minor
    if minor < 5:
        for cell in notebook.cells:
            del cell["id"]
    return str(nbformat.writes(notebook))
