"""Notebooks of a page or fixture that are checked together, as files of one folder would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.comparison import Comparison
from nbpipe.lint.diagnostic import FileResult
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from nbpipe.notebook.read import parse_notebook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.config import Settings


def check_together(files: Mapping[str, bytes], settings: Settings) -> FileResult:
    """Check notebooks given as the bytes of their files, and give what is found in the first."""
    selection = Selection(settings)
    linter = Linter(settings, selection, locate=True, across=True)
    comparison = Comparison(selection, locate=True, read=lambda path: parse_notebook(files[path], path))
    results = [linter.check_source(data, path) for path, data in files.items()]
    for result in results:
        comparison.add(result)
    results += comparison.results()
    first = results[0]
    found = [item for result in results for item in result.diagnostics if item.path == first.path]
    cells = next((result.cells for result in results if result.cells and result.path == first.path), first.cells)
    return FileResult(first.path, tuple(found), cells, tuple(each for result in results for each in result.failures))
