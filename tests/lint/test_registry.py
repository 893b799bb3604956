"""Rules are found by importing them, and the generated index says the same."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import ConfigError
from nbpipe.lint import rules
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.discovery import discover, refuse_duplicates
from nbpipe.lint.registry import RULES, find, load
from nbpipe.lint.rule import FAMILIES, Rule, rule_class

if TYPE_CHECKING:
    from nbpipe.lint.rule import RuleInfo


def test_the_index_knows_exactly_the_rules_there_are() -> None:
    found = {(rule.code, rule.name, rule.__module__): rule for rule in discover()}

    assert {(info.code, info.name, info.module) for info in RULES} == set(found)
    for info in RULES:
        rule = found[info.code, info.name, info.module]
        assert (info.severity, info.default) == (rule.severity, rule.default)
        assert (info.python_only, info.triggers) == (rule.python_only, rule.triggers)
        assert (info.outside, info.tagged) == (rule.outside, rule.tagged)


def test_no_file_is_overlooked() -> None:
    folder = Path(rules.__path__[0])
    files = {path.relative_to(folder) for path in folder.rglob("*.py") if path.name not in {"__init__.py", "index.py"}}

    assert {path.with_suffix("").parts for path in files} == {tuple(info.module.split(".")[3:]) for info in RULES}


@pytest.mark.parametrize("info", RULES, ids=lambda info: info.name)
def test_class_file_name_and_code_agree(info: RuleInfo) -> None:
    rule = load(info)

    assert type(rule).__name__ == "".join(part.title() for part in info.name.split("-"))
    assert info.module == f"nbpipe.lint.rules.{FAMILIES[info.code[2]]}.{info.name.replace('-', '_')}"
    assert info.summary.endswith(".")


def test_two_rules_with_one_code_or_name_are_refused() -> None:
    class SomeName(Rule):
        code = "NB001"
        severity = Severity.INFO

    first = SomeName

    class OtherName(Rule):
        code = "NB001"
        severity = Severity.INFO

    with pytest.raises(ValueError, match="have the same code"):
        refuse_duplicates([first, OtherName])
    OtherName.code, OtherName.name = "NB002", "some-name"
    with pytest.raises(ValueError, match="have the same name"):
        refuse_duplicates([first, OtherName])


def test_a_module_defines_one_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = ModuleType("empty")
    monkeypatch.setitem(sys.modules, "empty", empty)

    with pytest.raises(TypeError, match="empty must define one rule, not 0"):
        rule_class(empty)


@pytest.mark.parametrize("name", ["NB002", "nb002", "syntax-error", "Syntax-Error"])
def test_rules_are_found_by_code_and_name(name: str) -> None:
    assert find(name).code == "NB002"


def test_an_unknown_rule_is_an_error_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown rule 'syntax-eror'. Did you mean 'syntax-error'\?"):
        find("syntax-eror")
    with pytest.raises(ConfigError, match=r"unknown rule 'x'. `nbpipe rules` lists all"):
        find("x")
