"""The fixes of all rules, on all pages and fixtures: they come to an end, help, and change nothing else."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import pytest

from nbpipe.config import Settings
from nbpipe.errors import NotebookError
from nbpipe.lint.engine import Linter
from nbpipe.lint.fixing import Fixed, applicable, fix_notebook
from nbpipe.lint.selection import Selection
from nbpipe.notebook import parse_notebook
from tests.lint.test_fixing import untouched
from tests.lint.test_rule_fixtures import EVERYTHING
from tests.lint.test_rule_pages import EXAMPLES
from tests.notebook.reference import nbformat

if TYPE_CHECKING:
    from nbpipe.lint.rule import RuleInfo
    from tests.lint.notation import Snippet


def fixed(data: bytes | str, *rules: str, unsafe: bool) -> Fixed:
    settings = Settings({"select": rules})
    linter = Linter(settings, Selection(settings))
    return fix_notebook(linter, parse_notebook(data, "example.ipynb"), "example.ipynb", unsafe=unsafe)


def is_valid(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a missing id may be the notebook's own
            nbformat.validate(json.loads(text))
    except nbformat.ValidationError:
        return False
    return True


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize(("rule", "snippet"), EVERYTHING)
def test_fixing_ends_and_leaves_a_valid_notebook_with_all_else_untouched(
    rule: str,
    snippet: Snippet,
    unsafe: bool,  # noqa: FBT001 - a parameter
) -> None:
    try:
        done = fixed(snippet.file, "all", unsafe=unsafe)
    except NotebookError:
        return  # a fixture of what cannot be read

    assert not done.result.failures
    assert not done.endless
    assert not applicable(done.result.diagnostics, unsafe=unsafe) or done.before.nbformat < 4
    assert is_valid(done.after.text) or not is_valid(done.before.text)
    converted = done.before.nbformat != done.after.nbformat  # then the whole file is written anew
    assert converted or all(old == new for old, new in untouched(done))
    again = fixed(done.after.text, "all", unsafe=unsafe)
    assert not again.applied


@pytest.mark.parametrize(("info", "snippet"), EXAMPLES)
def test_a_fix_removes_what_it_was_offered_for(info: RuleInfo, snippet: Snippet) -> None:
    try:
        done = fixed(snippet.file, info.name, unsafe=True)
    except NotebookError:
        return
    if done.applied:
        left = [item for item in done.result.diagnostics if item.rule == info.name]
        assert len(left) <= len(done.first.diagnostics) - len(done.applied)
