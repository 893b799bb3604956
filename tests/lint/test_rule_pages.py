"""Every rule's docstring is its page, and its examples hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.lint.page import page
from nbpipe.lint.registry import RULES
from tests.lint.notation import Snippet, check, snippets

if TYPE_CHECKING:
    from nbpipe.lint.rule import RuleInfo

EXAMPLES = [
    pytest.param(info, snippet, id=f"{info.name}-{snippet.section}-{snippet.line}")
    for info in RULES
    for snippet in snippets(page(info))
]


@pytest.mark.parametrize(("info", "snippet"), EXAMPLES)
def test_the_rule_fires_on_its_examples_and_only_there(info: RuleInfo, snippet: Snippet) -> None:
    result = check(snippet, info.name)

    assert not result.failures
    assert bool(result.diagnostics) == (snippet.section == "Example"), result.diagnostics


@pytest.mark.parametrize("info", RULES, ids=lambda info: info.name)
def test_a_page_has_an_example_and_what_to_use_instead(info: RuleInfo) -> None:
    sections = {snippet.section for snippet in snippets(page(info))}

    assert sections >= {"Example", "Use instead"}
