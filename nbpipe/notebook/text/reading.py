"""From the content of a text file to a notebook, whichever format it is in."""

from __future__ import annotations

import re

from nbpipe.notebook.read import BOM, decoded
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nbpipe.notebook.text.blocks import TextNotebook

DATABRICKS = "# Databricks notebook source"
_MARKER = pattern(r"^# ?(%%(\s|$)|<codecell>|In\[[0-9 ]*\])|^#\s+jupytext:\s*$", re.MULTILINE)
_HEADER = pattern(r"\A\ufeff?---\r?\n(?:(?!---).*\n)*?\s*(?:jupytext|jupyter|kernelspec):", re.MULTILINE)
_FENCE = pattern(r"^\s*```+\s*\{(?:python|r)\b", re.MULTILINE | re.IGNORECASE)


def parse_text(data: bytes | str, path: str) -> TextNotebook:
    """Parse the content of a text notebook; its name says whether it is a script, Markdown or Quarto.

    Raises:
        NotebookError: it is not text, or cannot be read as a notebook.
        MissingExtraError: jupytext is needed and not installed.
    """
    text = data if isinstance(data, str) else decoded(data)
    if path.lower().endswith(".py") and text.removeprefix(BOM).startswith(DATABRICKS):
        from nbpipe.notebook.text.databricks import parse_databricks

        return parse_databricks(text, path)
    if path.lower().endswith(".qmd"):
        from nbpipe.notebook.text.quarto import parse_quarto

        return parse_quarto(text, path)
    from nbpipe.notebook.text.recorded import parse_with_jupytext

    return parse_with_jupytext(text, path)


def shows_notebook(text: str, path: str) -> bool:
    """Tell whether a script or Markdown file says of itself that it is a notebook: by a header or by cell markers."""
    if path.lower().endswith(".py"):
        return text.removeprefix(BOM).startswith(DATABRICKS) or _MARKER.search(text) is not None
    if path.lower().endswith((".rmd", ".qmd")):
        return _FENCE.search(text) is not None
    return _HEADER.search(text) is not None
