"""Which of the loaded modules are the user's own source files, not Python's and no installed package's."""

from __future__ import annotations

import functools
import os
import sys

_HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - a string is compared
_INSTALLED = ("site-packages", "dist-packages")
_CELLS = "ipykernel_"  # cells are compiled as if they stood in files of such a folder


# What was loaded when `remember` was asked: the last name, and the user's own among all names.
_last: list[str] = []
_before: dict[str, str] = {}


def remember() -> None:
    """Keep what is loaded now, so that `own_modules` looks only at what is loaded later.

    For a process that others are forked from: looking at a thousand modules costs each of them a copy of the memory
    that these lie in. New modules stand at the end of `sys.modules`.
    """
    _before.update(own_modules())
    _last[:] = list(sys.modules)[-1:]


def own_modules() -> dict[str, str]:
    """Give the files of the user's own modules that are loaded: name to real path."""
    found = dict(_before)
    for name in _loaded_since():
        file = getattr(sys.modules.get(name), "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        roots = _not_own()
        if file.startswith(roots) or any(part in file for part in (*_INSTALLED, _CELLS)):
            continue
        path = os.path.realpath(file)
        # Some modules name a file that is none, as those that torch makes up.
        if not path.startswith(roots) and os.path.isfile(path):  # noqa: PTH113
            found[name] = path
    return found


def _loaded_since() -> list[str]:
    """Name the modules that were loaded after `remember`; all where nobody asked for that."""
    last = _last[0] if _last and _last[0] in sys.modules else None
    if last is None:
        return list(sys.modules)
    found: list[str] = []
    try:
        for name in reversed(sys.modules):
            if name == last:
                break
            found.append(name)
    except RuntimeError:  # another thread has loaded one meanwhile
        return list(sys.modules)
    return found


@functools.lru_cache(maxsize=1)
def _not_own() -> tuple[str, ...]:
    library = os.path.dirname(os.__file__)  # noqa: PTH120
    places = (sys.prefix, sys.base_prefix, library, _HERE)
    return tuple({root + os.sep for place in places for root in (place, os.path.realpath(place))})
