"""What a notebook silences."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbpipe.config import Settings
from nbpipe.lint.comments import comments
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection

BROKEN = "x = = 1"


def found(source: str, *, tags: tuple[str, ...] = (), ignore: Any = None) -> list[str]:
    """Give the codes found in a notebook with one cell that has a stored error."""
    cell = {
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": list(tags)},
        "execution_count": 1,
        "outputs": [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}],
    }
    document = {"cells": [cell], "metadata": {"nbpipe": {"ignore": ignore}}, "nbformat": 4, "nbformat_minor": 4}
    settings = Settings({"select": ("NB002", "NB115")})
    result = Linter(settings, Selection(settings)).check_source(json.dumps(document).encode(), "a.ipynb")
    assert not result.failures
    return [item.code for item in result.diagnostics]


@pytest.mark.parametrize(
    "comment",
    [
        "# nbpipe: ignore[error-output]",
        "#nbpipe:ignore[NB115]",
        "# nbpipe: ignore[NB002, error-output] for a reason",
        "# nbpipe: ignore[NB1]",
        "# nbpipe: ignore",
        "# nbpipe: ignore because of this",
        "# something else # nbpipe: ignore[error-output]",
        "# noqa: NB115",
        "# noqa: E501, NB115 reason",
        "# nbpipe: ignore-cell[error-output]",
        "# nbpipe: ignore-cell",
    ],
)
def test_comments_that_silence_the_line(comment: str) -> None:
    assert found(f"fail()  {comment}") == []


@pytest.mark.parametrize(
    "comment",
    [
        "# nbpipe: ignore[undefined-name]",
        "# nbpipe: ignore[]",
        "# nbpipe: ignored",
        "# noqa",
        "# noqa: E501",
        "# nbpipe ignore",
    ],
)
def test_comments_that_do_not(comment: str) -> None:
    assert found(f"fail()  {comment}") == ["NB115"]


def test_a_comment_alone_speaks_of_the_next_line() -> None:
    assert found("# nbpipe: ignore[error-output]\nfail()") == []
    assert found("# nbpipe: ignore[error-output]\n\n# because\nfail()") == []
    assert found("fail()\n# nbpipe: ignore[error-output]") == ["NB115"]


def test_a_comment_alone_also_speaks_of_the_comments_below_it() -> None:
    source = "x = 1\n# nbpipe: ignore[commented-out-code]\n# df = load('a.csv')\n# df = clean(df)\ny = 2\n# z = load(1)"
    document = {"cells": [{"cell_type": "code", "source": source}], "nbformat": 4, "nbformat_minor": 4}
    settings = Settings({"select": ("NB808",)})

    result = Linter(settings, Selection(settings)).check_source(json.dumps(document).encode(), "a.ipynb")

    assert [item.range.start_line for item in result.diagnostics if item.range] == [5]


def test_a_string_is_no_comment() -> None:
    assert found("fail('# nbpipe: ignore')") == ["NB115"]
    assert found("fail('''\n# nbpipe: ignore\n''')") == ["NB115"]


def test_a_cell_is_silenced_by_its_first_line_only() -> None:
    assert found("\n# nbpipe: ignore-cell[NB115]\nx = 1\nfail()") == []
    assert found("x = 1\nfail()\n# nbpipe: ignore-cell[NB115]") == ["NB115"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("nbpipe-ignore", []),
        ("nbpipe-ignore:NB115", []),
        ("nbpipe-ignore:error-output,NB002", []),
        ("nbpipe-ignore:NB002", ["NB115"]),
        ("nbpipe-ignored", ["NB115"]),
        ("parameters", ["NB115"]),
    ],
)
def test_tags(tag: str, expected: list[str]) -> None:
    assert found("fail()", tags=(tag,)) == expected


@pytest.mark.parametrize(
    ("ignore", "expected"),
    [
        (["error-output"], []),
        (["NB1", 3], []),
        (["all"], []),
        (["NB002"], ["NB115"]),
        ("error-output", ["NB115"]),
        ({}, ["NB115"]),
        (None, ["NB115"]),
    ],
)
def test_the_notebooks_metadata(ignore: object, expected: list[str]) -> None:
    assert found("fail()", ignore=ignore) == expected


def test_a_cell_that_does_not_parse_can_be_silenced_all_the_same() -> None:
    assert sorted(found(BROKEN)) == ["NB002", "NB115"]
    assert found(f"{BROKEN}  # nbpipe: ignore[NB002]") == ["NB115"]
    assert sorted(found(f"y = (1\n{BROKEN}  # nbpipe: ignore")) == ["NB002", "NB115"]
    assert found("y = 'open  # nbpipe: ignore[NB115]") == ["NB002"]


def test_magics_keep_the_place_of_comments() -> None:
    assert found("%time fail()  # nbpipe: ignore[NB115]") == []
    assert found("files = !ls\nx = = 1 # nbpipe: ignore[NB002]\n") == ["NB115"]


def test_comments_are_told_from_code() -> None:
    code = "a = 1  # one\n# two\nb = '# no'\nif a:\n    # three\n    pass\n"

    assert list(comments(code)) == [(0, False, "# one"), (1, True, "# two"), (4, True, "# three")]
