"""What a kernel is kept from: the network, and the environment variables of the one who runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Final

from nbpipe.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What programs need to run at all, or to find their own files; none of them tells a secret.
_ESSENTIAL: Final = frozenset([
    "APPDATA", "COMSPEC", "CONDA_PREFIX", "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOCALAPPDATA", "LOGNAME",
    "MPLBACKEND", "PATH", "PATHEXT", "PROGRAMDATA", "PYTHONHASHSEED", "PYTHONPATH", "SHELL", "SYSTEMROOT", "TEMP",
    "TERM", "TMP", "TMPDIR", "TZ", "USER", "USERPROFILE", "VIRTUAL_ENV", "WINDIR",
])  # fmt: skip
_FAMILIES: Final = ("LC_", "XDG_", "JUPYTER_", "IPYTHON", "OMP_", "OPENBLAS_", "MKL_")


def allowed_environment(environ: Mapping[str, str], names: Iterable[str] | None) -> dict[str, str]:
    """Give what of an environment a kernel gets: all of it, or what is essential and what is named.

    Args:
        environ: the environment.
        names: the variables that are allowed; None for all.
    """
    if names is None:
        return dict(environ)
    allowed = {*names, *_ESSENTIAL}
    return {name: value for name, value in environ.items() if name in allowed or name.startswith(_FAMILIES)}


@cache
def without_network() -> tuple[str, ...]:
    """Give what runs a command without a network: util-linux's ``unshare``, with a network namespace of its own.

    Raises:
        ConfigError: this system has it not, or does not allow it.
    """
    program = shutil.which("unshare")
    ways = [("--net",), ("--map-root-user", "--net")] if os.name == "posix" else []
    for flags in ways:
        if program is not None and _works((program, *flags)):
            return (program, *flags)
    raise ConfigError("--no-network: this system cannot run a program without network (Linux can, with unshare)")


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run([*prefix, "true"], check=False, capture_output=True, timeout=10)  # noqa: S603 - no shell
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
