"""nbpipe takes a notebook from exploration to production: check, run, verify, convert, track.

The public API, each imported when first used: `nbpipe.check`, `nbpipe.fix`, `nbpipe.run`,
`nbpipe.verify`, `nbpipe.tag`, `nbpipe.convert`, `nbpipe.prove`, `nbpipe.graph`, `nbpipe.load`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbpipe.api.check import check as check
    from nbpipe.api.convert import convert as convert
    from nbpipe.api.fix import fix as fix
    from nbpipe.api.graph import graph as graph
    from nbpipe.api.load import load as load
    from nbpipe.api.prove import prove as prove
    from nbpipe.api.run import run as run
    from nbpipe.api.tag import tag as tag
    from nbpipe.api.verify import verify as verify

__version__ = "0.1.0"

# Name to the module that defines it.
_API = {
    "check": "nbpipe.api.check",
    "convert": "nbpipe.api.convert",
    "fix": "nbpipe.api.fix",
    "graph": "nbpipe.api.graph",
    "load": "nbpipe.api.load",
    "prove": "nbpipe.api.prove",
    "run": "nbpipe.api.run",
    "tag": "nbpipe.api.tag",
    "verify": "nbpipe.api.verify",
}


def __getattr__(name: str) -> Any:
    """Import a part of the public API."""
    if name not in _API:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_API[name]), name)


def __dir__() -> list[str]:
    """Name the public API without importing it."""
    return sorted([*globals(), *_API])


class _Package(ModuleType):
    """The package as a module that keeps a function public where a subpackage has the same name.

    Importing `nbpipe.verify` would otherwise put that package in the place of the function `nbpipe.verify`.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _API or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
