"""What only several notebooks together show: collected while they are checked, told when all have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.errors import NotebookError
from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult
from nbpipe.lint.failure import RuleFailure
from nbpipe.lint.registry import BY_CODE, load
from nbpipe.notebook.formats import read_any
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from nbpipe.lint.rule import Lines, RuleInfo
    from nbpipe.lint.selection import Selection
    from nbpipe.notebook.model import Notebook


def compared(results: Iterable[FileResult], selection: Selection, *, locate: bool) -> Iterator[FileResult]:
    """Yield the results as they come, and then what comparing their notebooks gave.

    Args:
        results: one a notebook, in the order of checking.
        selection: the rules.
        locate: whether the diagnostics shall carry their line in the file.
    """
    comparison = Comparison(selection, locate=locate)
    for result in results:
        comparison.add(result)
        yield result
    yield from comparison.results()


class Comparison:
    """Compares the notebooks of one run by the fragments that rules took from each.

    Args:
        read: gives the notebook at a path again, for reports show its cells.
    """

    def __init__(
        self,
        selection: Selection,
        *,
        locate: bool = False,
        read: Callable[[str], Notebook] = read_any,
    ) -> None:
        self._selection = selection
        self._locate = locate
        self._read = read
        self._fragments: dict[str, list[tuple[str, list[Any]]]] = {}

    def add(self, result: FileResult) -> None:
        """Take what one notebook is compared by; a result without it costs nothing."""
        for code, fragments in result.fragments.items():
            if fragments:
                self._fragments.setdefault(code, []).append((result.path, fragments))

    def results(self) -> Iterator[FileResult]:
        """Yield a further result for each notebook in which the comparison found something, in the order of adding."""
        found: dict[str, list[tuple[RuleInfo, Lines, str]]] = {}
        for code, notebooks in self._fragments.items():
            info = BY_CODE[code]
            try:
                for number, lines, message in load(info).compare(notebooks):
                    found.setdefault(notebooks[number][0], []).append((info, lines, message))
            except Exception as error:  # noqa: BLE001 - one rule's error must not cost the others' findings
                path = notebooks[0][0]
                yield FileResult(path, failures=(RuleFailure(f"{code} ({info.name})", path, error),), compared=True)
        for path, items in found.items():
            try:
                notebook = self._read(path)
            except NotebookError:  # it is no longer what was checked
                continue
            diagnostics = [
                self._diagnostic(notebook, path, *item) for item in items if item[1][0] < len(notebook.cells)
            ]
            cells = {cell.index: CellReference(cell) for cell in notebook.cells}
            result = FileResult(path, tuple(sorted(diagnostics, key=Diagnostic.key)), cells, compared=True)
            self._finish(notebook, result)
            yield result

    def _finish(self, notebook: Notebook, result: FileResult) -> None:
        from nbpipe.lint.details import add_lines  # only where something was found
        from nbpipe.lint.redaction import places_of, redact

        if self._locate:
            add_lines(notebook, result)
        redact(result, places_of(notebook))

    def _diagnostic(self, notebook: Notebook, path: str, info: RuleInfo, lines: Lines, message: str) -> Diagnostic:
        cell, first, last = lines
        text = notebook.cells[cell].source.split("\n")
        first, last = min(first, len(text) - 1), min(last, len(text) - 1)
        start = len(text[first]) - len(text[first].lstrip())
        where = Range(cell, first, start, last, len(text[last].rstrip()))
        level = self._selection.level(info)
        return Diagnostic(info.code, info.name, message, level, path=path, range=where)
