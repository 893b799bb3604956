"""What a notebook says must not be reported: comments on lines and cells, tags, and its metadata.

====================================================  =====================================================
``x = y  # nbpipe: ignore[undefined-name] reason``    these rules on this line; without brackets, all rules
``# nbpipe: ignore[undefined-name]``                  alone on a line: on the next line
``x = y  # noqa: NB102``                              these rules on this line
``# nbpipe: ignore-cell[undefined-name]``             on the first line of a cell: in this cell
tag ``nbpipe-ignore`` or ``nbpipe-ignore:NB105``      in this cell
notebook metadata ``{"nbpipe": {"ignore": [...]}}``   in this notebook
====================================================  =====================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.selection import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.lint.rule import RuleInfo
    from nbpipe.notebook.model import Cell, Notebook

TAG = "nbpipe-ignore"
WHOLE_CELL = -1


class Suppressions:
    """All that one notebook says must not be reported."""

    __slots__ = ("_by_cell", "_code", "_notebook", "_whole")

    def __init__(self, notebook: Notebook, code: Callable[[Cell], str]) -> None:
        """Read the notebook's own list; cells are read when something is found in them.

        Args:
            notebook: the notebook.
            code: gives the Python of a cell, with the same lines as its source.
        """
        self._notebook = notebook
        self._code = code
        self._whole = _of_metadata(notebook)
        self._by_cell: dict[int, dict[int, tuple[str, ...]]] = {}

    def hides(self, diagnostic: Diagnostic, rule: RuleInfo) -> bool:
        """Tell whether the notebook says not to report this finding of the rule."""
        if closest(self._whole, rule) is not None:
            return True
        where = diagnostic.range
        if where is None:
            return False
        if where.cell not in self._by_cell:
            self._by_cell[where.cell] = self._of_cell(self._notebook.cells[where.cell])
        lines = self._by_cell[where.cell]
        names = [name for line in {WHOLE_CELL, where.start_line, where.end_line} for name in lines.get(line, ())]
        return closest(names, rule) is not None

    def _of_cell(self, cell: Cell) -> dict[int, tuple[str, ...]]:
        """Give the rules hidden on each line (from 0) and in the whole cell."""
        hidden: dict[int, tuple[str, ...]] = {WHOLE_CELL: tuple(_of_tags(cell))}
        if cell.cell_type == "code" and ("nbpipe" in cell.source or "noqa" in cell.source.lower()):
            from nbpipe.lint.comments import silenced  # tokenizing costs, and few notebooks silence anything

            for line, names in silenced(self._code(cell)):
                key = WHOLE_CELL if line is None else line
                hidden[key] = (*hidden.get(key, ()), *names)
        return hidden


def _of_tags(cell: Cell) -> Iterator[str]:
    for tag in cell.tags:
        head, colon, names = tag.partition(":")
        if head == TAG:
            yield from (name.strip() for name in names.split(",")) if colon else ("all",)


def _of_metadata(notebook: Notebook) -> tuple[str, ...]:
    section = notebook.metadata.get("nbpipe")
    names = section.get("ignore") if isinstance(section, dict) else None
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
