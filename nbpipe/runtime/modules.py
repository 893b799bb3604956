"""Which of the loaded modules are the user's own source files, not Python's and no installed package's."""

from __future__ import annotations

import os
import sys

_HERE = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - a string is compared
_INSTALLED = ("site-packages", "dist-packages")
_CELLS = "ipykernel_"  # cells are compiled as if they stood in files of such a folder


def own_modules() -> dict[str, str]:
    """Give the files of the user's own modules that are loaded: name to real path."""
    library = os.path.dirname(os.__file__)  # noqa: PTH120
    places = (sys.prefix, sys.base_prefix, library, _HERE)
    roots = tuple({root + os.sep for place in places for root in (place, os.path.realpath(place))})
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        if file.startswith(roots) or any(part in file for part in (*_INSTALLED, _CELLS)):
            continue
        path = os.path.realpath(file)
        # Some modules name a file that is none, as those that torch makes up.
        if not path.startswith(roots) and os.path.isfile(path):  # noqa: PTH113
            found[name] = path
    return found
