"""How one cell is compared, where it says so itself: by tags, or by ``nbpipe.verify`` in its metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import ConfigError, did_you_mean
from nbpipe.verify.normalisers import normaliser_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.notebook import Cell, Notebook
    from nbpipe.verify.context import Context

_PREFIX: Final = "verify:"
_KEYS: Final = ("atol", "image-threshold", "no-normalize", "rtol", "skip")
# Notebooks that were made for nbval keep their tags.
_SKIPPING: Final = ("nbval-ignore-output", "nbval-skip")


class CellOptions:
    """What one cell asks for.

    Attributes:
        skip: its outputs are not compared.
        numbers: ``rtol``, ``atol`` and ``image-threshold``, where given.
        off: normalisers that may not be used.
    """

    __slots__ = ("numbers", "off", "skip")

    def __init__(self) -> None:
        self.skip = False
        self.numbers: dict[str, float] = {}
        self.off: frozenset[str] = frozenset()

    def context(self, context: Context) -> Context:
        """Give the comparison as this cell wants it."""
        if not self.numbers and not self.off:
            return context
        names = {"rtol": "rtol", "atol": "atol", "image-threshold": "image"}
        given = {names[key]: value for key, value in self.numbers.items()}
        return context.changed(replace(context.tolerance, **given), self.off)


def options_of(notebook: Notebook) -> dict[int, CellOptions]:
    """Give what the code cells ask for, by index, where they ask for anything.

    Raises:
        ConfigError: a tag or value means nothing.
    """
    found: dict[int, CellOptions] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            options, origin = CellOptions(), f"{notebook.path}: cell {cell.index + 1}"
            for key, value in _asked(cell, origin):
                _set(options, key, value, origin)
                found[cell.index] = options
    return found


def _asked(cell: Cell, origin: str) -> Iterator[tuple[str, Any]]:
    for tag in cell.tags:
        if tag in _SKIPPING:
            yield "skip", True
        elif tag.startswith(_PREFIX):
            key, equals, value = tag.removeprefix(_PREFIX).partition("=")
            yield key.strip(), value.strip() if equals else True
    own = cell.metadata.get("nbpipe")
    asked = own.get("verify") if isinstance(own, dict) else None
    if isinstance(asked, dict):
        yield from asked.items()
    elif asked is not None:
        raise ConfigError(f"{origin}: nbpipe.verify in its metadata must be an object")


def _set(options: CellOptions, key: str, value: Any, origin: str) -> None:
    if key not in _KEYS:
        raise ConfigError(f"{origin}: unknown verify option '{key}'{did_you_mean(key, _KEYS)}")
    if key == "skip":
        options.skip = value is True or str(value).lower() == "true"
    elif key == "no-normalize":
        names = value if isinstance(value, list) else str(value).split(",")
        options.off |= normaliser_names(map(str, names), origin)
    else:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = -1.0
        if isinstance(value, bool) or not number >= 0:
            raise ConfigError(f"{origin}: verify option '{key}' must be a number from 0 on, not {value!r}")
        options.numbers[key] = number
