"""Lines of emitted Python that know which places of the source they stand for."""

from __future__ import annotations

from keyword import iskeyword

from nbpipe.notebook.python_code import source_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.notebook.interpolation import Reading
    from nbpipe.notebook.magics import Effect
    from nbpipe.notebook.python_code import Piece

    Call = tuple[str, str]


class Line:
    """A line of emitted Python, built from left to right."""

    __slots__ = ("pieces", "text")

    def __init__(self, text: str = "", pieces: list[Piece] | None = None) -> None:
        self.text = text
        self.pieces: list[Piece] = pieces if pieces is not None else []

    @classmethod
    def kept(cls, text: str, line: int, column: int = 0) -> Line:
        """Make a line that stands in the source as it is, from `column` of line `line` on."""
        return cls(text, [(0, len(text), line, column)])

    def add(self, text: str) -> None:
        """Append text that is not in the source."""
        self.text += text

    def take(self, other: Line, start: int = 0, end: int | None = None) -> None:
        """Append the characters from `start` to `end` of a line, with their places."""
        end = len(other.text) if end is None else end
        here = len(self.text)
        for at, length, line, column in other.pieces:
            first, last = max(at, start), min(at + length, end)
            if first < last or (length == 0 and start <= at <= end):
                self.pieces.append((here + first - start, last - first, line, column + first - at))
        self.text += other.text[start:end]

    def part(self, start: int, end: int | None = None) -> Line:
        """Give the characters from `start` to `end` as a line of their own."""
        part = Line()
        part.take(self, start, end)
        if not part.pieces:
            part.mark(self.place(start))
        return part

    def mark(self, place: tuple[int, int]) -> None:
        """Say which place of the source stands for what is appended next, when that is not in the source."""
        self.pieces.append((len(self.text), 0, *place))

    def place(self, column: int) -> tuple[int, int]:
        """Give the place in the source that a column of this line stands for."""
        return source_place(self.pieces, column)


def joined(lines: Sequence[Line], column: int) -> Line:
    """Join lines that end in backslashes into one, from `column` of the first on, as IPython does."""
    line = Line()
    for number, part in enumerate(lines):
        last = number == len(lines) - 1
        line.take(part, column if number == 0 else 0, len(part.text.rstrip()) - (0 if last else 1))
        if not last:
            line.add(" ")
    return line if line.pieces else lines[0].part(column)


def add_call(head: Line, call: Call, effect: Effect, argument: Line, *, assigned: bool) -> None:
    """Append Python that reads and binds what a magic does.

    Args:
        head: what stands before it.
        call: the method of IPython's shell and its first argument, the magic's name or nothing.
        effect: what the magic reads, binds and deletes.
        argument: the magic's argument, which the offsets of `effect.reads` count in.
        assigned: an expression is wanted, not a statement.
    """
    binds = [name for name in effect.binds if not iskeyword(name)]
    if not assigned and effect.statement:
        head.add(effect.statement)
    elif not assigned and effect.deletes:
        head.add("del " + ", ".join(effect.deletes))
    elif not (assigned or binds or effect.reads):
        head.add("pass")
    else:
        for bound in binds:
            head.add(f"({bound} := " if assigned else f"{bound} = ")
        method, name = call
        head.add(f"get_ipython().{method}(" + (repr(name) if name else ""))
        for number, reading in enumerate(effect.reads):
            head.add(", " if name or number else "")
            _add_reading(head, reading, argument)
        head.add(")" + (")" * len(binds) if assigned else ""))


def _add_reading(head: Line, reading: Reading, argument: Line) -> None:
    """Append an expression that a magic evaluates, with its place in the argument where it has one."""
    plain = reading.expression.isidentifier()
    head.add("" if plain else "(")
    end = reading.offset + len(reading.expression)
    if reading.offset >= 0 and argument.text[reading.offset : end] == reading.expression:
        head.take(argument, reading.offset, end)
    else:
        head.add(reading.expression)
    head.add("" if plain else ")")


def add_autocall(head: Line, kind: str, argument: Line) -> None:
    """Append the call that ``/f x y``, ``,f x y`` or ``;f x y`` stands for."""
    name = argument.text.partition(" ")[0]
    head.take(argument, 0, len(name))
    head.add("(")
    words = argument.text[len(name) :].split()
    if kind == "/":
        at = len(name)
        for number, word in enumerate(words):
            at = argument.text.index(word, at)
            head.add(", " if number else "")
            head.take(argument, at, at + len(word))
            at += len(word)
    elif kind == ",":
        head.add(", ".join(map(_quoted, words)) or _quoted(""))
    else:
        head.add(_quoted(argument.text[len(name) + 1 :]))
    head.add(")")


def _quoted(text: str) -> str:
    """Quote as IPython does, which does not escape."""
    return f'"{text}"'
