"""Words for cells and names in messages, the same in all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.notebook.model import Notebook

# Below this a suggestion would be a guess (difflib's own cut-off is 0.6).
CLOSE = 0.8
SHORTEST = 4


def ordinal(index: int) -> str:
    """Name a cell by its number, as people count."""
    return f"cell {index + 1}"


def counted(notebook: Notebook, index: int) -> str:
    """Name a cell by its number and, where it ran, its count."""
    count = notebook.cells[index].execution_count
    return f"{ordinal(index)} (In [{count}])" if count is not None else ordinal(index)


def cells_of(definitions: Iterable[Definition]) -> list[int]:
    """Give the cells that made these definitions, each once, in document order."""
    return sorted({definition.cell for definition in definitions if definition.cell >= 0})


def listed(names: Iterable[str], conjunction: str = "or") -> str:
    """Join words as prose does."""
    words = list(names)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def shortened(names: Iterable[str], most: int = 3) -> str:
    """Join the first words as prose does, and say how many more there are."""
    words = list(names)
    more = len(words) - most
    return listed([*words[:most], f"{more} more"] if more > 0 else words, "and")


def where_run(use: Use) -> str:
    """Say which cell's run reaches a use that stands in another cell's function; nothing where it is the same."""
    return f" (called from {ordinal(use.cell)})" if use.cell != use.home else ""


def misspelt(name: str, known: Iterable[str]) -> str:
    """Suggest a defined name that differs by little; nothing where none does."""
    if len(name) < SHORTEST:
        return ""
    import difflib

    close = difflib.get_close_matches(name, [other for other in known if other.isidentifier()], 1, CLOSE)
    return f"; did you mean `{close[0]}`?" if close else ""
