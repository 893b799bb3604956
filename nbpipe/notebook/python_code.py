"""What IPython code means in Python: the text to parse, and the way back to the places it came from."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    # A run of characters of an emitted line and where it stands in the source:
    # (start column in the emitted line, length, line of the source, column of the source).
    Piece = tuple[int, int, int, int]


class Magic:
    """One piece of IPython syntax in a cell.

    Attributes:
        name: ``%time``, ``%%bash``, ``!``, ``!!``, ``?`` (any kind of help) or the autocall escapes ``/`` ``,`` ``;``.
        line: the line of the cell it starts in, from 0.
        argument: the rest of its line, continuations joined.
        body: the rest of the cell for a cell magic, else empty.
        reads: names whose values are put into the argument (``{x}``, ``$x``) or handed over (``-i x``).
        binds: names it binds itself (``%%capture out``); not what a Python body binds.
        body_is_python: the argument of a line magic, or the body of a cell magic, runs as Python of this kernel.
    """

    __slots__ = ("argument", "binds", "body", "body_is_python", "line", "name", "reads")

    def __init__(  # noqa: PLR0913 - one fact each
        self,
        name: str,
        line: int,
        argument: str,
        *,
        body: str = "",
        reads: tuple[str, ...] = (),
        binds: tuple[str, ...] = (),
        body_is_python: bool = False,
    ) -> None:
        self.name = name
        self.line = line
        self.argument = argument
        self.body = body
        self.reads = reads
        self.binds = binds
        self.body_is_python = body_is_python

    def __repr__(self) -> str:
        return f"Magic({self.name!r}, {self.line}, {self.argument!r})"


def source_place(pieces: Sequence[Piece], column: int) -> tuple[int, int]:
    """Give the line and column in the source that a column of an emitted line stands for.

    `pieces` are in the order of the line and not empty; between two of them the end of the first counts.
    """
    start, length, source_line, source_column = pieces[0]
    for piece in pieces:
        if piece[0] > column:
            break
        start, length, source_line, source_column = piece
    return source_line, source_column + max(0, min(column - start, length))


class PythonCode:
    """A cell's code as Python with the same number of lines and the same data flow.

    Attributes:
        text: the Python; the source itself where it holds no IPython syntax. It need not parse.
        magics: the IPython syntax that was replaced, in the order of the cell.
        opaque: why the cell may do what cannot be seen (``%run x.py``, ``%store -r``), as written.
        is_python: False when the cell is another language (``%%bash``); the text then only keeps the data flow.
        scratch: what the cell binds is gone when it ends (``%%timeit``).
    """

    __slots__ = ("_lines", "_moved", "is_python", "magics", "opaque", "scratch", "text")

    def __init__(  # noqa: PLR0913 - one fact each
        self,
        text: str,
        *,
        magics: tuple[Magic, ...] = (),
        opaque: tuple[str, ...] = (),
        is_python: bool = True,
        scratch: bool = False,
        moved: Mapping[int, Sequence[Piece]] | None = None,
    ) -> None:
        self.text = text
        self.magics = magics
        self.opaque = opaque
        self.is_python = is_python
        self.scratch = scratch
        self._moved = moved
        self._lines: list[str] | None = None

    def locate(self, line: int, utf8_column: int) -> tuple[int, int]:
        """Map a position of `ast` back into the cell's source.

        Args:
            line: line of `text`, from 0 (`node.lineno - 1`).
            utf8_column: column in UTF-8 bytes (`node.col_offset` or `node.end_col_offset`).

        Returns:
            Line and column (characters) in the source, both from 0. A place in code that was made up is mapped to
            the nearest place of the magic it stands for.
        """
        return self.place(line, self._characters(line, utf8_column))

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Map a position in `text`, line and column (characters) from 0, back into the cell's source.

        A `SyntaxError` has such columns, from 1.
        """
        pieces = self._moved.get(line) if self._moved else None
        return source_place(pieces, column) if pieces else (line, column)

    def _characters(self, line: int, utf8_column: int) -> int:
        """Turn a column in UTF-8 bytes into one in characters."""
        if self._lines is None:
            self._lines = [] if self.text.isascii() else self.text.split("\n")
        if line >= len(self._lines) or self._lines[line].isascii():
            return utf8_column
        encoded = self._lines[line].encode("utf-8", "surrogatepass")
        return len(encoded[:utf8_column].decode("utf-8", "ignore"))
