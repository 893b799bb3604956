"""SARIF 2.1.0, the OASIS standard for results of static analysis: what GitHub code scanning and many viewers read.

Regions are lines of the file, because that is what those show; the cell is a logical location and stands in the
message. GitHub takes `primaryLocationLineHash` for the identity of a result; left to itself it would hash the text
from the line on, with the execution count of the next cell in it, so that each run would close and reopen alerts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbpipe.lint import reporting
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.fingerprint import fingerprints
from nbpipe.lint.page import page
from nbpipe.lint.registry import BY_CODE
from nbpipe.lint.repository import repository_path, uri_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult, Fix, Related
    from nbpipe.lint.rule import RuleInfo
    from nbpipe.notebook.model import Range

    Object = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/nbpipe/nbpipe"
ROOT = "%SRCROOT%"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}


class Reporter(reporting.Reporter):
    """Collects all findings and writes one run at the end, with the rules that found something."""

    locates = True
    edits_files = True
    summarises = False

    def __init__(self, paint: reporting.Paint) -> None:
        super().__init__(paint)
        self._rules: dict[str, int] = {}
        self._results: list[Object] = []
        self._failures: list[Object] = []

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield nothing yet."""
        path = repository_path(result.path)
        for item, name in zip(result.diagnostics, fingerprints(result, path), strict=True):
            index = self._rules.setdefault(item.code, len(self._rules))
            self._results.append(_result(result, item, index, name))
        self._failures += [{"level": "error", "message": {"text": str(failure)}} for failure in result.failures]
        yield from ()

    def end(self, summary: reporting.Summary) -> Iterator[str]:  # noqa: ARG002 - nothing of it has a place here
        """Yield the document."""
        driver = {
            "name": "nbpipe",
            "version": reporting.version(),
            "semanticVersion": reporting.version(),
            "informationUri": HOME,
            "rules": [_rule(BY_CODE[code]) for code in self._rules],
        }
        invocation: Object = {"executionSuccessful": not self._failures}
        if self._failures:
            invocation["toolExecutionNotifications"] = self._failures
        run = {
            "tool": {"driver": driver},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "results": self._results,
        }
        yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _rule(info: RuleInfo) -> Object:
    return {
        "id": info.code,
        "name": "".join(part.capitalize() for part in info.name.split("-")),
        "shortDescription": {"text": info.summary},
        "fullDescription": {"text": info.summary},
        "help": {
            "text": f"{info.summary} See {info.url}",
            "markdown": page(info),  # GitHub shows it under each alert
        },
        "helpUri": info.url,
        "defaultConfiguration": {"level": LEVELS[info.severity]},
        "properties": {"tags": ["notebook", info.family], "problem.severity": PROBLEMS[info.severity]},
    }


def _result(result: FileResult, item: Diagnostic, index: int, fingerprint: str) -> Object:
    shown: Object = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": LEVELS[item.severity],
        "message": {"text": _message(result, item)},
        "locations": [_location(result, item.range, item.json_line, item.json_end_line)],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1"},
    }
    if item.related:
        shown["relatedLocations"] = [_related(result, other, at) for at, other in enumerate(item.related, 1)]
    if item.fix is not None and item.fix.file_edits:
        shown["fixes"] = [_fix(result, item.fix)]
    return shown


def _message(result: FileResult, item: Diagnostic) -> str:
    """Give the message with a link to each related place, as the standard (3.11.6) writes them."""
    text = _plain(reporting.located_message(result, item))
    for at, other in enumerate(item.related, 1):
        name = f"cell {result.cells[other.range.cell].number}, line {other.range.start_line + 1}"
        text += f"\n[{name}]({at}): {_plain(reporting.printable(other.message))}"
    return text


def _plain(text: str) -> str:
    """Escape what would be a link; most viewers show an escape that was not needed."""
    if "](" not in text:
        return text
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(result: FileResult, place: Range | None, line: int | None, end: int | None) -> Object:
    physical: Object = {"artifactLocation": _artifact(result)}
    if line is not None:
        physical["region"] = {"startLine": line, "endLine": max(line, end or line)}
    else:  # GitHub shows no result without a line
        physical["region"] = {"startLine": 1}
    if place is not None:
        lines = reporting.shown_source(result, place.cell).split("\n")[place.start_line : place.end_line + 1]
        physical["region"]["snippet"] = {"text": _encodable("\n".join(lines))}
        return {"physicalLocation": physical, "logicalLocations": [_logical(result.cells[place.cell], place)]}
    return {"physicalLocation": physical}


def _artifact(result: FileResult) -> Object:
    path = repository_path(result.path)
    if path.startswith("/") or path[1:3] == ":/":  # in no repository, and not below the current folder
        return {"uri": "file:///" + uri_path(path.lstrip("/"))}
    return {"uri": uri_path(path), "uriBaseId": ROOT}


def _logical(cell: CellReference, place: Range) -> Object:
    name = reporting.cell_name(cell)
    properties = {
        "cell": {
            "number": cell.number,
            "id": None if cell.id is None else _encodable(cell.id),
            "execution_count": cell.execution_count,
        },
        "range": {
            "start": {"line": place.start_line + 1, "column": place.start_column + 1},
            "end": {"line": place.end_line + 1, "column": place.end_column + 1},
        },
    }
    return {"name": name, "fullyQualifiedName": name, "kind": "cell", "properties": properties}


def _related(result: FileResult, other: Related, number: int) -> Object:
    location = _location(result, other.range, other.json_line, other.json_line)
    return {"id": number, "message": {"text": _plain(reporting.related_message(result, other))}, **location}


def _fix(result: FileResult, fix: Fix) -> Object:
    replacements = [
        {
            "deletedRegion": {"startLine": edit.start_line, "startColumn": 1, "endLine": edit.end_line},
            "insertedContent": {"text": _encodable(edit.content)},
        }
        for edit in fix.file_edits
    ]
    return {
        "description": {"text": f"{reporting.printable(fix.title)} ({fix.applicability.value})"},
        "artifactChanges": [{"artifactLocation": _artifact(result), "replacements": replacements}],
    }


def _encodable(text: str) -> str:
    """Give text without lone surrogates, which many parsers of JSON refuse."""
    return text.encode("utf-8", "backslashreplace").decode()
