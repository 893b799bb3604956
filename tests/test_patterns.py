"""Regular expressions that are compiled when first used."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping

import pytest

import nbpipe
from nbpipe.patterns import _Pattern, pattern

PACKAGES = ("analysis", "config", "environment", "lint", "notebook", "secrets", "settings")


def test_it_is_compiled_at_the_first_use() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("")


def test_it_does_as_a_compiled_one() -> None:
    compiled, later = re.compile(r"(?P<word>\w+)!", re.IGNORECASE), pattern(r"(?P<word>\w+)!", re.IGNORECASE)
    for name, text in (("search", "say Hello!"), ("match", "hello!"), ("fullmatch", "hello"), ("findall", "a! b!")):
        assert repr(getattr(later, name)(text)) == repr(getattr(compiled, name)(text))
    assert later.sub("?", "a! b") == compiled.sub("?", "a! b")
    assert (later.pattern, later.flags, later.groupindex) == (compiled.pattern, compiled.flags, compiled.groupindex)


def test_an_attribute_that_no_pattern_has_is_none_here() -> None:
    with pytest.raises(AttributeError):
        _ = pattern("a").find  # type: ignore[attr-defined]


def test_all_of_nbpipe_can_be_compiled() -> None:
    found = [each for name in _modules() for each in _patterns(vars(importlib.import_module(name)))]
    assert len(found) > 200
    for each in found:
        re.compile(*each._given)


def _modules() -> Iterable[str]:
    for package in PACKAGES:
        module = importlib.import_module(f"{nbpipe.__name__}.{package}")
        yield from (info.name for info in pkgutil.walk_packages(module.__path__, f"{module.__name__}."))


def _patterns(values: object) -> Iterable[_Pattern]:
    """Give the patterns in constants of modules, those in tables and tuples too."""
    if isinstance(values, _Pattern):
        yield values
    elif isinstance(values, Mapping):
        for key, value in values.items():
            if key != "__builtins__":
                yield from _patterns(value)
    elif isinstance(values, (tuple, list)):
        for value in values:
            yield from _patterns(value)
