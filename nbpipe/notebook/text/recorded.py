"""Reading through jupytext, which knows its formats best, while noting which lines each cell was read from."""

from __future__ import annotations

import os
from copy import copy

from nbpipe.errors import MissingExtraError, NotebookError
from nbpipe.notebook.model import Cell
from nbpipe.notebook.read import BOM
from nbpipe.notebook.text.blocks import Block, TextNotebook, aligned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# By jupytext's names; those that need another program, or are no notebooks, are left out.
_FORMATS = {
    "percent": "percent",
    "hydrogen": "percent",
    "light": "light",
    "nomarker": "light",
    "sphinx": "light",
    "markdown": "md",
    "rmarkdown": "rmd",
    "myst": "myst",
}
_EXTENSIONS = {".py": ".py", ".md": ".md", ".markdown": ".md", ".rmd": ".Rmd"}
# How cells are spaced, which is not the notebook's.
_SPACING = ("lines_to_next_cell", "lines_to_end_of_cell_marker")


def parse_with_jupytext(text: str, path: str) -> TextNotebook:
    """Parse a script or Markdown file; raises as `nbpipe.notebook.text.reading.parse_text`."""
    try:
        from jupytext import formats
    except ModuleNotFoundError:
        raise MissingExtraError("reading scripts and Markdown as notebooks", "text") from None
    extension = _EXTENSIONS[os.path.splitext(path)[1].lower()]  # noqa: PTH122 - pathlib is a start-up cost
    plain = text.removeprefix(BOM)
    try:
        name = formats.read_format_from_metadata(plain, extension)
        name, options = (name, {}) if name else formats.guess_format(plain, extension)
        read, ranges = (
            _read(plain, {"extension": extension, "format_name": name, **options}) if name in _FORMATS else (None, [])
        )
    except Exception as error:  # noqa: BLE001 - whatever jupytext meets in a file that is none of its own
        problem = str(error).partition("\n")[0] or type(error).__name__
        raise NotebookError(f"cannot be read as a notebook by jupytext: {problem}") from None
    if read is None:
        raise NotebookError(f"is in jupytext's format '{name}', which cannot be read here")
    lines = plain.splitlines()
    made = list(read.cells)
    if len(ranges) > 1 and not any(line.strip() for line in lines[slice(*ranges[0])]):
        # Blank lines between a script's first lines and its first marker are no cell.
        made, ranges = made[1:], ranges[1:]
    cells = tuple(_cell(index, cell) for index, cell in enumerate(made))
    blocks = _blocks(cells, ranges, lines)
    return TextNotebook(cells, _metadata(read.metadata), blocks, path=path, text=text, format=_FORMATS[name])


class _Recorder:
    """Stands for one of jupytext's cell readers and notes how many lines were left when it began, and what it took."""

    def __init__(self, reader: Any, notes: list[tuple[int, int]]) -> None:
        self._reader = reader
        self._notes = notes

    @property
    def cell_metadata_json(self) -> Any:
        """What jupytext asks its reader for."""
        return self._reader.cell_metadata_json

    def read(self, lines: list[str]) -> tuple[Any, int]:
        """Read one cell, as jupytext's readers do."""
        left = len(lines)
        cell, taken = self._reader.read(lines)
        self._notes.append((left, taken))
        return cell, taken


def _read(text: str, fmt: dict[str, Any]) -> tuple[Any, list[tuple[int, int]]]:
    """Give jupytext's notebook, and the first line and the end of each cell where its reader works line by line."""
    from jupytext.jupytext import TextNotebookConverter

    converter = TextNotebookConverter(fmt, None)
    notes: list[tuple[int, int]] = []
    implementation = copy(converter.implementation)
    reader_class = implementation.cell_reader_class
    implementation.cell_reader_class = lambda fmt, language=None: _Recorder(reader_class(fmt, language), notes)
    converter.implementation = implementation
    notebook = converter.reads(text)
    count = len(text.splitlines())
    ranges = [(count - left, count - left + taken) for left, taken in notes]
    if ranges and len(ranges) + 1 == len(notebook.cells):  # a header that became a cell
        ranges.insert(0, (0, ranges[0][0]))
    return notebook, ranges if len(ranges) == len(notebook.cells) else []


def _blocks(cells: Sequence[Cell], ranges: Sequence[tuple[int, int]], lines: Sequence[str]) -> list[Block]:
    """Give each cell's lines: where the reader noted them, else by looking for its text below the cell before."""
    if ranges:
        places = zip(cells, ranges, strict=True)
        return [Block(start, end, aligned(cell.source, lines, start, end)) for cell, (start, end) in places]
    blocks, start = [], 0
    for cell in cells:
        found = aligned(cell.source, lines, start, len(lines))
        known = [line.number for line in found if line is not None]
        end = known[-1] + 1 if known else start
        blocks.append(Block(known[0] if known else start, end, found))
        start = end
    return blocks


def _cell(index: int, cell: Any) -> Cell:
    metadata = {name: value for name, value in cell.metadata.items() if name not in _SPACING}
    return Cell(index, cell.cell_type, cell.source, metadata=metadata)


def _metadata(metadata: Any) -> dict[str, Any]:
    """Give the notebook's metadata; what jupytext found out about the language as nbformat says it."""
    kept = {name: value for name, value in metadata.items() if name != "jupytext"}
    language = metadata.get("jupytext", {}).get("main_language")
    if language and "kernelspec" not in kept and "language_info" not in kept:
        kept["language_info"] = {"name": language}
    return kept
