"""The fixes of NB006: what silences nothing goes, every other character stays; and what is judged at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbpipe.config import Settings
from nbpipe.lint import engine
from nbpipe.lint.diagnostic import Applicability, Diagnostic
from nbpipe.lint.engine import Linter
from nbpipe.lint.registry import load
from nbpipe.lint.selection import Selection
from tests.lint.fixed import fixed


def notebook(source: str, tags: tuple[Any, ...] = (), metadata: dict[str, Any] | None = None) -> bytes:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)},
        "outputs": [],
    }
    cells = [{**cell, "source": source}]
    document = {"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document, indent=1).encode()


def findings(data: bytes, *select: str) -> list[Diagnostic]:
    settings = Settings({"select": select or ("NB002", "NB006", "NB115")})
    result = Linter(settings, Selection(settings)).check_source(data, "a.ipynb")
    assert not result.failures
    return list(result.diagnostics)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1  # nbpipe: ignore[NB002]", "a = 1"),
        ("a = 1  # nbpipe: ignore[NB002] for a reason", "a = 1"),
        ("a = 1\t#nbpipe:ignore[NB002]\nb = 2", "a = 1\nb = 2"),
        ("a = 1  # why # nbpipe: ignore[NB002]", "a = 1  # why"),
        ("a = 1  # nbpipe: ignore[NB002] # why", "a = 1  # why"),
        ("a = 1  # one # nbpipe: ignore[NB002] reason # two", "a = 1  # one  # two"),
        ("a = '#'  # nbpipe: ignore[NB002]", "a = '#'"),
        ("a = 1  # nbpipe: ignore[ NB002,NB102 ] reason", "a = 1  # nbpipe: ignore[NB102] reason"),
        ("a = 1  # noqa: E501, NB002", "a = 1  # noqa: E501"),
        ("a = 1  # noqa: NB115,NB002", "a = 1"),
        ("a = 1  # noqa: NB002  # type: ignore", "a = 1  # type: ignore"),
        ("# nbpipe: ignore[NB002]\na = 1", "a = 1"),
        ("if a:\n    # nbpipe: ignore[NB002]\n    b = 1", "if a:\n    b = 1"),
        ("if a:\n    # nbpipe: ignore[NB002] # why\n    b = 1", "if a:\n    # why\n    b = 1"),
        ("a = 1\n# nbpipe: ignore[NB002]", "a = 1"),
        ("# nbpipe: ignore-cell[NB002]", ""),
        ("%time f()  # nbpipe: ignore[NB002]\na = 1", "%time f()\na = 1"),
        ("a = !ls\nb = 1  # nbpipe: ignore[NB002]", "a = !ls\nb = 1"),
        ("%%time\na = 'é'  # nbpipe: ignore[NB002]", "%%time\na = 'é'"),
        ("a = 1  # nbpipe: ignore[NB998, NB999]", "a = 1  # nbpipe: ignore[NB999]"),
        ("a = 1  # nbpipe: ignore[xyzzy]", "a = 1"),
        ("a = 1  # nbpipe: ignore[]", "a = 1"),
        ("a = 1\nb = 1  # nbpipe: ignore-cell[NB002]", "a = 1\nb = 1"),
    ],
)
def test_a_comment_loses_what_silences_nothing(before: str, after: str) -> None:
    data = notebook(before)
    item = findings(data)[0]

    assert item.fix is not None
    assert item.fix.applicability is Applicability.SAFE
    assert fixed(data, item.fix) == notebook(after)


@pytest.mark.parametrize(
    ("tags", "after"),
    [
        (["nbpipe-ignore:NB002"], None),
        (["a", "nbpipe-ignore:NB002", "b"], ["a", "b"]),
        (["nbpipe-ignore:NB002,NB102,NB202"], ["nbpipe-ignore:NB102", "nbpipe-ignore:NB202"]),
        ([3, "nbpipe-ignore:"], [3]),
    ],
)
def test_a_tag_goes_or_loses_a_name(tags: list[Any], after: list[Any] | None) -> None:
    data = notebook("a = 1", tuple(tags))
    (item,) = findings(data)

    metadata = json.loads(fixed(data, item.fix))["cells"][0]["metadata"]

    assert metadata == ({} if after is None else {"tags": after})


@pytest.mark.parametrize(
    ("metadata", "after"),
    [
        ({"nbpipe": {"ignore": ["NB002"]}, "a": 1}, {"a": 1}),
        ({"nbpipe": {"ignore": ["NB002", "NB102"]}}, {"nbpipe": {"ignore": ["NB102"]}}),
        ({"nbpipe": {"ignore": ["NB002"], "b": 1}}, {"nbpipe": {"b": 1}}),
    ],
)
def test_the_notebooks_list_loses_a_name(metadata: dict[str, Any], after: dict[str, Any]) -> None:
    data = notebook("a = 1", metadata=metadata)
    (item,) = findings(data)

    assert item.range is None
    assert json.loads(fixed(data, item.fix))["metadata"] == after


def test_a_misspelt_name_is_put_right_only_when_asked_for() -> None:
    data = notebook("a = = 1  # nbpipe: ignore[sintax-error]")
    (item,) = (item for item in findings(data) if item.code == "NB006")

    assert item.fix is not None
    assert item.fix.applicability is Applicability.UNSAFE
    assert findings(fixed(data, item.fix)) == []


def test_after_the_fixes_the_other_findings_are_the_same() -> None:
    data = notebook("b = = 1\na = 1  # nbpipe: ignore[NB002, NB115]\n# nbpipe: ignore", ("nbpipe-ignore:NB115", "x"))
    others = [item.message for item in findings(data) if item.code != "NB006"]

    for _ in range(3):
        unused = [item for item in findings(data) if item.code == "NB006"]
        if unused:
            data = fixed(data, unused[0].fix)

    assert [item.message for item in findings(data)] == others
    assert json.loads(data)["cells"][0]["source"] == "b = = 1\na = 1\n# nbpipe: ignore"


def test_rules_that_did_not_run_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    data = notebook("a = 1  # nbpipe: ignore[NB002]")

    assert findings(data, "NB006") == []
    assert [item.code for item in findings(data, "NB006", "NB002")] == ["NB006"]

    def broken(info: Any) -> Any:
        if info.code == "NB002":
            raise KeyError(info.code)
        return load(info)

    monkeypatch.setattr(engine, "load", broken)
    settings = Settings({"select": ("NB002", "NB006")})
    result = Linter(settings, Selection(settings)).check_source(data, "a.ipynb")
    assert (len(result.failures), result.diagnostics) == (1, ())


def test_rules_that_the_notebook_cannot_trigger_have_run() -> None:
    data = notebook("a = 1  # nbpipe: ignore[error-output]")

    assert [item.code for item in findings(data)] == ["NB006"]


def test_silencing_everything_is_judged_when_every_default_rule_ran() -> None:
    data = notebook("a = 1  # nbpipe: ignore")

    settings = Settings()
    result = Linter(settings, Selection(settings)).check_source(data, "a.ipynb")

    assert "NB006" in [item.code for item in result.diagnostics]
    assert findings(data) == []


def test_a_cell_that_is_not_code_is_silenced_by_its_tags_only() -> None:
    document = json.loads(notebook("text  # nbpipe: ignore[NB002]", ("nbpipe-ignore:NB002",)))
    document["cells"][0]["cell_type"] = "markdown"

    (item,) = findings(json.dumps(document).encode())

    assert "cell 1" in item.message
