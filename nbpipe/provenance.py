"""Where a run comes from: who, on which machine, when, from which commit, with which Python and packages."""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
import re
import socket
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_GIT_SECONDS = 3.0
_LONGEST_DIFF = 100_000
_VARIABLES = (
    "PYTHONHASHSEED", "PYTHONPATH", "PYTHONUTF8", "TZ", "LANG", "LC_ALL", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS",
    "MPLBACKEND", "CONDA_DEFAULT_ENV", "VIRTUAL_ENV",
)  # fmt: skip
_METADATA_FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py\d[^-]*)?\.(?:dist|egg)-info")


def new_run_id(when: datetime | None = None) -> str:
    """Make an id that is unique and sorts by time (UTC), to a thousandth of a second: the first three digits."""
    when = (when or datetime.now(UTC)).astimezone(UTC)
    return f"{when:%Y%m%dT%H%M%S}-{when.microsecond // 1000:03x}{uuid.uuid4().hex[:5]}"


def capture(path: Path) -> dict[str, Any]:
    """Collect the provenance of a run of `path` (a notebook, or a pipeline's folder); takes some milliseconds.

    Gives plain JSON values: ``user``, ``host``, ``git`` (see `git_state`; None outside a repository), ``python``
    (``version``, ``implementation``, ``executable``), ``platform``, ``packages`` (name to version, of this
    environment), ``sha256`` of the file. Environment variables are left out: they hold secrets.
    """
    return {
        "user": _user(),
        "host": socket.gethostname(),
        "git": git_state(path if path.is_dir() else path.parent),
        "python": {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "executable": sys.executable,
        },
        "platform": platform.platform(),
        "packages": packages(),
        "sha256": None if path.is_dir() else file_sha256(path),
    }


def file_sha256(path: Path) -> str | None:
    """Give the SHA-256 of a file's bytes, or None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def git_state(folder: Path) -> dict[str, Any] | None:
    """Give ``commit`` (None before the first), ``branch`` (None when detached) and ``dirty`` of a folder's repository.

    None when it is in none, git is not installed or does not answer in a few seconds. Files that git does
    not track do not count as dirty: looking for them is slow in large repositories.
    """
    command = ["git", "-C", str(folder), "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; git is the one that the user has
            command,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode != 0:
        return None
    lines = done.stdout.decode(errors="replace").splitlines()
    headers = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# ") and " " in line[2:])
    commit, branch = headers.get("branch.oid"), headers.get("branch.head")
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": None if branch == "(detached)" else branch,
        "dirty": any(not line.startswith("# ") for line in lines),
    }


def git_diff(folder: Path) -> str | None:
    """Give what differs from the last commit in a folder's repository, cut at 100,000 characters.

    None where nothing does, in no repository, or where git does not answer in a few seconds. The text is as git gives
    it: whoever keeps it must hide secrets in it.
    """
    command = ["git", "-C", str(folder), "diff", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; git is the one that the user has
            command,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    text = done.stdout.decode(errors="replace") if done.returncode == 0 else ""
    if len(text) > _LONGEST_DIFF:
        text = f"{text[:_LONGEST_DIFF]}\n... {len(text) - _LONGEST_DIFF} more characters\n"
    return text or None


def variables() -> dict[str, str]:
    """Give the environment variables that are known to change results: threads, hash seed, locale, time zone, devices.

    No others: they may hold secrets.
    """
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}


def packages() -> dict[str, str]:
    """Give the installed distributions of this environment, name to version, sorted.

    Reads the names of the metadata folders (name-version.dist-info), which is a hundred times faster than
    parsing what is in them.
    """
    found: dict[str, str] = {}
    for entry in sys.path:
        try:
            names = os.listdir(entry or ".")  # noqa: PTH208 - names are all that is needed
        except OSError:
            continue
        for name in names:
            match = _METADATA_FOLDER.fullmatch(name)
            if match:
                # The first on the path is the one that is imported.
                found.setdefault(match["name"].replace("_", "-").lower(), match["version"])
    return dict(sorted(found.items()))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
