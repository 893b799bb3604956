"""What is in a file that was just written, as digests that two runs of the same code share.

Formats that keep the time of writing, or whose bytes depend on more than the value (pickles of equal values differ),
get a digest of what they hold.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import unread_pickles
from .files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 1 << 26  # of a file that is looked into
_PICKLES = (".pkl", ".pickle", ".joblib", ".sav", ".model", ".p", ".pk")
# Parts of office documents that hold when and by whom they were written.
_TIMED_MEMBERS = re.compile(r"(^|/)docProps/|(^|/)meta\.xml$")
_DATES = re.compile(rb"/(?:CreationDate|ModDate) \(D:[^)]*\)|<dc:date>[^<]*</dc:date>")


def contents(paths: Sequence[str], local: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """Give for each file that is there ``sha256`` of its bytes, and ``value``: a digest of what it holds, or ""."""
    found = {}
    for path in paths:
        digest = sha256_of(path)
        if digest is not None:
            found[path] = {"sha256": digest, "value": value_digest(path, local)}
    return found


def value_digest(path: str, local: Sequence[str] = (), name: str = "") -> str:
    """Give a digest of what a file holds, "" where its bytes say it all or it cannot be read.

    Args:
        path: the file.
        local: top packages whose definitions count as the notebook's own.
        name: of the file, where `path` is a copy under another name.
    """
    suffix = Path(name or path).suffix.lower()
    with suppress(OSError, ValueError, EOFError, zipfile.BadZipFile):
        place = Path(path)
        if place.stat().st_size > MOST_BYTES:
            return ""
        with place.open("rb") as file:
            head = file.read(4)
        if head[:1] == b"\x80" or suffix in _PICKLES:
            return _of_pickle(path, local)
        if head == b"PK\x03\x04":
            return _of_archive(path)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                return f"gzip:{hashlib.sha256(packed.read(MOST_BYTES)).hexdigest()}"
        if suffix in (".pdf", ".svg"):
            return f"{suffix[1:]}:{hashlib.sha256(_DATES.sub(b'', place.read_bytes())).hexdigest()}"
    return ""


def _of_archive(path: str) -> str:
    with zipfile.ZipFile(path) as archive:
        members = sorted((item.filename, item.CRC, item.file_size) for item in archive.infolist())
    return "zip:" + hashlib.sha256(repr([m for m in members if not _TIMED_MEMBERS.search(m[0])]).encode()).hexdigest()


def _of_pickle(path: str, local: Sequence[str]) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        try:
            return f"pickle:{unread_pickles.digest(file, local)}"
        except unread_pickles.UnreadableError:
            return ""


def digests_stored(request: dict[str, Any]) -> dict[str, Any]:
    """Give the digests of what files in a store hold.

    Args:
        request: ``local`` (see `value_digest`), ``files``: ``[{"name", "file"}]``, the path that it was written to, and
            where its content is.
    """
    # Arrays, and joblib's format, can be told only where these are loaded.
    with suppress(ImportError):
        import numpy  # noqa: F401, ICN001
    with suppress(ImportError):
        import joblib.numpy_pickle  # noqa: F401
    local = tuple(request["local"])
    return {"values": {item["name"]: value_digest(item["file"], local, item["name"]) for item in request["files"]}}
