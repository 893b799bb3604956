"""IPython syntax to Python: magics, shell commands, help, prompts and automagic, with lines and data flow kept."""

from __future__ import annotations

import re
from keyword import iskeyword

from nbpipe.notebook.magic_names import LINE_MAGICS
from nbpipe.notebook.python_code import Magic, PythonCode
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.notebook.emission import Line

__all__ = ["Magic", "PythonCode", "to_python"]

# Whether a cell may hold anything else than Python: an escape or a prompt at the start of a line, a question mark at
# the end of one, a magic behind a "=". They say yes too often, never no too often. Three searches that each start from
# one character are three times as fast as a single one with alternatives.
_LINE_START = pattern(r"\n[ \t]*(?:[%!?,;/]|>>>|(?:\[(?:nav|ins)\])? ?In \[|\.\.\.)").search
_LINE_END = pattern(r"\?\r?$", re.MULTILINE).search
_ASSIGNED = pattern(r"=[ \t]*(?:\\\n[ \t]*)*[%!]").search
# IPython takes `ls(x)` for a magic too; whoever writes that means a function, so it stays Python.
_FIRST_WORD = pattern(r"\s*([A-Za-z_]\w*)(?![\w.*(\[])[ \t]*(?![ \t=,])")


def _nothing_bound(name: str) -> bool:  # noqa: ARG001 - the shape of is_bound
    """Know of no names."""
    return False


def to_python(
    source: str,
    is_bound: Callable[[str], bool] = _nothing_bound,
    *,
    python_magics: frozenset[str] = frozenset(),
    opaque_magics: frozenset[str] = frozenset(),
) -> PythonCode:
    """Turn a code cell into Python with the same number of lines and the same data flow.

    A cell that is Python already is given back as it is, at next to no cost. The result need not parse.

    Args:
        source: the cell.
        is_bound: whether a name may be bound when the cell runs. Decides whether ``ls`` is a magic, and whether
            ``$name`` in a command is a Python variable or the shell's.
        python_magics: further magics whose code is Python of this kernel, with or without ``%%``.
        opaque_magics: further magics that may do anything.
    """
    automagic = _automagic(source, is_bound)
    if not automagic and not _may_be_ipython(source):
        return PythonCode(source)
    from nbpipe.notebook.emission import Line
    from nbpipe.notebook.rewrite import Rewriter

    lines = [Line.kept(text, number) for number, text in enumerate(source.split("\n"))]
    rewriter = Rewriter(is_bound, python_magics, opaque_magics)
    if automagic:
        lines = [rewriter.automagic(line) if line.text.strip() else line for line in lines]
    else:
        lines = rewriter.cell(lines)
    moved = _moved(lines)
    if not moved:
        return PythonCode(source)
    return PythonCode(
        "\n".join(line.text for line in lines),
        magics=tuple(rewriter.magics),
        opaque=tuple(rewriter.opaque),
        is_python=rewriter.is_python,
        scratch=rewriter.scratch,
        moved=moved,
    )


def _may_be_ipython(source: str) -> bool:
    """Say whether a cell needs a closer look: it may hold IPython syntax, or have a common indent."""
    return bool(
        source[:1].isspace()
        or _LINE_START("\n" + source)
        or ("?" in source and _LINE_END(source))
        or (("%" in source or "!" in source) and _ASSIGNED(source))
    )


def _automagic(source: str, is_bound: Callable[[str], bool]) -> bool:
    """Say whether IPython takes a cell of one line for a magic without percent sign.

    It does where the first word is a magic, not followed by ``=`` or ``,``, and no name hides it.
    """
    match = _FIRST_WORD.match(source)
    if match is None or match[1] not in LINE_MAGICS:
        return False
    single = "\n" not in source[match.start(1) : -1]
    return single and not is_bound(match[1]) and not iskeyword(match[1])


def _moved(lines: list[Line]) -> dict[int, list[tuple[int, int, int, int]]]:
    """Give the places of the lines that are not as they were."""
    return {number: line.pieces for number, line in enumerate(lines) if line.pieces != [(0, len(line.text), number, 0)]}
