"""The fixes of the rules on the document and on hygiene: the finding goes, and nothing else does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.lint.diagnostic import Applicability, CellEdit, Diagnostic, FieldEdit
from nbpipe.lint.registry import BY_NAME
from nbpipe.notebook import parse_notebook
from tests.lint.fixed import fixed
from tests.lint.notation import Snippet
from tests.lint.test_rule_fixtures import EVERYTHING

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import FileResult

NAMES = (
    "outdated-nbformat",
    "duplicate-cell-id",
    "unused-suppression",
    "empty-cell",
    "noisy-metadata",
    "committed-outputs",
    "committed-execution-counts",
)
PARAMS = [param for param in EVERYTHING if param.values[0] in NAMES]


def snippet(cells: list[dict[str, Any]], **metadata: Any) -> Snippet:
    full = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, **cell} for cell in cells]
    text = json.dumps({"cells": full, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    return Snippet("", "json", "", text, 0)


def check(each: Snippet, data: bytes, rule: str) -> FileResult:
    from tests.lint.notation import check as check_snippet

    return check_snippet(Snippet("", "json", each.flags, data.decode(), 0), rule)


def of(result: FileResult, rule: str) -> list[Diagnostic]:
    return [item for item in result.diagnostics if item.rule == rule]


@pytest.mark.parametrize(("rule", "each"), PARAMS)
def test_a_fix_takes_its_finding_away_and_no_source_with_it(rule: str, each: Snippet) -> None:
    before = parse_notebook(each.file)
    found = of(check(each, each.file, rule), rule)
    for item in found:
        if item.fix is None:
            continue
        data = fixed(each.file, item.fix)

        left = of(check(each, data, rule), rule)
        if rule == "unused-suppression":  # a name that was put right may silence nothing in turn
            assert item.message not in [other.message for other in left]
        else:
            assert len(left) == len(found) - 1
            after = parse_notebook(data)
            assert [cell.source for cell in after.cells if cell.source.strip()] == [
                cell.source for cell in before.cells if cell.source.strip()
            ]


def test_each_of_them_has_a_fix_in_its_fixtures() -> None:
    pairs: list[Any] = [param.values for param in PARAMS]
    fixable = {
        item.rule for rule, each in pairs for item in check(each, each.file, rule).diagnostics if item.fix is not None
    }

    assert fixable >= set(NAMES)
    assert set(NAMES) <= set(BY_NAME)


def only(each: Snippet, rule: str) -> Diagnostic:
    (item,) = of(check(each, each.file, rule), rule)
    return item


def test_the_new_ids_are_the_same_each_time_and_belong_to_nobody() -> None:
    each = snippet([{"id": "a", "source": "x = 1"}, {"id": "a", "source": "y = 1"}, {"id": "a", "source": "y = 1"}])
    first, second = (of(check(each, each.file, "duplicate-cell-id"), "duplicate-cell-id") for _ in range(2))

    new = [edit.value for item in first if item.fix for edit in item.fix.edits if isinstance(edit, FieldEdit)]

    assert len({"a", *new}) == 3
    assert new == [edit.value for item in second if item.fix for edit in item.fix.edits if isinstance(edit, FieldEdit)]
    assert [item.related[0].range.cell for item in first] == [0, 0]


def test_a_new_id_changes_its_line_only() -> None:
    each = snippet([{"id": "a", "source": "x = 1"}, {"id": "a", "source": "y = 1"}])
    before = each.text.splitlines()
    after = fixed(each.file, only(each, "duplicate-cell-id").fix).decode().splitlines()

    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_an_output_without_code_is_deleted_only_when_asked_for() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "hello"}
    left = snippet([{"id": "a", "source": "", "outputs": [output]}, {"id": "b", "source": "x = 1"}])
    plain = snippet([{"id": "a", "source": ""}, {"id": "b", "source": "x = 1"}])

    fixes = [only(each, "empty-cell").fix for each in (left, plain)]

    assert [fix and fix.applicability for fix in fixes] == [Applicability.UNSAFE, Applicability.SAFE]
    assert all(isinstance(edit, CellEdit) for fix in fixes if fix for edit in fix.edits)


def test_the_state_of_progress_bars_is_safe_to_remove_only_where_none_is_shown() -> None:
    view = {"data": {"application/vnd.jupyter.widget-view+json": {}}, "output_type": "display_data", "metadata": {}}
    models = {name: {"model_name": name} for name in ("FloatProgressModel", "LayoutModel", "ProgressStyleModel")}
    state: dict[str, Any] = {"application/vnd.jupyter.widget-state+json": {"state": models}}

    for outputs, applicability in (([view], Applicability.UNSAFE), ([], Applicability.SAFE)):
        each = snippet([{"id": "a", "source": "x", "outputs": outputs}], widgets=state, kernelspec={"name": "p"})
        fix = only(each, "noisy-metadata").fix
        assert fix is not None
        assert fix.applicability is applicability
        assert json.loads(fixed(each.file, fix))["metadata"] == {"kernelspec": {"name": "p"}}


def test_the_old_format_is_rewritten_once_and_for_all() -> None:
    output = {"output_type": "pyout", "text": "1", "prompt_number": 3}
    heading = {"cell_type": "heading", "level": 2, "source": ["A\n", "b"]}
    code = {"cell_type": "code", "input": "x", "outputs": [output], "prompt_number": 3}
    sheets = [{"cells": [heading]}, {"cells": [code]}]
    text = json.dumps({"worksheets": sheets, "metadata": {"name": "n"}, "nbformat": 3, "nbformat_minor": 0})
    each = Snippet("", "json", "", text, 0)

    fix = only(each, "outdated-nbformat").fix
    data = fixed(each.file, fix)

    document = json.loads(data)
    assert fix is not None
    assert fix.applicability is Applicability.UNSAFE
    assert (document["nbformat"], document["metadata"]) == (4, {})
    assert [cell["source"] for cell in document["cells"]] == [["## A b"], ["x"]]
    assert document["cells"][1]["outputs"][0]["data"] == {"text/plain": ["1"]}
    assert fixed(each.file, fix) == data
