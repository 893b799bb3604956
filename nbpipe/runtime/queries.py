"""Which files a query of duckdb names: in quotes, as tables or as arguments of functions."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'((?:[^']|'')+)'|\"([^\"]+)\"")
_TO = re.compile(r"\bTO\s*$", re.IGNORECASE)
_ATTACH = re.compile(r"\bATTACH(?:\s+(?:DATABASE|IF\s+NOT\s+EXISTS|OR\s+REPLACE))*\s*$", re.IGNORECASE)
_FILE = re.compile(r"\.[A-Za-z0-9]{1,8}$|[*?]|^\w+://|[/\\]")


def paths_in_query(query: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the paths that a query reads, and those that it writes (``COPY ... TO 'path'``, an attached database)."""
    reads, writes = [], []
    for match in _QUOTED.finditer(query):
        text = (match[1] or match[2]).replace("''", "'")
        before = query[: match.start()]
        if not _FILE.search(text):
            continue
        if _TO.search(before):
            writes.append(text)
        else:
            reads.append(text)
            if _ATTACH.search(before):
                writes.append(text)
    return tuple(reads), tuple(writes)
