"""Annotations of step functions, from the types of the values that a recorded run saw."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbpipe.convert.imports import Import

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

_ALIASES: Final = {"numpy": "np", "pandas": "pd", "polars": "pl", "torch": "torch"}
# Type names that stand for what people write otherwise.
_WRITTEN: Final = {("builtins", "NoneType"): "None", ("builtins", "ellipsis"): "object"}
# Classes that stand for a general one on one platform.
_GENERAL: Final = {
    ("pathlib", "PosixPath"): ("pathlib", "Path"),
    ("pathlib", "WindowsPath"): ("pathlib", "Path"),
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A type as it is written, and what must be imported for it (None: nothing)."""

    text: str
    needs: Import | None = None
    definition: str = ""


class Annotator:
    """Writes types with names that mean the same in the module they stand in.

    Args:
        imports: the notebook's imports, by the name they bind.
        definitions: names of the classes in definitions.py.
        taken: names that stand for something else in the module.
    """

    def __init__(
        self, imports: Mapping[str, tuple[Import, ...]], definitions: Container[str], taken: Container[str]
    ) -> None:
        self._imports = imports
        self._definitions = definitions
        self._taken = taken

    def of(self, found: list[str] | None) -> Annotation:
        """Give the annotation for ``[module, name]``; ``object`` where the class cannot be named."""
        if found is None:
            return Annotation("object")
        module, name = _GENERAL.get((found[0], found[1]), (found[0], found[1]))
        if (module, name) in _WRITTEN:
            return Annotation(_WRITTEN[module, name])
        if module == "builtins" and name not in self._taken:
            return Annotation(name)
        if module == "__main__" and name in self._definitions:
            return Annotation(name, definition=name)
        if not name.isidentifier() or keyword.iskeyword(name) or module in ("builtins", "__main__"):
            return Annotation("object")
        if module in _ALIASES:
            return self._through_module(module, name)
        return self._by_name(Import(module, name))

    def _through_module(self, module: str, name: str) -> Annotation:
        alias = _ALIASES[module]
        item = Import(module, alias=alias) if alias != module else Import(module)
        if self._means_other(item):
            return Annotation("object")
        return Annotation(f"{alias}.{name}", item)

    def _by_name(self, item: Import) -> Annotation:
        return Annotation("object") if self._means_other(item) else Annotation(item.name, item)

    def _means_other(self, item: Import) -> bool:
        """Tell whether the name that an import binds stands for something else in the notebook."""
        known = self._imports.get(item.binds)
        if known is not None:
            return known != (item,)
        return item.binds in self._taken


def returned(annotations: list[Annotation]) -> str:
    """Give the return type of a function that returns values of these types."""
    if not annotations:
        return "None"
    if len(annotations) == 1:
        return annotations[0].text
    return f"tuple[{', '.join(annotation.text for annotation in annotations)}]"
