"""L1: the notebook document: model, reading, writing, IPython syntax, positions."""

from nbpipe.notebook.model import Cell, Notebook, Range
from nbpipe.notebook.read import parse_notebook, read_notebook

__all__ = ["Cell", "Notebook", "Range", "parse_notebook", "read_notebook"]
