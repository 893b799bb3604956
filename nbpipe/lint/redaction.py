"""Keeps secrets out of what is shown: in the cells that reports quote, and in every finding's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related
from nbpipe.notebook.model import Range
from nbpipe.secrets.finding import secrets_in_code, shown_length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.notebook.model import Cell, Notebook
    from nbpipe.secrets.finding import Secret

MASK = "*"
SHORTEST = 5  # what is shorter occurs by chance


def redact(result: FileResult, places: Iterable[Range]) -> None:
    """Mask what stands at some places, wherever else it occurs as well; lines and columns stay where they are.

    Changes the sources of the result's cells, which are copies for reports, and the messages; not the edits of fixes,
    which must hold what is to be written, but those as lines of the file, which only reports show, go.
    """
    found, cells = result.diagnostics, result.cells
    secrets = {text for place in places for text in _texts(cells[place.cell].source, place)}
    for item in found if secrets else ():
        if item.fix is not None:
            item.fix.file_edits = ()
    for secret in sorted(secrets, key=len, reverse=True):
        hidden = mask(secret)
        for cell in cells.values():
            if secret in cell.source:
                cell.source = cell.source.replace(secret, hidden)
        for item in found:
            if secret in item.message:
                item.message = item.message.replace(secret, hidden)
            if any(secret in other.message for other in item.related):
                item.related = tuple(
                    Related(other.range, other.message.replace(secret, hidden)) for other in item.related
                )
            if item.fix is not None and secret in item.fix.title:
                item.fix.title = item.fix.title.replace(secret, hidden)


def places_of(notebook: Notebook) -> list[Range]:
    """Give where the secrets in a notebook's cells stand."""
    return [place_of(notebook.cells[index], secret) for index, secret in secrets_in_code(notebook)]


def place_of(cell: Cell, secret: Secret) -> Range:
    """Give where a secret stands."""
    start, end = (_position(cell.source, offset) for offset in (secret.start, secret.end))
    return Range(cell.index, *start, *end)


def _position(source: str, offset: int) -> tuple[int, int]:
    return source.count("\n", 0, offset), offset - (source.rfind("\n", 0, offset) + 1)


def mask(secret: str) -> str:
    """Give a text of the same length that shows how the secret begins, of a short one less."""
    shown = shown_length(secret)
    return secret[:shown] + MASK * (len(secret) - shown)


def _texts(source: str, place: Range) -> list[str]:
    """Give what stands in a range, line by line; what is too short to be told from other text is left out."""
    lines = source.split("\n")[place.start_line : place.end_line + 1]
    lines[-1] = lines[-1][: place.end_column]
    lines[0] = lines[0][place.start_column :]
    return [line.strip() for line in lines if len(line.strip()) >= SHORTEST]
