"""Which paths count as a notebook's files: not those of Python, of its packages, of the system."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SYSTEM = (
    "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/dev/", "/proc/", "/sys/", "/etc/", "/run/", "/lib/", "/lib64/",
    "/usr/lib/", "/usr/lib64/", "/usr/share/",
    "/usr/local/share/fonts/", "/System/", "/Library/", "/var/cache/fontconfig/",
)  # fmt: skip
_OF_PREFIX = ("lib", "lib64", "bin", "share", "etc", "include", "conda-meta", "pyvenv.cfg", "Lib", "DLLs")
# What tools keep for themselves in a home folder; data sets and models there do count.
_OF_HOME = (
    ".ipython", ".jupyter", ".matplotlib", ".config", ".cache/matplotlib", ".cache/fontconfig", ".cache/pip",
    ".local/share/jupyter", ".local/lib", ".fonts", ".local/share/fonts",
)  # fmt: skip
# Prefixes that are shared with everything else on the machine.
_SHARED = ("/", "/usr", "/usr/local")


class Ignored:
    """The folders that do not count."""

    def __init__(self, more: Sequence[str] = ()) -> None:
        """Collect them.

        Args:
            more: other folders.
        """
        # Cells are compiled as if they stood in files there.
        cells = os.path.join(tempfile.gettempdir(), f"ipykernel_{os.getpid()}")  # noqa: PTH118
        roots = [*more, cells, os.path.dirname(os.__file__)]  # noqa: PTH120 - in `open` events, strings are quicker
        for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
            whole = prefix in _SHARED
            roots += [os.path.join(prefix, name) for name in _OF_PREFIX] if whole else [prefix]  # noqa: PTH118
        roots += [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
        home = os.path.expanduser("~")  # noqa: PTH111
        roots += [os.path.join(home, name) for name in _OF_HOME]  # noqa: PTH118
        plain = {root.rstrip(os.sep) + os.sep for root in roots}
        resolved = {os.path.realpath(root).rstrip(os.sep) + os.sep for root in roots}
        self._folders = tuple(sorted(plain | resolved | set(_SYSTEM)))

    def __contains__(self, path: str) -> bool:
        return path.startswith(self._folders)


def as_path(path: object) -> str | None:
    """Give what stands for a file as text; None where it is something else, as an open file or its number."""
    if type(path) is str:
        return path
    if isinstance(path, (str, bytes, os.PathLike)):
        try:
            return os.fsdecode(path)
        except (TypeError, ValueError):
            return None
    return None
