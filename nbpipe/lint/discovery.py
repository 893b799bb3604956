"""Finds rules by importing them all: how the index is made and tested. Checking uses the index instead."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

from nbpipe.lint import rules
from nbpipe.lint.rule import rule_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.rule import Rule


def discover() -> Iterator[type[Rule]]:
    """Import every module below `nbpipe.lint.rules` and yield its rule, by code; a duplicate raises ValueError."""
    classes = []
    for module in walk_packages(rules.__path__, rules.__name__ + "."):
        if not module.ispkg and module.name != f"{rules.__name__}.index":
            import_module(module.name)
            classes.append(rule_class(sys.modules[module.name]))
    refuse_duplicates(classes)
    yield from sorted(classes, key=lambda rule: rule.code)


def refuse_duplicates(classes: list[type[Rule]]) -> None:
    """Raise ValueError where two rules have the same code or name."""
    for attribute in ("code", "name"):
        taken: dict[str, type[Rule]] = {}
        for rule in classes:
            other = taken.setdefault(getattr(rule, attribute), rule)
            if other is not rule:
                raise ValueError(f"{other.__module__} and {rule.__module__} have the same {attribute}")
