"""Which of the author's own modules a conversion takes along, and what that makes superfluous in the code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbpipe.convert.local_modules import find_local_modules
from nbpipe.convert.search_path import path_changes
from nbpipe.steps import Note

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from nbpipe.convert.source import Source, Statement


def take_along(source: Source, folder: Path, package: str, others: Collection[str] = ()) -> Source:
    """Give the source with the own modules it imports; statements that only put them on `sys.path` are dropped.

    Args:
        source: the notebook.
        folder: where it lies.
        package: name of the pipeline's package.
        others: modules that a run showed to be no files of the author.

    Raises:
        ConversionError: a module would not be the same in a pipeline.
    """
    changes, bound = path_changes(source.statements, folder)
    before = [path for change in reversed(changes) if change.first for path in change.folders]
    behind = [path for change in changes if not change.first for path in change.folders]
    roots = tuple(dict.fromkeys((*before, folder, *behind)))
    trees = [(statement.cell, statement.node) for statement in source.statements if not statement.is_dropped]
    local = find_local_modules(trees, roots, package).without(others)
    homes = {_home(name, module.text.path) for name, module in local.modules.items()}
    dropped = [change.statement for change in changes if homes.intersection(change.folders)]
    gone = set(dropped)
    notes = [
        Note(statement.cell, f"'{statement.shown}' is left out: the modules that it is for are in the project")
        for statement in dropped
    ]
    gone.update(statement for name, statement in bound.items() if _only_in(name, source, gone))
    for statement in gone:
        statement.is_dropped = True
    return replace(source, local=local, notes=(*source.notes, *notes))


def _home(name: str, path: Path) -> Path:
    """Give the folder that has to be on the path for a module to be found."""
    levels = name.count(".") + (1 if path.name == "__init__.py" else 0)
    return path.parents[levels]


def _only_in(name: str, source: Source, gone: set[Statement]) -> bool:
    """Tell whether a name is read, and only by statements that are dropped."""
    readers = [statement for statement in source.statements if name in statement.names.reads]
    return bool(readers) and all(statement in gone for statement in readers)
