"""Each format over the notebooks of fixtures/reports, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbpipe.lint.reporters import formats
from tests.lint import reports


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in reports.SERVICES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)  # undone, whatever `enter` does
    reports.enter(tmp_path)


@pytest.mark.parametrize("name", formats())
def test_a_report_is_the_expected_one(name: str) -> None:
    expected = reports.expected_file(name).read_bytes().decode()

    assert reports.comparable(reports.written(name, reports.checked())) == expected


def test_no_expected_report_is_left_over() -> None:
    assert sorted(path.stem for path in reports.EXPECTED.iterdir()) == formats()


@pytest.mark.parametrize("name", formats())
def test_a_report_is_the_same_each_time(name: str) -> None:
    first, second = (reports.comparable(reports.written(name, reports.checked())) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("name", formats())
def test_a_report_shows_no_control_character(name: str) -> None:
    report = reports.written(name, reports.checked())

    assert not {character for character in report if not character.isprintable()} - {"\n"}


def test_lines_of_the_file_are_those_of_the_code() -> None:
    results = reports.checked()
    seen = 0
    for result in results:
        for item in result.diagnostics:
            if item.range is not None:
                line = Path(result.path).read_text(encoding="utf-8").split("\n")[(item.json_line or 0) - 1]
                code = result.cells[item.range.cell].source.split("\n")[item.range.start_line]
                assert code.replace('"', '\\"')[:12] in line
                seen += 1
    assert seen == 4
