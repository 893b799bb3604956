"""What a notebook says must not be reported: comments on lines and cells, tags, and its metadata.

====================================================  ======================================================
``x = y  # nbpipe: ignore[undefined-name] reason``    these rules on this line; without brackets, all rules
``# nbpipe: ignore[undefined-name]``                  alone on a line: on the next line with code, and comments before
``x = y  # noqa: NB102``                              these rules on this line
``# nbpipe: ignore-cell[undefined-name]``             on the first line of a cell: in this cell
tag ``nbpipe-ignore`` or ``nbpipe-ignore:NB105``      in this cell
notebook metadata ``{"nbpipe": {"ignore": [...]}}``   in this notebook
====================================================  ======================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.selection import EXACT, specificity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbpipe.lint.comments import IgnoreComment
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.lint.rule import RuleInfo
    from nbpipe.notebook.model import Cell, Notebook

TAG = "nbpipe-ignore"
UNUSED = "unused-suppression"


class Suppression:
    """One place where a notebook says what must not be reported.

    Attributes:
        names: the rules it names, as written: names, codes, prefixes, families or ``all``.
        cell: index of the cell it stands in; None for the notebook's metadata.
        tag: the tag that it is; "" where it is none.
        comment: the comment that it is; None where it is none.
        used: those of `names` that have hidden something.
    """

    __slots__ = ("cell", "comment", "names", "tag", "used")

    def __init__(
        self, names: Sequence[str], cell: int | None = None, *, tag: str = "", comment: IgnoreComment | None = None
    ) -> None:
        self.names = tuple(names)
        self.cell = cell
        self.tag = tag
        self.comment = comment
        self.used: set[str] = set()

    def hides(self, diagnostic: Diagnostic, rule: RuleInfo) -> bool:
        """Tell whether it speaks of this finding of the rule, and remember which names did."""
        where = diagnostic.range
        if self.comment is not None and where is not None and not self.comment.speaks_of(where):
            return False
        # Whatever hides everything would also hide that it hides nothing: that finding wants to be named.
        least = EXACT if rule.name == UNUSED else 0
        found = {name for name in self.names if (close := specificity(name, rule)) is not None and close >= least}
        self.used |= found
        return bool(found)


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
        self._whole = tuple(_of_metadata(notebook))
        self._by_cell: dict[int, tuple[Suppression, ...]] = {}

    def hides(self, diagnostic: Diagnostic, rule: RuleInfo) -> bool:
        """Tell whether the notebook says not to report this finding of the rule."""
        hidden = [each.hides(diagnostic, rule) for each in self._whole]
        if diagnostic.range is not None:
            hidden += [each.hides(diagnostic, rule) for each in self._in_cell(diagnostic.range.cell)]
        return any(hidden)

    def all(self) -> Iterator[Suppression]:
        """Yield all suppressions, the notebook's own first, then in the order of the cells."""
        yield from self._whole
        for cell in self._notebook.cells:
            yield from self._in_cell(cell.index)

    def _in_cell(self, index: int) -> tuple[Suppression, ...]:
        known = self._by_cell.get(index)
        if known is None:
            known = self._by_cell[index] = tuple(self._of_cell(self._notebook.cells[index]))
        return known

    def _of_cell(self, cell: Cell) -> Iterator[Suppression]:
        for tag in cell.tags:
            head, colon, names = tag.partition(":")
            if head == TAG:
                listed = [name.strip() for name in names.split(",") if name.strip()] if colon else ["all"]
                yield Suppression(listed, cell.index, tag=tag)
        if cell.cell_type == "code" and ("nbpipe" in cell.source or "noqa" in cell.source.lower()):
            from nbpipe.lint.comments import ignore_comments  # tokenizing costs, and few notebooks silence anything

            for comment in ignore_comments(self._code(cell)):
                yield Suppression(comment.names, cell.index, comment=comment)


def _of_metadata(notebook: Notebook) -> Iterator[Suppression]:
    section = notebook.metadata.get("nbpipe")
    names = section.get("ignore") if isinstance(section, dict) else None
    if names is not None:  # what is no list silences nothing, and that can be said
        yield Suppression([name for name in names if isinstance(name, str)] if isinstance(names, list) else ())
