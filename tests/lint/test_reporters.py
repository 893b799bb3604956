"""The formats: what is shown where, and JSON that keeps to its schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from nbpipe.errors import ConfigError
from nbpipe.lint import reporting
from nbpipe.lint.diagnostic import (
    Applicability,
    CellEdit,
    CellReference,
    Diagnostic,
    Edit,
    FileResult,
    Fix,
    Related,
    Severity,
)
from nbpipe.lint.reporters import formats, make_reporter
from nbpipe.lint.reporting import Summary
from nbpipe.lint.schema import diagnostics_schema
from nbpipe.notebook.model import Cell, Range

FIX = Fix(
    "rename it",
    (
        Edit(Range(1, 0, 0, 0, 1), "y"),
        CellEdit("insert-cell", after=-1, tags=("parameters",), content="a = 1"),
        CellEdit("delete-cell", cell=0),
        CellEdit("move-cell", cell=1, after=0),
    ),
    Applicability.UNSAFE,
)


def result() -> FileResult:
    cells = (Cell(0, "code", "x = 1\ny = x", id="ab", execution_count=7), Cell(1, "code", "z = \u6f22 + w"))
    found = (
        Diagnostic("NB001", "invalid-notebook", "bad", Severity.ERROR, path="a/b.ipynb", range=None, json_line=3),
        Diagnostic(
            "NB002",
            "syntax-error",
            "w is \x1b[31mwrong",
            Severity.WARNING,
            path="a/b.ipynb",
            range=Range(1, 0, 8, 0, 9),
            related=(Related(Range(0, 1, 0, 1, 1), "y is here"),),
            fix=FIX,
            json_line=12,
        ),
        Diagnostic("NB115", "error-output", "so", Severity.INFO, path="a/b.ipynb", range=Range(0, 0, 0, 1, 5)),
    )
    return FileResult("a/b.ipynb", found, dict(enumerate(map(CellReference, cells))))


def written(name: str, *results: FileResult, colours: bool = False) -> str:
    reporter = make_reporter(name, "test", lambda text, style: f"<{style}:{text}>" if colours else text)
    summary = Summary()
    lines: list[str] = []
    for one in results:
        summary.add(one)
        lines += reporter.file(one)
    return "\n".join([*lines, *reporter.end(summary)])


def test_full_shows_the_code_of_both_places() -> None:
    assert written("full", result()).splitlines() == [
        "error[NB001] invalid-notebook: bad",
        " --> a/b.ipynb, line 3",
        "",
        "warning[NB002] syntax-error: w is \\x1b[31mwrong",
        " --> a/b.ipynb, cell 2, line 1, column 9",
        "  |",
        "1 | z = \u6f22 + w",
        "  |          ^",
        " ::: cell 1 In [7] (id ab), line 2, column 1: y is here",
        "  |",
        "1 | x = 1",
        "2 | y = x",
        "  | -",
        " = fix (unsafe): rename it",
        "",
        "info[NB115] error-output: so",
        " --> a/b.ipynb, cell 1 In [7] (id ab), line 1, column 1",
        "  |",
        "1 | x = 1",
        "  | ^^^^^",
        "2 | y = x",
        "  | ^^^^^",
    ]


def test_concise_is_one_line_a_finding() -> None:
    assert written("concise", result()).splitlines() == [
        "a/b.ipynb:3: NB001 [error] bad",
        "a/b.ipynb:cell 2:1:9: NB002 [warning] w is \\x1b[31mwrong",
        "a/b.ipynb:cell 1:1:1: NB115 [info] so",
    ]


@pytest.mark.parametrize("name", ["full", "concise"])
def test_colours_change_nothing_but_colours(name: str) -> None:
    assert "<bold red:error" in written(name, result(), colours=True)


def test_json_keeps_to_its_schema_and_counts_from_one() -> None:
    document = json.loads(written("json", result(), FileResult("clean.ipynb")))

    jsonschema.Draft202012Validator.check_schema(diagnostics_schema())
    jsonschema.validate(document, diagnostics_schema())
    assert document["version"] == 1
    assert document["summary"] == {"notebooks": 2, "errors": 1, "warnings": 1, "infos": 1, "fixable": 1}
    first, second, _ = document["diagnostics"]
    assert (first["cell"], first["range"], first["json_line"], first["fix"]) == (None, None, 3, None)
    assert second["cell"] == {"number": 2, "id": None, "execution_count": None}
    assert second["range"] == {"start": {"line": 1, "column": 9}, "end": {"line": 1, "column": 10}}
    assert second["related"][0]["cell"] == {"number": 1, "id": "ab", "execution_count": 7}
    assert second["url"].endswith("/rules/syntax-error.md")
    assert [edit["kind"] for edit in second["fix"]["edits"]] == ["text", "insert-cell", "delete-cell", "move-cell"]
    assert second["fix"]["edits"][1]["after"] == 0


def change(document: dict[str, Any]) -> None:
    document["diagnostics"][1]["range"]["start"]["line"] = 0


def test_the_schema_refuses_what_is_wrong() -> None:
    document = json.loads(written("json", result()))
    change(document)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, diagnostics_schema())


def test_json_without_findings_is_a_whole_document() -> None:
    assert json.loads(written("json"))["diagnostics"] == []


def test_an_unknown_format_is_an_error_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"here: unknown output-format 'jsn'. Did you mean 'json'\?"):
        make_reporter("jsn", "here", lambda text, _: text)
    with pytest.raises(ConfigError, match="There are: azure, concise, full, github"):
        make_reporter("../x", "here", lambda text, _: text)


def test_every_format_has_a_reporter() -> None:
    assert len(formats()) == 14
    for name in formats():
        make_reporter(name, "test", lambda text, _: text)


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ([], "Checked 0 notebooks: nothing found."),
        ([FileResult("a")], "Checked 1 notebook: nothing found."),
        ([result(), FileResult("a")], "Checked 2 notebooks: 1 error, 1 warning, 1 info."),
    ],
)
def test_the_summary_in_words(results: list[FileResult], sentence: str) -> None:
    summary = Summary()
    for one in results:
        summary.add(one)

    assert summary.sentence() == sentence


@pytest.mark.parametrize("name", formats())
def test_all_source_that_is_shown_comes_from_one_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (Cell(0, "markdown", "# s3cret\n"), Cell(1, "code", "y = 's3cret'"), Cell(2, "code", "z = y, 's3cret'"))
    found = Diagnostic(
        "NB002",
        "syntax-error",
        "m",
        Severity.ERROR,
        path="a.ipynb",
        range=Range(2, 0, 4, 0, 5),
        related=(Related(Range(1, 0, 0, 0, 1), "y is here"),),
    )
    one = FileResult("a.ipynb", (found,), dict(enumerate(map(CellReference, cells))), flows={(1, 2): ("y",)})

    def redacted(result: FileResult, cell: int) -> str:
        return result.cells[cell].source.replace("s3cret", "******")

    monkeypatch.setattr(reporting, "shown_source", redacted)

    assert "s3cret" not in written(name, one)
