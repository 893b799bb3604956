"""Databricks notebooks exported as source: cells between `# COMMAND` lines, other languages behind `# MAGIC`."""

from __future__ import annotations

from itertools import pairwise

from nbpipe.notebook.model import Cell
from nbpipe.notebook.read import BOM
from nbpipe.notebook.text.blocks import Block, Line, TextNotebook
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SEPARATOR = pattern(r"# COMMAND -{10}\s*")
_MAGIC = pattern(r"# MAGIC ?")
_LANGUAGE = pattern(r"%(md|md-sandbox|sql|scala|r|sh|python)\b *")
# Databricks writes the language of a cell as a line magic; IPython says the same with two percent signs.
_CELL_MAGICS = {"sql": "%%sql", "scala": "%%scala", "r": "%%R", "sh": "%%sh"}
_METADATA = "application/vnd.databricks.v1+notebook"


def parse_databricks(text: str, path: str) -> TextNotebook:
    """Parse a Databricks source; its names `spark`, `dbutils` and `display` are known by the metadata."""
    lines = text.removeprefix(BOM).splitlines()
    borders = [0, *(number for number, line in enumerate(lines) if SEPARATOR.fullmatch(line)), len(lines)]
    cells: list[Cell] = []
    blocks: list[Block] = []
    for start, end in pairwise(borders):
        inside = [number for number in range(start + 1, end) if lines[number].strip()]
        if not inside and (start == 0 or end == len(lines)):
            continue  # nothing before the first separator, or behind the last
        first, last = (inside[0], inside[-1] + 1) if inside else (end, end)
        cell_type, source, places = _cell(lines[first:last], first)
        cells.append(Cell(len(cells), cell_type, source))
        blocks.append(Block(start + 1 if start == 0 else start, end, places))
    return TextNotebook(tuple(cells), {_METADATA: {}}, blocks, path=path, text=text, format="databricks")


def _cell(lines: Sequence[str], first: int) -> tuple[str, str, list[Line | None]]:
    """Give the type and source of a cell, and where its lines stand."""
    places: list[Line | None] = []
    texts = []
    for number, line in enumerate(lines, first):
        magic = _MAGIC.match(line)
        prefix = magic[0] if magic else ""
        texts.append(line[len(prefix) :])
        places.append(Line(number, prefix))
    language = _LANGUAGE.match(texts[0]) if texts and places[0] is not None and places[0].prefix else None
    if language is None:
        return "code", "\n".join(texts), places if texts else []
    name, rest = language[1], texts[0][language.end() :]
    if name in _CELL_MAGICS:
        texts[0] = f"{_CELL_MAGICS[name]} {rest}".rstrip()
        places[0] = None
    elif rest:
        texts[0] = rest
        places[0] = Line(first, lines[0][: len(lines[0]) - len(rest)])
    else:
        texts, places = texts[1:], places[1:]
    return "markdown" if name.startswith("md") else "code", "\n".join(texts), places
