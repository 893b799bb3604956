"""Names for findings that stay the same when lines and cells move and when the notebook is run again."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from nbpipe.lint import reporting

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import Diagnostic, FileResult

LENGTH = 16


def fingerprints(result: FileResult, path: str) -> list[str]:
    """Give a name for each finding of a file, each another one, in their order.

    It is made of the rule, the path and the lines that the finding is about, without their indentation: not of
    the message, which may name cells and counts. Where several findings have all of that in common, they are
    counted in the order of the notebook.
    """
    seen: dict[tuple[str, ...], int] = {}
    names = []
    for item in result.diagnostics:
        key = (item.code, path, *_lines(result, item))
        seen[key] = seen.get(key, 0) + 1
        data = "\n".join([*key, str(seen[key])])
        names.append(sha256(data.encode("utf-8", "backslashreplace")).hexdigest()[:LENGTH])
    return names


def _lines(result: FileResult, item: Diagnostic) -> list[str]:
    place = item.range
    if place is None:
        return []
    lines = reporting.shown_source(result, place.cell).split("\n")[place.start_line : place.end_line + 1]
    return [line.strip() for line in lines]
