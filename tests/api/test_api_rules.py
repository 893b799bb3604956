"""What rules there are, from Python."""

from __future__ import annotations

import pytest

from nbpipe.api.rules import all_rules, rule_page
from nbpipe.errors import ConfigError


def test_all_rules_are_described() -> None:
    rules = all_rules()

    assert [rule["code"] for rule in rules] == sorted(rule["code"] for rule in rules)
    assert {"code": "NB002", "name": "syntax-error", "severity": "error", "family": "document"}.items() <= next(
        rule for rule in rules if rule["code"] == "NB002"
    ).items()


def test_a_page_begins_with_the_name_and_says_whether_the_rule_is_on() -> None:
    assert rule_page("NB115").startswith(
        "# error-output (NB115)\n\nFamily: order. Severity: warning, on by default.\n\nA cell's stored output"
    )


def test_an_unknown_rule_has_no_page() -> None:
    with pytest.raises(ConfigError):
        rule_page("NB999")
