"""A notebook with the IPython syntax of its cells replaced, wherever Python has a counterpart."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbpipe.convert.plain.cell import plain_text
from nbpipe.convert.plain.guards import NAME, without_guards
from nbpipe.convert.plain.replacement import Surroundings
from nbpipe.errors import ConversionError
from nbpipe.notebook.rereading import with_sources
from nbpipe.steps import Note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.convert.plain.scripts import Script
    from nbpipe.notebook import Notebook


@dataclass(frozen=True, slots=True)
class PlainNotebook:
    """A notebook as it is converted.

    Attributes:
        notebook: with Python instead of IPython's syntax, as far as there is such.
        lines: for each cell that changed, by index, the line (from 1) that each of its lines comes from.
        reasons: why a cell holds what Python has no counterpart for, by its index.
        notes: what the author should know.
        inlined: the scripts and notebooks whose code stands in cells.
    """

    notebook: Notebook
    lines: Mapping[int, tuple[int, ...]]
    reasons: Mapping[int, str]
    notes: tuple[Note, ...]
    inlined: tuple[Path, ...]


def plain_notebook(analysis: Analysis, folder: Path) -> PlainNotebook:
    """Replace what IPython adds to Python in the cells of a notebook.

    Args:
        analysis: of it.
        folder: where it runs.
    """
    lines: dict[int, tuple[int, ...]] = {}
    sources: dict[int, str] = {}
    reasons: dict[int, str] = {}
    notes: list[Note] = []
    inlined: dict[Path, Script | ast.Module] = {}
    written: dict[Path, str] = {}
    trees = {index: code.tree for index, code in analysis.codes.items() if code.tree is not None}
    rebound = any(isinstance(node, ast.Name) and node.id == NAME and not isinstance(node.ctx, ast.Load)
                  for tree in trees.values() for node in ast.walk(tree))  # fmt: skip
    for index, code in analysis.codes.items():
        named = not rebound and NAME in code.code.text
        if not code.code.magics and not named:
            continue
        source = analysis.notebook.cells[index].source
        around = Surroundings(
            cell=index,
            folder=folder,
            trees=trees,
            inlined=inlined,
            written=written,
        )
        try:
            plain = plain_text(source, around, automagic=_is_automagic(source, code)).importing()
            plain = without_guards(plain) if named else plain
        except ConversionError as error:
            reasons[index] = str(error)
            continue
        notes += (Note(index, told) for told in around.notes)
        if plain.text != source:
            sources[index] = plain.text
            lines[index] = tuple(place + 1 for place in plain.places)
    return PlainNotebook(
        with_sources(analysis.notebook, sources),
        lines,
        reasons,
        tuple(notes),
        tuple(path for path in inlined if path not in written),
    )


def _is_automagic(source: str, code: CellCode) -> bool:
    """Tell whether a cell is one magic without its percent sign."""
    words = source.split(maxsplit=1)
    return len(code.code.magics) == 1 and bool(words) and code.code.magics[0].name == f"%{words[0]}"
