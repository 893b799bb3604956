"""Writing into notebooks that their present findings shall not be reported (``check --add-ignores``).

A finding is silenced as closely as can be: by a comment on its line; where that line cannot hold one (a magic, the
inside of a string), by a comment above it; where that cannot be either (other languages, cell magics, cells that do not
parse), by a tag of the cell; and by the notebook's metadata where it concerns the file as a whole. A comment is kept
only where the cell's code means the same with it and the finding is gone.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.lint.comment_plan import commented
from nbpipe.lint.suppression import TAG, UNUSED
from nbpipe.notebook.read import parse_notebook
from nbpipe.notebook.write import SetField, apply_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.lint.diagnostic import Diagnostic, FileResult
    from nbpipe.notebook.model import Cell, Notebook

    Check = Callable[[Notebook], FileResult]


class Ignored:
    """A notebook whose findings were silenced.

    Attributes:
        text: the new content of its file.
        silenced: the findings that are reported no more.
        left: those that could not be silenced.
    """

    __slots__ = ("left", "silenced", "text")

    def __init__(self, text: str, silenced: Sequence[Diagnostic], left: Sequence[Diagnostic]) -> None:
        self.text = text
        self.silenced = tuple(silenced)
        self.left = tuple(left)


def with_ignores(
    notebook: Notebook, found: Iterable[Diagnostic], check: Check, analyze: Callable[[Notebook], Analysis]
) -> Ignored:
    """Give a notebook in which some findings are silenced.

    Args:
        notebook: the notebook.
        found: what to silence: all findings of the cells they are in.
        check: finds what is reported in a notebook.
        analyze: gives the facts about the code of one.
    """
    # What silences nothing is not mended by silencing that.
    found = [item for item in found if item.rule != UNUSED]
    before = analyze(notebook)
    tagged = {index for index in _cells(found) if not _takes_comments(notebook.cells[index], before)}
    while True:
        text = apply_changes(notebook, _changes(notebook, found, tagged, before))
        after = parse_notebook(text, notebook.path)
        still = {_key(item) for item in check(after).diagnostics}
        left = [item for item in found if _key(item) in still]
        spoilt = {index for index in _cells(left) if index not in tagged}
        spoilt |= _changed(_cells(found) - tagged, before, analyze(after))
        if not spoilt:
            return Ignored(text, [item for item in found if item not in left], left)
        tagged |= spoilt


def _takes_comments(cell: Cell, analysis: Analysis) -> bool:
    """Tell whether a cell is Python that parses, so that it can be seen what a comment would change."""
    code = analysis.codes.get(cell.index)
    return code is not None and code.tree is not None and code.code.is_python


def _changes(notebook: Notebook, found: Iterable[Diagnostic], tagged: set[int], analysis: Analysis) -> list[SetField]:
    """Give the changes that silence all that can be."""
    whole: list[str] = []
    by_cell: dict[int, list[Diagnostic]] = {}
    for item in found:
        if item.range is None:
            whole.append(item.rule)
        else:
            by_cell.setdefault(item.range.cell, []).append(item)
    changes = [_in_notebook(notebook, whole)] if whole else []
    for index, items in by_cell.items():
        cell = notebook.cells[index]
        rest = items
        if index not in tagged:
            source, rest = commented(cell, analysis.codes[index], items)
            changes.append(SetField(index, "source", source))
        if rest:
            changes += _in_tags(cell, [item.rule for item in rest])
    return changes


def _in_notebook(notebook: Notebook, names: Iterable[str]) -> SetField:
    """Give the change that names rules in the notebook's own list; what is there and no list gives way."""
    section = notebook.metadata.get("nbpipe")
    section = section if isinstance(section, dict) else {}
    known = section.get("ignore")
    listed = dict.fromkeys([*(known if isinstance(known, list) else ()), *sorted(set(names))])
    return SetField(None, "metadata", {**notebook.metadata, "nbpipe": {**section, "ignore": list(listed)}})


def _in_tags(cell: Cell, names: Iterable[str]) -> list[SetField]:
    """Give the change that adds a tag for each rule; none where the cell's tags are no list."""
    known: Any = cell.metadata.get("tags", [])
    if not isinstance(known, list):
        return []
    new = [tag for name in sorted(set(names)) if (tag := f"{TAG}:{name}") not in known]
    return [SetField(cell.index, "metadata", {**cell.metadata, "tags": [*known, *new]})]


def _cells(found: Iterable[Diagnostic]) -> set[int]:
    return {item.range.cell for item in found if item.range is not None}


def _key(item: Diagnostic) -> tuple[str, int | None]:
    return item.rule, None if item.range is None else item.range.cell


def _changed(cells: Iterable[int], before: Analysis, after: Analysis) -> set[int]:
    """Give those of some cells whose code is not the same any more."""
    return {index for index in cells if _meaning(before, index) != _meaning(after, index)}


def _meaning(analysis: Analysis, index: int) -> tuple[str, list[tuple[str, str, str]]]:
    """Give what a cell's code is, wherever its lines stand."""
    code = analysis.codes[index]
    magics = [(magic.name, magic.argument, "" if magic.body_is_python else magic.body) for magic in code.code.magics]
    return ast.dump(code.tree) if code.tree is not None else "", magics
