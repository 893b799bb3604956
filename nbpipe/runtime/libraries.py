"""Which libraries an interpreter has: versions, what needs what, and which modules come from which of them."""

from __future__ import annotations

import os
import platform
import re
import sys
from typing import Any

_METADATA_FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py\d[^-]*)?\.(?:dist|egg)-info")
_REQUIREMENT = re.compile(r"Requires-Dist: *([A-Za-z0-9._-]+)([^\n]*)")


def installed() -> dict[str, Any]:
    """Give what tells one environment from another, read off names of folders in milliseconds.

    Returns:
        ``python`` (implementation and version), ``executable``, ``path``, ``distributions``: name to version.
    """
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "distributions": {name: version for name, (version, _) in _folders().items()},
    }


def table() -> dict[str, Any]:
    """Give ``requires``: distribution to those it needs, and ``modules``: top-level module to its distributions."""
    requires: dict[str, list[str]] = {}
    modules: dict[str, list[str]] = {}
    for name, (_, folder) in _folders().items():
        requires[name] = _required(folder)
        for module in _modules(folder):
            modules.setdefault(module, []).append(name)
    return {"requires": requires, "modules": modules}


def described(_: dict[str, Any]) -> dict[str, Any]:
    """Give what `installed` and `table` give, as the answer to a request."""
    return {**installed(), **table()}


def _folders() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for entry in sys.path:
        try:
            names = os.listdir(entry or ".")  # noqa: PTH208 - names are all that is needed
        except OSError:
            continue
        for name in names:
            match = _METADATA_FOLDER.fullmatch(name)
            if match:
                # The first on the path is the one that is imported.
                known = match["name"].replace("_", "-").replace(".", "-").lower()
                found.setdefault(known, (match["version"], os.path.join(entry or ".", name)))  # noqa: PTH118
    return dict(sorted(found.items()))


def _text(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:  # noqa: PTH118, PTH123
            return file.read()
    except OSError:
        return ""


def _required(folder: str) -> list[str]:
    header = (_text(folder, "METADATA") or _text(folder, "PKG-INFO")).partition("\n\n")[0]
    found = _REQUIREMENT.findall(header)
    return sorted({re.sub(r"[-_.]+", "-", name).lower() for name, rest in found if "extra" not in rest})


def _modules(folder: str) -> set[str]:
    listed = _text(folder, "top_level.txt").split()
    if listed:
        return {name.partition("/")[0] for name in listed}
    tops = set()
    for line in _text(folder, "RECORD").splitlines():
        path = line.partition(",")[0].strip('"')
        top, _, rest = path.partition("/")
        if rest and not top.endswith(("-info", ".data")) and top not in ("..", "__pycache__"):
            tops.add(top)
        elif not rest and path.endswith((".py", ".so", ".pyd")):
            tops.add(path.partition(".")[0])
    return tops
