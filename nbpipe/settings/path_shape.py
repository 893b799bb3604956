"""The shape of a text: whether it is a path that holds on one machine or one kind of machine only.

Decided by the text alone, never by what exists where nbpipe runs.
"""

from __future__ import annotations

import re
from enum import Enum


class Shape(Enum):
    """How sure the text's shape is that it is such a path."""

    MACHINE = "machine"  # nothing but a path of some person's, machine's or service's
    ABSOLUTE = "absolute"  # a path where a path is wanted; elsewhere it may be a route or the like
    TEMPORARY = "temporary"  # below /tmp: there on every Unix, but not elsewhere, and not for long


# Patterns are compiled when they are first needed: most notebooks hold no text that begins like a path.
_TEMPORARY = r"/(?:tmp|var/tmp|dev/shm)(?:/|$)"
# Places that belong to the system or to a container's contract: the same wherever the code can run at all.
_SYSTEM = (
    r"/(?:dev|proc|sys|etc|bin|sbin|opt/ml"
    r"|usr/(?:bin|sbin|lib|lib64|libexec|share|include|local/(?:bin|lib|cuda[^/]*)))(?:/|$)"
)
# Gaps that the reader is to fill in.
_PLACEHOLDER = r"(?i:(?:^|[\\/])(?:path|your)(?:$|[\\/_-])|path[-_ ]?to|/\.\.\./|x{3})"
# Folders of one person, and the fixed folders of notebook services and clusters.
_MACHINE = (
    r"/(?:home|Users|export/home)/[^/]+/"
    r"|/(?:content|kaggle|dbfs|databricks|databricks-datasets|gdrive|mnt|Volumes|cygdrive|scratch|gpfs|lustre|nfs"
    r"|workspace|workspaces|notebooks)/[^/]"
    r"|/media/[^/]+/[^/]"
    r"|/root/(?:\.|[^/]+\.\w)"
)
_DATA = (
    r"(?:/[\w.@ %{}+=-]+)+\.(?:csv|tsv|parquet|pkl|pickle|h5|hdf5|npy|npz|xlsx?|feather|joblib|onnx|pth?|ckpt|sqlite3?"
    r"|mat|arrow|sas7bdat|dta|sav|rds)(?:\.(?:gz|bz2|zip|xz))?"
)
_ABSOLUTE = r"/[\w.~@{%-][^\n]*|/"
# ``~/.cache`` and the like are where tools keep their own things on every machine.
_HOME = r"~[\w-]*/(?!\.)[\w{%]"
_DRIVE = r"[A-Za-z]:(?:\\[^\\/:?\"<>|]|/[^/:?\"<>|\\]|\\\\[^\\/:?\"<>|])"
_SHARE = r"\\\\[\w.$-]+\\[\w.$ -]+(?:\\[^\\:\"<>|]+)*\\?"
_FILE_URL = r"file:/(?://?(?:localhost/)?)?[\w.~]"
_DBFS_URL = r"dbfs:/+\w"
# What no path is written with, but regular expressions, markup, LaTeX and sentences are.
_FOREIGN = r"[\n\t<>|^$`\"]|\(\?|\[\^|\.\*|\\[dwsDWSb][+*?\\)\]]|, |: |; |\?$|//.*//"
_LONGEST = 400


def shape_of(text: str) -> Shape | None:
    """Give what kind of machine-bound path a text looks like, None where it does not."""
    first = text[:1]
    if not (first in ("/", "~", "\\") or text[1:2] == ":" or text.startswith(("file:", "dbfs:"))):
        return None
    if len(text) > _LONGEST or len(text) < len("/x") or re.search(_FOREIGN, text) or re.search(_PLACEHOLDER, text):
        return None
    if first == "/":
        return _posix(text)
    if first == "~":
        return Shape.MACHINE if re.match(_HOME, text) else None
    if first == "\\":
        return Shape.ABSOLUTE if re.fullmatch(_SHARE, text) else None
    if text[1:2] == ":":
        return Shape.MACHINE if re.match(_DRIVE, text) else None
    if re.match(_FILE_URL, text):
        return None if re.match(_SYSTEM, "/" + text[len("file:") :].lstrip("/")) else Shape.MACHINE
    return Shape.MACHINE if re.match(_DBFS_URL, text) else None


def _posix(text: str) -> Shape | None:
    if "\\" in text or text.startswith("//"):
        return None
    if re.match(_TEMPORARY, text):
        return Shape.TEMPORARY
    if re.match(_SYSTEM, text):
        return None
    if re.match(_MACHINE, text) or re.fullmatch(_DATA, text):
        return Shape.MACHINE
    return Shape.ABSOLUTE if re.fullmatch(_ABSOLUTE, text) else None


# Where a path may begin inside a shell command: after a space, a quote or an equals sign.
IN_COMMAND = r"(?:^|(?<=[\s='\"]))(?:/|~/|[A-Za-z]:\\)[^\s'\"]+"
