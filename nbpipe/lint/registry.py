"""Finds rules by the generated index, without importing them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nbpipe.errors import ConfigError, did_you_mean
from nbpipe.lint.rule import rule_class
from nbpipe.lint.rules.index import RULES

__all__ = ["BY_CODE", "BY_NAME", "RULES", "find", "load"]

if TYPE_CHECKING:
    from nbpipe.lint.rule import Rule, RuleInfo

BY_NAME: dict[str, RuleInfo] = {info.name: info for info in RULES}
BY_CODE: dict[str, RuleInfo] = {info.code: info for info in RULES}


def find(name_or_code: str) -> RuleInfo:
    """Give the rule with that name or code, in any case; raises ConfigError with the nearest one."""
    info = BY_NAME.get(name_or_code.lower()) or BY_CODE.get(name_or_code.upper())
    if info is None:
        near = did_you_mean(name_or_code, [*BY_NAME, *BY_CODE])
        raise ConfigError(f"unknown rule '{name_or_code}'{near or '. `nbpipe rules` lists all'}")
    return info


def load(info: RuleInfo) -> Rule:
    """Import a rule and give an instance of it."""
    __import__(info.module)
    return rule_class(sys.modules[info.module])()
