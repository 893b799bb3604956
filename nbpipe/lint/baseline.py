"""Findings that were there before, kept in a file so that only new ones are reported.

A finding is known again by its notebook's path, its rule, the content of its cell and its message without numbers; not
by where it stands. So it stays quiet when cells move or other cells change, and shows when its own cell is edited. Of
several that are alike, as many are quiet as there were.
"""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH110, PTH118, PTH120, PTH123

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError
from nbpipe.lint.files import shown
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from nbpipe.lint.diagnostic import Cells, Diagnostic, FileResult

    # Rule, hash of the cell's source ("" where it is in no cell), message without numbers.
    Finding = tuple[str, str, str]

VERSION = 1
# Numbers that stand alone: of cells, lines, counts and sizes, which change without the cell; not those in code.
NUMBER = pattern(r"(?<![^\s(\[])\d+(?:\.\d+)?(?![^\s,.;:)\]])")
HASH_LENGTH = 16


class Baseline:
    """What one baseline file holds, and what of it has been met again.

    Attributes:
        file: its path.
        hidden: how many findings were kept quiet so far.
    """

    __slots__ = ("_left", "_seen", "file", "hidden")

    def __init__(self, file: str, findings: dict[str, dict[Finding, int]] | None = None) -> None:
        """Take the findings by path (from the file's folder, with forward slashes), each with its count."""
        self.file = file
        self.hidden = 0
        self._left = {path: dict(known) for path, known in (findings or {}).items()}
        self._seen: set[str] = set()

    def filtered(self, result: FileResult) -> FileResult:
        """Give a result without the findings that the baseline knows."""
        path = self._relative(result.path)
        self._seen.add(path)
        left = self._left.get(path)
        if not left or not result.diagnostics:
            return result
        new = []
        for item in result.diagnostics:
            finding = finding_key(item, result.cells)
            if left.get(finding, 0) > 0:
                left[finding] -= 1
                self.hidden += 1
            else:
                new.append(item)
        return result.but(diagnostics=tuple(new))

    def stale(self, rules: Container[str]) -> int:
        """Give how many findings that it holds are gone: of these rules in the notebooks seen, or with a notebook."""
        return sum(
            count
            for path, known in self._left.items()
            for finding, count in known.items()
            if (finding[0] in rules if path in self._seen else not self._exists(path))
        )

    def _relative(self, path: str) -> str:
        folder = os.path.dirname(os.path.abspath(self.file))
        try:
            return shown(os.path.relpath(path, folder))
        except ValueError:  # another drive
            return shown(os.path.abspath(path))

    def _exists(self, path: str) -> bool:
        return os.path.exists(os.path.join(os.path.dirname(os.path.abspath(self.file)), path))

    def updated(self, results: Iterable[FileResult], rules: Container[str]) -> str:
        """Give the content of the file after a check without it: the present findings in place of those known before.

        What the check could not see stays: notebooks that it did not look at, rules that were not selected. Notebooks
        that do not exist any more go.
        """
        found: dict[str, dict[Finding, int]] = {}
        for result in results:
            known = found.setdefault(self._relative(result.path), {})
            for item in result.diagnostics:
                finding = finding_key(item, result.cells)
                known[finding] = known.get(finding, 0) + 1
        for path, before in self._left.items():
            if path in found:
                found[path] |= {finding: count for finding, count in before.items() if finding[0] not in rules}
            elif self._exists(path):
                found[path] = before
        return _written(found)


def read_baseline(file: str, origin: str, *, missing_ok: bool = False) -> Baseline:
    """Read a baseline file.

    Args:
        file: its path.
        origin: who named it, for messages.
        missing_ok: whether a file that is not there is an empty one.

    Raises:
        ConfigError: it cannot be read, or is not a baseline.
    """
    try:
        with open(file, encoding="utf-8") as stream:
            content = json.load(stream)
    except FileNotFoundError:
        if missing_ok:
            return Baseline(file)
        hint = f"write it with `nbpipe check --write-baseline {file}`"
        raise ConfigError(f"{origin}: no baseline file '{file}': {hint}") from None
    except OSError as error:
        raise ConfigError(f"{origin}: the baseline '{file}' cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        what = str(error).partition("\n")[0]
        raise ConfigError(f"{origin}: the baseline '{file}' is not valid JSON: {what}") from None
    try:
        return Baseline(file, _parsed(content))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise ConfigError(f"{origin}: '{file}' is not a baseline of nbpipe: {what}") from None


def _parsed(content: Any) -> dict[str, dict[Finding, int]]:
    """Give what a baseline file holds; raises where it is of another shape."""
    if not isinstance(content, dict):
        raise TypeError("it is not an object")
    if content["version"] != VERSION:
        raise ValueError(f"its version is {content['version']}, and this nbpipe reads {VERSION}")
    found: dict[str, dict[Finding, int]] = {}
    for path, entries in content["findings"].items():
        known = found.setdefault(path, {})
        for entry in entries:
            finding = (str(entry["rule"]), str(entry["cell"]), str(entry["message"]))
            known[finding] = known.get(finding, 0) + int(entry["count"])
    return found


def _written(found: dict[str, dict[Finding, int]]) -> str:
    """Give the content of a file: sorted, a line a finding, so that its diffs can be read and merged."""
    paths = [
        f"  {json.dumps(path)}: [\n" + ",\n".join(_entries(known)) + "\n  ]"
        for path, known in sorted(found.items())
        if known
    ]
    inside = "{\n" + ",\n".join(paths) + "\n }" if paths else "{}"
    return f'{{\n "version": {VERSION},\n "findings": {inside}\n}}\n'


def _entries(known: dict[Finding, int]) -> Iterator[str]:
    for (rule, cell, message), count in sorted(known.items()):
        yield "   " + json.dumps({"rule": rule, "cell": cell, "count": count, "message": message})


def finding_key(item: Diagnostic, cells: Cells) -> Finding:
    """Give what a finding is known by."""
    cell = ""
    if item.range is not None:
        source = cells[item.range.cell].source.rstrip()
        cell = sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]
    return item.rule, cell, NUMBER.sub("#", item.message)
