"""A rule's page: its docstring under a heading."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

from nbpipe.lint.registry import load

if TYPE_CHECKING:
    from nbpipe.lint.rule import RuleInfo


def page(info: RuleInfo) -> str:
    """Give a rule's page as Markdown."""
    default = "on by default" if info.default else "off unless selected"
    heading = f"# {info.name} ({info.code})\n\nFamily: {info.family}. Severity: {info.severity.label}, {default}.\n\n"
    return heading + cleandoc(load(info).__doc__ or "") + "\n"
