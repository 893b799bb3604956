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


_TEMPORARY = re.compile(r"/(?:tmp|var/tmp|dev/shm)(?:/|$)")
# Places that belong to the system or to a container's contract: the same wherever the code can run at all.
_SYSTEM = re.compile(
    r"/(?:dev|proc|sys|etc|bin|sbin|usr/(?:bin|sbin|lib|lib64|libexec|share|include|local/(?:bin|lib|cuda[^/]*))|opt/ml)(?:/|$)"
)
# Gaps that the reader is to fill in.
_PLACEHOLDER = re.compile(r"(?:^|[\\/])(?:path|your)(?:$|[\\/_-])|path[-_ ]?to|/\.\.\./|x{3}", re.IGNORECASE)
# Folders of one person, and the fixed folders of notebook services and clusters.
_MACHINE = re.compile(
    r"/(?:home|Users|export/home)/[^/]+/"
    r"|/(?:content|kaggle|dbfs|databricks|databricks-datasets|gdrive|mnt|Volumes|cygdrive|scratch|gpfs|lustre|nfs"
    r"|workspace|workspaces|notebooks)/[^/]"
    r"|/media/[^/]+/[^/]"
    r"|/root/(?:\.|[^/]+\.\w)"
)
_DATA = re.compile(
    r"(?:/[\w.@ %{}+=-]+)+\.(?:csv|tsv|parquet|pkl|pickle|h5|hdf5|npy|npz|xlsx?|feather|joblib|onnx|pth?|ckpt|sqlite3?"
    r"|mat|arrow|sas7bdat|dta|sav|rds)(?:\.(?:gz|bz2|zip|xz))?"
)
_ABSOLUTE = re.compile(r"/[\w.~@{%-][^\n]*|/")
# ``~/.cache`` and the like are where tools keep their own things on every machine.
_HOME = re.compile(r"~[\w-]*/(?!\.)[\w{%]")
_DRIVE = re.compile(r"[A-Za-z]:(?:\\[^\\/:?\"<>|]|/[^/:?\"<>|\\]|\\\\[^\\/:?\"<>|])")
_SHARE = re.compile(r"\\\\[\w.$-]+\\[\w.$ -]+(?:\\[^\\:\"<>|]+)*\\?")
_FILE_URL = re.compile(r"file:/(?://?(?:localhost/)?)?[\w.~]")
_DBFS_URL = re.compile(r"dbfs:/+\w")
# What no path is written with, but regular expressions, markup, LaTeX and sentences are.
_FOREIGN = re.compile(r"[\n\t<>|^$`\"]|\(\?|\[\^|\.\*|\\[dwsDWSb][+*?\\)\]]|, |: |; |\?$|//.*//")
_LONGEST = 400


def shape_of(text: str) -> Shape | None:
    """Give what kind of machine-bound path a text looks like, None where it does not."""
    if len(text) > _LONGEST or len(text) < len("/x") or _FOREIGN.search(text) or _PLACEHOLDER.search(text):
        return None
    first = text[0]
    if first == "/":
        return _posix(text)
    if first == "~":
        return Shape.MACHINE if _HOME.match(text) else None
    if first == "\\":
        return Shape.ABSOLUTE if _SHARE.fullmatch(text) else None
    if text[1:2] == ":":
        return Shape.MACHINE if _DRIVE.match(text) else None
    if _FILE_URL.match(text):
        return None if _SYSTEM.match("/" + text[len("file:") :].lstrip("/")) else Shape.MACHINE
    return Shape.MACHINE if _DBFS_URL.match(text) else None


def _posix(text: str) -> Shape | None:
    if "\\" in text or text.startswith("//"):
        return None
    if _TEMPORARY.match(text):
        return Shape.TEMPORARY
    if _SYSTEM.match(text):
        return None
    if _MACHINE.match(text) or _DATA.fullmatch(text):
        return Shape.MACHINE
    return Shape.ABSOLUTE if _ABSOLUTE.fullmatch(text) else None


# Where a path may begin inside a shell command: after a space, a quote or an equals sign.
IN_COMMAND = re.compile(r"(?:^|(?<=[\s='\"]))(?:/|~/|[A-Za-z]:\\)[^\s'\"]+")
