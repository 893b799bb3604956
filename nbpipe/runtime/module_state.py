"""What the author's own modules hold at their top, watched from the moment they are imported.

Each step of a pipeline imports them anew. So it matters what a notebook changes in them after that (a cache, a counter,
a registry), and what importing them changes elsewhere (options of libraries, generators, other own modules).
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
import types
from typing import TYPE_CHECKING, Any

from . import generators
from .fingerprints import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SEPARATOR = ":"
"""Between the name of a module and one of its names, in the names of what it holds."""


class _Watch:
    """What is known of the own modules of this process.

    Attributes:
        files: real path by module.
        imported: digests of what they held when the import was done, by ``module:name``.
        effects: module to what importing it changed besides.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.imported: dict[str, str] = {}
        self.effects: dict[str, list[str]] = {}
        self._depth = 0

    def is_own(self, name: str, module: object) -> bool:
        """Tell whether a loaded module is the file that it is taken for."""
        path = getattr(module, "__file__", None)
        return isinstance(path, str) and self.files.get(name) == os.path.realpath(path)

    def held(self) -> dict[str, object]:
        """Give what the modules that are loaded hold themselves: not what they import from elsewhere."""
        found = {}
        for name in self.files:
            module = sys.modules.get(name)
            if module is not None and self.is_own(name, module):
                content = [(key, value) for key, value in list(vars(module).items()) if self._counts(name, key, value)]
                found.update({name + SEPARATOR + key: value for key, value in content})
        return found

    def _counts(self, module: str, key: str, value: object) -> bool:
        if key.startswith("__") or isinstance(value, types.ModuleType):
            return False
        if isinstance(value, (type, types.FunctionType)):
            return value.__module__ == module
        return not type(value).__module__.startswith(("logging", "typing"))

    def digests(self) -> dict[str, str]:
        """Give the digests of what they hold."""
        return {name: fingerprint(value, local=self.tops).digest for name, value in self.held().items()}

    @property
    def tops(self) -> tuple[str, ...]:
        """The top-level names."""
        return tuple({name.partition(".")[0] for name in self.files})

    def executed(self, module: types.ModuleType, execute: Callable[[], None]) -> None:
        """Execute a module's code, and note what that did; imports inside of it are part of it."""
        if self._depth:
            execute()
            return
        from .recorder import global_state

        before = {**self.digests(), **self._generators(), **global_state()}
        self._depth += 1
        try:
            execute()
        finally:
            self._depth -= 1
        self.imported.update(self.digests())
        after = {**self.imported, **self._generators(), **global_state()}
        own = module.__name__ + SEPARATOR
        both = [name for name in after if name in before and not name.startswith(own)]
        changed = [name for name in both if before[name] != after[name]]
        self.effects.setdefault(module.__name__, []).extend(changed)

    def _generators(self) -> dict[str, str]:
        return {kind: fingerprint(state).digest for kind, state in generators.get_states().items()}


_current = _Watch({})
_original: Any = importlib.machinery.SourceFileLoader.exec_module


def watch(files: Mapping[str, str]) -> None:
    """Watch these modules (dotted name to real path) from now on, and no others."""
    global _current  # noqa: PLW0603 - one a process
    _current = _Watch(files)
    importlib.machinery.SourceFileLoader.exec_module = _exec_module if files else _original  # type: ignore[method-assign]


def _exec_module(self: Any, module: types.ModuleType) -> None:
    if module.__name__ not in _current.files or not _current.is_own(module.__name__, module):
        _original(self, module)
    else:
        _current.executed(module, lambda: _original(self, module))


def held() -> dict[str, object]:
    """Give what own modules hold now, by ``module:name``."""
    return _current.held()


def digest_options() -> tuple[str, ...]:
    """Give the modules whose definitions count by what they say."""
    return _current.tops


def noted() -> dict[str, Any]:
    """Give ``imported`` and ``effects``; see `_Watch`."""
    return {
        "imported": dict(_current.imported),
        "effects": {name: sorted(set(kinds)) for name, kinds in _current.effects.items() if kinds},
    }


def others() -> list[str]:
    """Name the modules that are loaded from another file than the author's."""
    return [name for name in _current.files if name in sys.modules and not _current.is_own(name, sys.modules[name])]
