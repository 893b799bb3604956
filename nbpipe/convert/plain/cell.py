"""The text of one cell with its IPython syntax replaced, as far as Python has a counterpart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbpipe.convert.magics import is_installing, only_shows
from nbpipe.convert.plain.capturing import captured_cell, kept_name
from nbpipe.convert.plain.commands import check_lines, shell_line
from nbpipe.convert.plain.lines import PlainText, indented
from nbpipe.convert.plain.magics import cell_magic, line_magic
from nbpipe.convert.plain.replacement import Replacement
from nbpipe.notebook.escapes import find_escapes
from nbpipe.notebook.magic_names import BODY_ONLY, PYTHON_MAGICS

if TYPE_CHECKING:
    from nbpipe.convert.plain.replacement import Surroundings
    from nbpipe.notebook.escapes import Escape


def plain_text(source: str, around: Surroundings, *, automagic: bool = False) -> PlainText:
    """Replace the IPython syntax of a cell, where Python has a counterpart; the rest stays as it is.

    Args:
        source: the cell's text.
        around: what is known around it.
        automagic: whether it is a magic without its percent sign.
    """
    lines = source.split("\n")
    if automagic:
        lines = [f"%{line.strip()}" if line.strip() else line for line in lines]
    first = next((at for at, line in enumerate(lines) if line.strip()), -1)
    if first >= 0 and lines[first].startswith("%%"):
        return _cell(lines, first, around)
    return _statements(lines, around)


def _cell(lines: list[str], first: int, around: Surroundings) -> PlainText:
    """Replace a cell magic, or what is in the Python that it runs."""
    name, _, argument = lines[first][2:].rstrip().partition(" ")
    body = "\n".join(lines[first + 1 :])
    whole = PlainText(tuple(lines), tuple(range(len(lines))))
    if name == "capture":
        inner = _shifted(plain_text(body, replace(around, captured=bool(kept_name(argument, around)))), first + 1)
        return captured_cell(lines[: first + 1], argument, inner, around)
    if name in PYTHON_MAGICS:
        inner = _shifted(plain_text(body, around), first + 1)
        if name not in BODY_ONLY and argument.strip():
            return whole if inner.imports else _under(lines[: first + 1], inner)
        return _under(lines[: first + 1], inner)
    if is_installing(f"%%{name}", argument, body):
        return whole
    found = cell_magic(name, argument, body, around)
    if found is None:
        return whole
    new = [*lines[:first], *found.text.split("\n")]
    behind = range(first, first + found.text.count("\n") + 1)
    places = [*range(first), *(min(place, len(lines) - 1) for place in behind)]
    return PlainText(tuple(new), tuple(places), found.imports)


def _shifted(inner: PlainText, lines: int) -> PlainText:
    return replace(inner, places=tuple(place + lines for place in inner.places))


def _under(head: list[str], inner: PlainText) -> PlainText:
    return PlainText((*head, *inner.lines), (*range(len(head)), *inner.places), inner.imports)


def _statements(lines: list[str], around: Surroundings) -> PlainText:
    """Replace the escapes that stand among statements."""
    new: list[str] = []
    places: list[int] = []
    imports: list[str] = []
    at = 0
    for escape in find_escapes(lines):
        head = lines[escape.line][: escape.column]
        found = _replaced(escape, _argument(lines, escape), around)
        if found is None or (found.is_block and head.strip()):
            continue
        if escape.assigned:
            check_lines(head.rstrip().removesuffix("=").strip(), around)
        while at < escape.line:
            new.append(lines[at])
            places.append(at)
            at += 1
        text = indented(found.text, head) if found.is_block else head + (found.text or ("pass" if head else ""))
        put = text.split("\n")
        new += put
        places += [escape.line] * len(put)
        at = escape.end_line + 1
        imports += found.imports
    new += lines[at:]
    places += range(at, len(lines))
    return PlainText(tuple(new), tuple(places), tuple(imports))


def _argument(lines: list[str], escape: Escape) -> str:
    """Join the lines of an escape, as IPython does where they end in backslashes."""
    parts = [lines[escape.line][escape.column + len(escape.kind) :], *lines[escape.line + 1 : escape.end_line + 1]]
    return " ".join([*(part.rstrip()[:-1] for part in parts[:-1]), parts[-1].rstrip()])


def _replaced(escape: Escape, argument: str, around: Surroundings) -> Replacement | None:
    kind, gives = escape.kind, escape.assigned
    if kind in ("!", "!!"):
        if not gives and is_installing(kind, argument):
            return None
        return shell_line(argument, around, gives=gives or kind == "!!")
    if kind != "%":
        return None
    name, _, rest = argument.partition(" ")
    if name in PYTHON_MAGICS:
        return None
    if only_shows(f"%{name}") and not gives and ("{" in rest or "$" in rest):
        return Replacement("")
    return line_magic(name, rest, around, gives=gives)
