"""The edge cases in fixtures/rules/<name>.md: what is marked is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbpipe.lint.page import page
from nbpipe.lint.registry import BY_NAME, RULES
from nbpipe.notebook import parse_notebook
from tests.lint.notation import Snippet, check, snippets

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
FILES = sorted(FOLDER.glob("*.md"))
SNIPPETS = [
    pytest.param(path.stem, snippet, id=f"{path.stem}-{snippet.line}")
    for path in FILES
    for snippet in snippets(path.read_text(encoding="utf-8"))
]
EVERYTHING = [*SNIPPETS, *(pytest.param(info.name, each) for info in RULES for each in snippets(page(info)))]


@pytest.mark.parametrize(("rule", "snippet"), SNIPPETS)
def test_what_is_marked_is_found_and_nothing_else(rule: str, snippet: Snippet) -> None:
    expected = snippet.markers()
    result = check(snippet, rule, *(marker[1] for marker in expected))
    found = [
        (item.severity.label, item.rule, item.range.cell, item.range.start_line)
        if item.range is not None
        else (item.severity.label, item.rule, -1, -1)
        for item in result.diagnostics
    ]

    assert not result.failures
    assert sorted(found) == sorted((level, name, cell, line) for level, name, _, cell, line in expected)
    messages = "\n".join(item.message for item in result.diagnostics)
    assert all(part in messages for _, _, part, _, _ in expected), messages


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert {path.stem for path in FILES} == set(BY_NAME)


@pytest.mark.parametrize(("rule", "snippet"), EVERYTHING)
def test_all_rules_together_never_raise_and_always_find_the_same(rule: str, snippet: Snippet) -> None:
    first, second = check(snippet), check(snippet)

    assert not first.failures
    assert list(map(repr, first.diagnostics)) == list(map(repr, second.diagnostics))


@pytest.mark.parametrize(("rule", "snippet"), EVERYTHING)
def test_findings_point_into_the_notebook(rule: str, snippet: Snippet) -> None:
    for item in check(snippet).diagnostics:
        if item.range is None:
            assert "\n" not in item.message
            continue
        cells = parse_notebook(snippet.file).cells
        for place in [item.range, *(other.range for other in item.related)]:
            lines = cells[place.cell].source.split("\n")
            assert 0 <= place.start_line <= place.end_line < len(lines)
            assert 0 <= place.start_column <= len(lines[place.start_line])
            assert (place.start_line, place.start_column) < (place.end_line, place.end_column)
        assert "\n" not in item.message
