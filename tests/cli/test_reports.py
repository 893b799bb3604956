"""Reports in files, counts by rule, and which files would be checked."""

from __future__ import annotations

import json
import os
import stat
import threading
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest

from nbpipe.cli import main
from nbpipe.lint.schema import statistics_schema

if TYPE_CHECKING:
    from pathlib import Path

SENTENCE = "Checked 2 notebooks: 2 errors, 0 warnings, 0 infos.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in ("y", "x = = 1")
    ]
    document: dict[str, Any] = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "bad.ipynb").write_text(json.dumps(document))
    (tmp_path / "good.ipynb").write_text(json.dumps({**document, "cells": []}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBPIPE_SELECT", "NB002,NB102,NB103")
    return tmp_path


def test_a_report_goes_to_a_file_and_the_counts_to_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--output-format", "sarif", "--output-file", "out.sarif"]) == 1

    assert capsys.readouterr().out == SENTENCE
    assert len(json.loads((folder / "out.sarif").read_text())["runs"][0]["results"]) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["bad.ipynb", "good.ipynb", "out.sarif"]


def test_several_reports_of_one_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--output-format=concise", "--output-file=junit=a=b.xml", "--output-file", "html=page.html"]

    assert main(["check", *arguments]) == 1

    out = capsys.readouterr().out
    assert out.count("bad.ipynb:cell ") == 2
    assert out.endswith(SENTENCE)
    assert ET.parse(folder / "a=b.xml").getroot().attrib["failures"] == "2"
    assert "Content-Security-Policy" in (folder / "page.html").read_text()


def test_a_report_in_a_file_has_no_colours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbpipe.cli.console.style", lambda text, *_: f"<{text}>")

    main(["check", "--output-file", "full=a.txt"])

    assert (folder / "a.txt").read_text().startswith("error[NB102] undefined-name: ")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("junitt=a.xml", "--output-file: unknown output-format 'junitt'. Did you mean 'junit'?"),
        ("none/a.txt", "--output-file: there is no folder 'none'"),
        ("json=", "--output-file: '' is not the name of a file"),
        (".", "--output-file: '.' is not the name of a file"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_checked(
    folder: Path, capsys: pytest.CaptureFixture[str], value: str, message: str
) -> None:
    assert main(["check", "--output-file", value]) == 2

    written = capsys.readouterr()
    assert (written.out, written.err) == ("", f"error: {message}\n")


def test_a_name_with_an_equals_sign_is_possible(folder: Path) -> None:
    main(["check", "--output-file", "./x=y.txt"])

    assert (folder / "x=y.txt").read_text().startswith("error[NB102]")


def test_an_old_report_is_replaced_whole_or_not_at_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = folder / "out.txt"
    report.write_text("old")
    report.chmod(0o640)

    main(["check", "--output-file", "out.txt"])

    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    assert "old" not in report.read_text()
    link = folder / "loop"
    link.symlink_to(link)
    assert main(["check", "--output-file", "loop"]) == 2
    assert "error: --output-file: 'loop' cannot be written: " in capsys.readouterr().err


def test_a_report_can_go_into_a_pipe(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()

    main(["check", "--output-file", "concise=pipe"])

    reader.join(60)
    assert read[0].count("bad.ipynb:cell ") == 2
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_statistics_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics"]) == 1

    assert capsys.readouterr().out.splitlines() == [
        "1  NB002  error    syntax-error",
        "1  NB102  error    undefined-name",
        SENTENCE.strip(),
    ]


def test_statistics_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", "--output-format", "json"]) == 1

    document = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(statistics_schema())
    jsonschema.validate(document, statistics_schema())
    assert [(one["code"], one["count"]) for one in document["statistics"]] == [("NB002", 1), ("NB102", 1)]
    assert main(["check", "--statistics", "--output-format=json-lines"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == document["statistics"]


def test_statistics_are_no_junit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", "--output-format", "junit"]) == 2

    assert capsys.readouterr().err == (
        "error: command line: --statistics cannot be written as 'junit'. "
        "It can as: full, concise, grouped, json, json-lines\n"
    )


def test_the_files_that_would_be_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--show-files", "--exclude", "bad*"]) == 0
    assert capsys.readouterr().out == "good.ipynb\n"
    assert main(["check", "--show-files"]) == 0
    assert capsys.readouterr().out == "bad.ipynb\ngood.ipynb\n"
    assert main(["check", "--show-files", "-"]) == 2
