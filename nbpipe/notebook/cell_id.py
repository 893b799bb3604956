"""Ids for cells: the same each time for the same source, so that the same change always writes the same file."""

from __future__ import annotations

from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container


def new_cell_id(source: str, taken: Container[str | None]) -> str:
    """Give an id of eight characters, as nbformat 4.5 wants it, for a cell with that source; none of those taken."""
    number = 0
    while True:
        new = f"{crc32(f'{number} {source}'.encode('utf-8', 'surrogatepass')):08x}"
        if new not in taken:
            return new
        number += 1
