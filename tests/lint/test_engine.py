"""The engine: unreadable files, rules that raise, order, and what is never imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.config import Settings
from nbpipe.lint import engine, selection
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.engine import Linter
from nbpipe.lint.rule import Rule, RuleInfo
from nbpipe.lint.selection import Selection
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic, FileResult


class Everywhere(Rule):
    code = "NB801"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for cell in reversed(context.notebook.cells):
            yield context.diagnostic(Range(cell.index, 0, 0, 0, 1), "certain")
            yield context.diagnostic(Range(cell.index, 0, 1, 0, 2), "possible", severity=Severity.WARNING)


class Broken(Rule):
    code = "NB802"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        yield context.diagnostic(None, "before")
        raise KeyError("no\nluck")


def notebook(*sources: str, **metadata: Any) -> bytes:
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}).encode()


class Checker:
    """Checks with the rules that a test puts in place of the real ones."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.imported: list[str] = []
        self.infos: list[RuleInfo] = []
        monkeypatch.setattr(selection, "RULES", self.infos)
        monkeypatch.setattr(engine, "load", self._load)

    def add(self, rule: type[Rule], *, python_only: bool = True, triggers: tuple[str, ...] = ()) -> None:
        info = RuleInfo(
            rule.code,
            rule.name,
            rule.severity.label,
            default=True,
            python_only=python_only,
            triggers=triggers,
            module="",
            summary="",
        )
        self.infos.append(info)

    def __call__(self, data: bytes, **values: Any) -> FileResult:
        settings = Settings(values)
        return Linter(settings, Selection(settings), locate=True).check_source(data, "a.ipynb")

    def _load(self, info: RuleInfo) -> Rule:
        self.imported.append(info.code)
        return {"NB801": Everywhere, "NB802": Broken}[info.code]()


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Checker:
    return Checker(monkeypatch)


def test_findings_come_in_the_order_of_reading_with_their_line_in_the_file(check: Checker) -> None:
    check.add(Everywhere)

    result = check(notebook("a = 1", "b = 2"))

    assert [(item.range.cell, item.message) for item in result.diagnostics if item.range] == [
        (0, "certain"),
        (0, "possible"),
        (1, "certain"),
        (1, "possible"),
    ]
    assert [item.json_line for item in result.diagnostics] == [1, 1, 1, 1]
    assert [cell.source for cell in result.cells.values()] == ["a = 1", "b = 2"]


def test_a_rule_that_raises_is_named_and_the_others_go_on(check: Checker) -> None:
    check.add(Broken)
    check.add(Everywhere)

    result = check(notebook("a = 1"))

    assert [item.code for item in result.diagnostics] == ["NB802", "NB801", "NB801"]
    (failure,) = map(str, result.failures)
    assert failure.startswith("internal error: rule NB802 (broken) failed on a.ipynb: KeyError: ")
    assert "test_engine.py:" in failure
    assert "\n" not in failure


def test_a_given_severity_moves_the_certain_findings_and_never_raises_the_possible_ones(check: Checker) -> None:
    check.add(Everywhere)

    def levels(level: str) -> list[str]:
        return [item.severity.label for item in check(notebook("a = 1"), severity={"NB801": level}).diagnostics]

    assert levels("error") == ["error", "warning"]
    assert levels("warning") == ["warning", "warning"]
    assert levels("info") == ["info", "info"]


def test_a_rule_is_imported_only_when_the_notebook_can_trigger_it(check: Checker) -> None:
    check.add(Everywhere, triggers=("random", "numpy"))

    assert check(notebook("a = 1")).diagnostics == ()
    assert check.imported == []
    assert len(check(notebook("import numpy")).diagnostics) == 2
    assert check.imported == ["NB801"]


def test_rules_about_python_leave_other_languages_alone(check: Checker) -> None:
    check.add(Everywhere)
    assert check(notebook("a <- 1", kernelspec={"language": "R", "name": "ir"})).diagnostics == ()

    check.infos.clear()
    check.add(Everywhere, python_only=False)
    assert len(check(notebook("a <- 1", kernelspec={"language": "R", "name": "ir"})).diagnostics) == 2


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"[]", 1),
        (b'{"cells": [\n{"cell_type": "code", "sour', 2),
        (b'{"cells": [\n\xff]}', 2),
        (b'{"nbformat": 4}', None),
        (b'{"cells": [3]}', None),
        (b"[" * 100_000, None),
        (b"\x00\x01", 1),
    ],
)
def test_what_is_no_notebook_gives_exactly_one_finding(data: bytes, line: int | None) -> None:
    settings = Settings()

    result = Linter(settings, Selection(settings)).check_source(data, "a.ipynb")

    (item,) = result.diagnostics
    assert (item.code, item.severity, item.range) == ("NB001", Severity.ERROR, None)
    assert line is None or item.json_line == line
    assert "\n" not in item.message


def test_unreadable_files_can_be_ignored_and_lowered(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"")

    def run(**values: Any) -> FileResult:
        settings = Settings(values)
        return Linter(settings, Selection(settings)).check_file(str(path))

    assert run(ignore=("NB001",)).diagnostics == ()
    assert run(severity={"NB001": "info"}).diagnostics[0].severity is Severity.INFO


def test_the_magics_of_the_settings_reach_the_analysis() -> None:
    data = notebook("%%mine\nx = = 1")

    def run(**values: Any) -> list[str]:
        settings = Settings({"select": ("NB002",), **values})
        return [item.code for item in Linter(settings, Selection(settings)).check_source(data, "a").diagnostics]

    assert run() == []
    assert run(**{"python-magics": ("mine",)}) == ["NB002"]
