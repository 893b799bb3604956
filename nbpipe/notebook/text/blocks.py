"""The model of a text notebook: cells, and the lines of the file that they were read from."""

from __future__ import annotations

from nbpipe.notebook.model import Notebook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nbpipe.notebook.model import Cell

# What may stand in a file before the text of a line of a cell: comments of scripts, quotes around their Markdown.
_PREFIXES = ("", "# ", "#", "# MAGIC ", "# MAGIC", '"""', 'r"""', 'R"""', "'''", "r'''")
_SUFFIXES = ("", '"""', "'''")


class Line:
    """Where a line of a cell's source stands: the line of the file (from 0), and what surrounds it there."""

    __slots__ = ("number", "prefix", "suffix")

    def __init__(self, number: int, prefix: str = "", suffix: str = "") -> None:
        self.number = number
        self.prefix = prefix
        self.suffix = suffix


class Block:
    """The lines of the file that a cell takes.

    Attributes:
        start, end: lines from 0, the end is exclusive; its marker and the blank lines below it are in it.
        lines: where each line of the source stands; None for one that is not in the file, such as the `%%bash` of a
            code block in that language. Empty where it cannot be told.
    """

    __slots__ = ("end", "lines", "start")

    def __init__(self, start: int, end: int, lines: Sequence[Line | None] = ()) -> None:
        self.start = start
        self.end = end
        self.lines = tuple(lines)


class TextNotebook(Notebook):
    """A notebook that was read from a text file.

    Attributes:
        blocks: one for each cell.
    """

    __slots__ = ("blocks",)

    def __init__(  # noqa: PLR0913 - what a notebook is
        self,
        cells: tuple[Cell, ...],
        metadata: Mapping[str, Any],
        blocks: Sequence[Block],
        *,
        path: str,
        text: str,
        format: str,  # noqa: A002 - as in the base
    ) -> None:
        super().__init__(cells, metadata, path=path, text=text, format=format)
        self.blocks = tuple(blocks)

    def json_line(self, cell: int, line: int = 0) -> int | None:
        """Give the 1-based line of the file that holds line `line` (from 0) of a cell's source."""
        if not 0 <= cell < len(self.blocks):
            return None
        block = self.blocks[cell]
        found = block.lines[line] if line < len(block.lines) else None
        if found is not None:
            return found.number + 1
        return min(block.start + line, max(block.end - 1, block.start)) + 1


def aligned(source: str, file_lines: Sequence[str], start: int, end: int) -> tuple[Line | None, ...]:
    """Find the lines of a source among the lines of the file from `start` to `end`; empty where they are not there.

    The first line may be missing, as a magic that says a code block's language is.
    """
    wanted = source.split("\n")
    if not source:
        return ()
    for missing in (0, 1) if wanted[0].startswith("%%") else (0,):
        rest = wanted[missing:]
        for first in range(start, end - len(rest) + 1):
            found = _match(rest, file_lines[first : first + len(rest)], first)
            if found is not None:
                return (*[None] * missing, *found)
    return ()


def _match(wanted: Sequence[str], there: Sequence[str], first: int) -> list[Line] | None:
    lines = []
    for number, (text, line) in enumerate(zip(wanted, there, strict=True)):
        if line == text:
            lines.append(Line(first + number))
            continue
        around = next(
            (
                (prefix, suffix)
                for prefix in _PREFIXES
                for suffix in _SUFFIXES
                if line.startswith(prefix) and line[len(prefix) :] == text + suffix
            ),
            None,
        )
        if around is None:
            return None
        lines.append(Line(first + number, *around))
    return lines
