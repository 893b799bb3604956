"""The facts about libraries that one notebook imports: what is said by hand, in `library/`, and by the user.

What can be told from signatures is generated, and read by `members`; what is said here goes before it. A file is read
when a notebook imports its library, or meets an object of it. Its tables:

- ``returns``: what calling this name gives (``pandas.concat``, ``pandas.DataFrame.append``, ``f()[0]`` for an item);
- ``mutates``: places of the arguments that a function changes;
- ``mutating_methods``: by class, methods that change their object; ``*`` for all classes, or all methods;
- ``complete``: libraries of which all mutating methods are known;
- ``returns_self``: methods that give the object they are called on;
- ``views``: by class, methods whose result shares the object's memory;
- ``items``: by class, what a subscript gives, and in ``copies`` which subscripts share no memory;
- ``state``: the state of the process that a call touches, and how;
- ``versions``: tables that hold for some versions only (``pandas<3``);
- ``requires_python``: by major version, the Python it needs, by which old kernels are known.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbpipe.analysis import members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.analysis.members import Class
    from nbpipe.analysis.scopes import Scope

# Top-level module to the file that knows it.
FILES = {
    "bisect": "python", "decimal": "python", "heapq": "python", "locale": "python", "os": "python",
    "random": "python", "sys": "python", "warnings": "python", "collections": "python", "copy": "python",
    "numpy": "numpy", "pandas": "pandas",
    "sklearn": "sklearn", "imblearn": "sklearn", "xgboost": "sklearn", "lightgbm": "sklearn", "catboost": "sklearn",
    "torch": "torch", "tensorflow": "tensorflow", "keras": "tensorflow",
    "accelerate": "seeding", "fastai": "seeding", "lightning": "seeding", "pytorch_lightning": "seeding",
    "transformers": "seeding",
    "matplotlib": "matplotlib", "seaborn": "matplotlib", "pylab": "matplotlib", "polars": "polars",
}  # fmt: skip
_FOLDER = os.path.join(os.path.dirname(__file__), "library")  # noqa: PTH118, PTH120 - pathlib costs start-up time
_NEWEST = 10_000
_files: dict[str, dict[str, Any]] = {}
# What the user's own files say, by top-level module.
_extensions: dict[str, dict[str, Any]] = {}


def library_file(name: str) -> dict[str, Any]:
    """Read one file of library knowledge, once a process."""
    found = _files.get(name)
    if found is None:
        with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
            found = _files[name] = json.load(file)
    return found


@lru_cache(maxsize=256)
def known_draws(modules: frozenset[str]) -> frozenset[str]:
    """Give the last parts of the callables of some top-level modules that draw from a global generator."""
    files = {FILES[module] for module in modules if module in FILES}
    state = (item for file in files for item in library_file(file).get("state", {}).items())
    return frozenset(name.rpartition(".")[2] for name, (_, effect) in state if effect == "draw")


def extend(known: dict[str, dict[str, Any]]) -> None:
    """Take up what the user's files say, by top-level module, instead of what was taken up before."""
    _extensions.clear()
    _extensions.update(known)


class LibraryFacts:
    """What is known of the libraries that one notebook imports.

    Args:
        versions: major versions of libraries, where they are known; the newest is meant where they are not.

    Attributes:
        data: what belongs to the whole process and is read and changed by its parts, with the kind of state it is.
        scopes: of the functions, classes and comprehensions met, by node: the same in every simulation.
    """

    def __init__(self, versions: Mapping[str, int] | None = None) -> None:
        self._versions = versions or {}
        self._known: set[str] = set()
        self.returns: dict[str, str | None] = {}
        self.mutates: dict[str, list[int]] = {}
        self.mutating_methods: dict[str, set[str]] = {}
        self.views: dict[str, set[str]] = {}
        self.returns_self: set[str] = set()
        self.state: dict[str, list[str]] = {}
        self.items: dict[str, dict[str, str]] = {}
        self.complete: set[str] = set()
        self._classes: set[str] = set()
        self._stateless: set[str] = set()
        self.data: dict[str, str] = {}
        self.scopes: dict[int, Scope] = {}

    def imported(self, module: str) -> None:
        """Learn what is known of a module that the notebook imports."""
        top = module.partition(".")[0]
        if top in _extensions and f"{top}*" not in self._known:
            self._known.add(f"{top}*")
            self._learn(_extensions[top])
        name = FILES.get(top)
        if name is None or name in self._known:
            return
        self._known.add(name)
        facts = library_file(name)
        self._learn(facts)
        for condition, more in facts.get("versions", {}).items():
            library, _, below = condition.partition("<")
            if self._versions.get(library, _NEWEST) < int(below):
                self._learn(more)

    def _learn(self, facts: Mapping[str, Any]) -> None:
        self.returns.update(facts.get("returns", {}))
        self.mutates.update(facts.get("mutates", {}))
        self.returns_self.update(facts.get("returns_self", ()))
        state = facts.get("state", {})
        self.state.update(state)
        self._stateless.clear()
        self.data.update({name: kind for name, (kind, effect) in state.items() if effect == "data"})
        self.items.update(facts.get("items", {}))
        self.complete.update(facts.get("complete", ()))
        for table, target in (("mutating_methods", self.mutating_methods), ("views", self.views)):
            for owner, methods in facts.get(table, {}).items():
                target.setdefault(owner, set()).update(methods)

    def class_of(self, owner: str | None) -> Class | None:
        """Give what is known of an object's class; its library counts as imported from then on."""
        known = members.class_of(owner) if owner else None
        if known is not None and known.name not in self._classes:
            self._classes.add(known.name)
            self.imported(known.name)
        return known
