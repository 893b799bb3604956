"""Where a cell's lines leave Python: a scan for IPython's escapes that knows strings, comments and brackets.

Follows IPython's token transformers (`IPython.core.inputtransformer2`): an escape counts at the start of a statement
(``%time f()``, ``!ls``), after the first ``=`` of one (``x = !ls``), and a ``?`` at its end (``foo?``). It reaches to
the end of the line, or further where that ends in a backslash.
"""

from __future__ import annotations

import re

from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ESCAPES = frozenset("%!?,;/")
# These start like an escape and are Python operators, so IPython leaves them alone.
_OPERATORS = ("!=", "%=", "/=", "//")

_TOKEN = pattern(
    r"""
    (?P<string>"{3}(?:[^\\]|\\.)*?"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?!"")(?:[^"\\\n]|\\.)*"|'(?!'')(?:[^'\\\n]|\\.)*')
    |(?P<unclosed>"{3}|'{3})
    |(?P<comment>\#[^\n]*)
    |(?P<space>[ \t\r]+|\\\n)
    |(?P<newline>\n)
    |(?P<opening>[(\[{])
    |(?P<closing>[)\]}])
    |(?P<assignment>(?<![=!<>:+\-*/%@&|^~])=(?!=))
    |(?P<other>[^\s"'\#()\[\]{}=\\]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LEAD = pattern(r"[ \t]*(?:\\\n[ \t]*)*")
_DEPTHS = {"opening": 1, "closing": -1}
_ASSIGNED = pattern(r"[ \t]*(?:\\\n[ \t]*)*(?:%(?!=)[ \t]*(?=[^\W\d])|!(?!=))")
_HELP = pattern(r"(%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?[0-9]+\])*)\?\??$")


class Escape:
    """A stretch of a cell that is not Python.

    Attributes:
        kind: the escape: ``%``, ``!``, ``!!``, ``?``, ``,``, ``;`` or ``/``.
        line: its first line, from 0.
        column: where it starts there.
        end_line: its last line; it always reaches to the end of that line.
        assigned: it stands on the right of an assignment.
        topic: for help, the object asked about.
    """

    __slots__ = ("assigned", "column", "end_line", "kind", "line", "topic")

    def __init__(  # noqa: PLR0913 - one fact each
        self, kind: str, line: int, column: int, end_line: int, *, assigned: bool = False, topic: str = ""
    ) -> None:
        self.kind = kind
        self.line = line
        self.column = column
        self.end_line = end_line
        self.assigned = assigned
        self.topic = topic


class _Statement:
    """A logical line as the scan sees it.

    Attributes:
        start: offset of its first character.
        end: offset of its line end.
        last: offset of its last character, or of the comment at its end; -1 where it never ends.
        assigned: offset of the magic behind its first ``=``; -1 for none.
    """

    __slots__ = ("assigned", "end", "last", "start")

    def __init__(self, start: int, end: int, last: int, assigned: int) -> None:
        self.start = start
        self.end = end
        self.last = last
        self.assigned = assigned


def find_escapes(lines: Sequence[str]) -> Iterator[Escape]:
    """Give the escapes of a cell in order; `lines` have no line ends."""
    text = "\n".join(lines)
    at = line = 0
    while at < len(text):
        match = _LEAD.match(text, at)
        statement = _scan(text, match.end() if match else at)
        escape = _escape_in(lines, text, (line, at), statement)
        if escape is None:
            line += text.count("\n", at, statement.end + 1)
            at = statement.end + 1
        else:
            yield escape
            # What follows the escape is read afresh, whatever brackets and quotes its text held.
            at += sum(len(lines[number]) + 1 for number in range(line, escape.end_line + 1))
            line = escape.end_line + 1


def _escape_in(lines: Sequence[str], text: str, place: tuple[int, int], statement: _Statement) -> Escape | None:
    """Give the escape in a statement, if there is one; `place` is the line and offset where the scan for it began."""
    line, at = place
    start, last = statement.start, statement.last
    here = text[start : start + 3]
    line += text.count("\n", at, start)
    column = start - (text.rfind("\n", 0, start) + 1)
    if last >= 0 and text[last] == "?" and text[last + 1 : last + 2] in {"", "\n"}:
        match = _HELP.search(text, start, last + 1)
        if match:
            return Escape("?", line, column, line + text.count("\n", start, last), topic=match[1])
    if here[:1] in _ESCAPES and not here.startswith(_OPERATORS):
        if here[0] == "/" and not here[1:2].strip():
            return None  # no name to call: IPython gives up too
        kind = here[:2] if here[:2] in {"!!", "??"} else here[0]
        return Escape(kind, line, column, _continued(lines, line))
    if statement.assigned >= 0:
        at = statement.assigned
        line += text.count("\n", start, at)
        return Escape(text[at], line, at - (text.rfind("\n", 0, at) + 1), _continued(lines, line), assigned=True)
    return None


def _continued(lines: Sequence[str], line: int) -> int:
    """Give the last line of a line that backslashes at the end continue."""
    while lines[line].endswith("\\") and line + 1 < len(lines):
        line += 1
    return line


def _scan(text: str, start: int) -> _Statement:
    """Scan one logical line from `start`."""
    depth, last, assigned, assignments = 0, -1, -1, 0
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        if kind == "unclosed":  # a string that never ends takes all that follows
            return _Statement(start, len(text), -1, assigned)
        if kind == "newline" and depth == 0:
            return _Statement(start, token.start(), last, assigned)
        if kind in {"newline", "space"}:
            continue
        if kind == "assignment" and depth == 0:
            assignments += 1
            if assignments == 1:
                assigned = _magic_after(text, token.start())
        depth = max(depth + _DEPTHS.get(kind, 0), 0)
        last = token.start() if kind == "comment" else token.end() - 1
    # Where brackets stay open, IPython still sees a question mark that is the very last thing in the cell.
    ended = depth == 0 or text[last + 1 :] in {"", "\n"}
    return _Statement(start, len(text), last if ended else -1, assigned)


def _magic_after(text: str, at: int) -> int:
    """Give the offset of the magic behind the ``=`` at `at`; -1 for none."""
    match = _ASSIGNED.match(text, at + 1)
    if match is None:
        return -1
    magic = match[0].lstrip(" \t\\\n")[:1]
    line_start = text.rfind("\n", 0, at) + 1
    if magic == "!" and not text[line_start:at].strip():
        return -1  # IPython wants something before the "=" on its line, for shell commands only
    return text.index(magic, at)
