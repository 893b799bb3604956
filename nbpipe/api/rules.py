"""What rules there are and what they mean."""

from __future__ import annotations

from typing import TypedDict

from nbpipe.lint.registry import RULES, find


class RuleDescription(TypedDict):
    """A rule in words."""

    code: str
    name: str
    family: str
    severity: str
    default: bool
    preview: bool
    summary: str
    url: str


def all_rules() -> list[RuleDescription]:
    """Give all rules, by code."""
    return [
        {
            "code": rule.code,
            "name": rule.name,
            "family": rule.family,
            "severity": rule.severity.label,
            "default": rule.default,
            "preview": rule.preview,
            "summary": rule.summary,
            "url": rule.url,
        }
        for rule in RULES
    ]


def rule_page(name_or_code: str) -> str:
    """Give the page of a rule as Markdown; raises ConfigError for an unknown one."""
    from nbpipe.lint.page import page

    return page(find(name_or_code))
