"""Tags of a cell in a text notebook, written on the line that begins the cell."""

from __future__ import annotations

import json

from nbpipe.errors import NotebookError
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nbpipe.notebook.model import Cell

_MARKERS = {"percent": pattern(r"\s*#\s*%%"), "md": pattern(r"\s*(```|~~~)\s*\w")}
_TAGS = pattern(r"[ \t]+tags=\[[^\]]*\]")


def retagged(name: str, cell: Cell, metadata: Mapping[str, Any], body: Sequence[str]) -> list[str]:
    """Give the lines of a cell with other tags.

    Args:
        name: of the format.
        cell: as it is.
        metadata: as it shall be.
        body: the lines of the cell in the file, its marker among them.

    Raises:
        NotebookError: more than the tags is to change, or the format has no line for them.
    """
    tags = metadata.get("tags", [])
    old = {key: value for key, value in cell.metadata.items() if key != "tags"}
    marker = _MARKERS.get(name)
    at = next((place for place, line in enumerate(body) if marker is not None and marker.match(line)), None)
    if old != {key: value for key, value in metadata.items() if key != "tags"}:
        raise NotebookError("is text: it has no place for another metadata")
    if at is None:
        raise NotebookError(
            "is in a text format in which nbpipe cannot write tags: write them by hand, or save it as .ipynb"
        )
    line = body[at].rstrip("\r\n")
    ending = body[at][len(line) :]
    line = _TAGS.sub("", line).rstrip()
    written = f"{line} tags={json.dumps(tags)}" if tags else line
    return [*body[:at], written + ending, *body[at + 1 :]]
