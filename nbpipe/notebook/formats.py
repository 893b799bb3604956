"""Which format a file is in: a notebook proper (.ipynb), or one kept as text (scripts, Markdown)."""

from __future__ import annotations

import os

from nbpipe.notebook.read import parse_notebook, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nbpipe.notebook.model import Notebook

TEXT_SUFFIXES = (".py", ".md", ".markdown", ".rmd", ".qmd")


def is_text_name(path: str) -> bool:
    """Tell by its name whether a file holds a notebook as text, if it holds one."""
    return path.lower().endswith(TEXT_SUFFIXES)


def read_any(path: str | os.PathLike[str]) -> Notebook:
    """Read a notebook file of any format.

    Raises:
        NotebookError: it cannot be opened or is not a notebook; the message does not repeat the path.
        MissingExtraError: it is a text notebook and jupytext is not installed.
    """
    return parse_any(read_bytes(path), os.fspath(path))


def parse_any(data: bytes | str, path: str = "") -> Notebook:
    """Parse the content of a notebook file of the format that the name says; raises as `read_any`."""
    if is_text_name(path):
        from nbpipe.notebook.text.reading import parse_text

        return parse_text(data, path)
    return parse_notebook(data, path)
