"""``--add-ignores``: afterwards nothing of what was found is, and the code is the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from nbpipe.analysis import analyze
from nbpipe.config import Settings
from nbpipe.lint.engine import Linter
from nbpipe.lint.ignoring import Ignored, with_ignores
from nbpipe.lint.selection import Selection
from nbpipe.notebook import Notebook, parse_notebook

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import FileResult

SETTINGS = Settings({"select": ("all",)})


def notebook(*cells: str | dict[str, Any], **metadata: Any) -> str:
    """Give a notebook file with these cells, code unless they say otherwise."""
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    full = [{**code, **({"source": cell} if isinstance(cell, str) else cell)} for cell in cells]
    return json.dumps({"cells": full, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}, indent=1)


def check(document: Notebook, *select: str) -> FileResult:
    settings = Settings({"select": select or ("all",)})
    result = Linter(settings, Selection(settings)).check_notebook(document, "a.ipynb")
    assert not result.failures
    return result


def ignore(text: str, *select: str) -> Ignored:
    document = parse_notebook(text)
    found = check(document, *select).diagnostics
    return with_ignores(document, found, lambda changed: check(changed, *select), analyze)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("print(x)", "print(x)  # nbpipe: ignore[undefined-name]"),
        ("a = 1\nprint(x);  \nb = 2", "a = 1\nprint(x);  # nbpipe: ignore[undefined-name]\nb = 2"),
        ("print(x)  # why", "print(x)  # why  # nbpipe: ignore[undefined-name]"),
        ("print(x)  # noqa: E501", "print(x)  # noqa: E501  # nbpipe: ignore[undefined-name]"),
        (
            "print(x)  # nbpipe: ignore[NB2] reason",
            "print(x)  # nbpipe: ignore[NB2, undefined-name] reason",
        ),
        (
            "# nbpipe: ignore[NB2]\n# more\nprint(x)",
            "# nbpipe: ignore[NB2, undefined-name]\n# more\nprint(x)",
        ),
        ("print(\n    x,\n)", "print(\n    x,  # nbpipe: ignore[undefined-name]\n)"),
        (
            "for i in [1]:\n    print('''a\n{}'''.format(x))",
            "for i in [1]:\n    print('''a\n{}'''.format(x))  # nbpipe: ignore[undefined-name]",
        ),
        ("a = 1 + \\\n    x", "a = 1 + \\\n    x  # nbpipe: ignore[undefined-name]"),
        ("%timeit x", "# nbpipe: ignore[undefined-name]\n%timeit x"),
        ("if True:\n    !ls {x}", "if True:\n    # nbpipe: ignore[undefined-name]\n    !ls {x}"),
        ("%%time\nprint(x)", "%%time\nprint(x)  # nbpipe: ignore[undefined-name]"),
        ("a = x #@param {type: 'string'}", "# nbpipe: ignore[undefined-name]\na = x #@param {type: 'string'}"),
        ("print('é', x)", "print('é', x)  # nbpipe: ignore[undefined-name]"),
        ("print(x, y)\n", "print(x, y)  # nbpipe: ignore[undefined-name]\n"),
    ],
)
def test_a_comment_is_put_where_it_can_be(before: str, after: str) -> None:
    done = ignore(notebook(before), "NB102")

    assert done.text == notebook(after)
    assert (len(done.silenced) > 0, done.left) == (True, ())


@pytest.mark.parametrize(
    "source",
    [
        "f'''\n{x}\n'''",  # inside of a string
        "%%timeit x\npass",  # the first line of a cell magic
        "a = 1 + \\\n    x + \\\n    1",  # a line that goes on
        "!echo a \\\n  {x}",  # a command that goes on: a comment in it would end it, and with it the finding
        "print(x)\ny = = 1",  # does not parse
    ],
)
def test_a_cell_that_cannot_take_a_comment_gets_a_tag(source: str) -> None:
    done = ignore(notebook(source), "NB102", "NB002")

    cell = json.loads(done.text)["cells"][0]
    assert cell["source"] == source
    assert {tag.partition(":")[0] for tag in cell["metadata"]["tags"]} == {"nbpipe-ignore"}
    assert not any("," in tag for tag in cell["metadata"]["tags"])  # nbformat forbids it
    assert done.left == ()


def test_tags_that_are_there_stay() -> None:
    output = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    cell = {"source": "%%bash\nls", "metadata": {"tags": ["a"]}, "outputs": [output]}

    done = ignore(notebook(cell), "NB115")

    assert json.loads(done.text)["cells"][0]["metadata"]["tags"] == ["a", "nbpipe-ignore:error-output"]


def test_what_concerns_the_file_goes_into_its_metadata() -> None:
    done = ignore(notebook("x = 1", nbpipe={"ignore": ["NB2"], "a": 1}), "NB004")

    assert json.loads(done.text)["metadata"] == {"nbpipe": {"ignore": ["NB2", "missing-kernelspec"], "a": 1}}


def test_tags_that_are_no_list_are_left_alone() -> None:
    cell = {"source": "y = = 1", "metadata": {"tags": "mine"}}

    done = ignore(notebook(cell), "NB002")

    assert (done.silenced, [item.code for item in done.left]) == ((), ["NB002"])
    assert done.text == notebook(cell)


def test_what_silences_nothing_is_not_silenced() -> None:
    text = notebook("x = 1  # nbpipe: ignore[syntax-error]")

    assert ignore(text, "NB002", "NB006").text == text


def test_only_the_lines_with_findings_change() -> None:
    text = notebook("print(x)", "y = 1").replace('"y = 1"', '[\n    "y = \\u0031"\n   ]')

    assert ignore(text, "NB102").text == text.replace('"print(x)"', '"print(x)  # nbpipe: ignore[undefined-name]"')


LINES = st.sampled_from([
    "print(x)", "    y = 2", "if x:", "for i in range(3):", "%timeit x", "!ls {x}", "a = !ls", "s = '''", "'''",
    "b = (", ")", "# c = d(1)", "# nbpipe: ignore[NB102]", "# nbpipe: ignore-cell[NB102]", "f(x)  # noqa: E501", "",
    "import random; random.random()", "z = 'é' + \\", "%%bash", "%%time", "open('/home/ann/a.csv')", "x = 1 #@param",
])  # fmt: skip
SOURCES = st.lists(LINES, max_size=5).map("\n".join)
CELLS = st.builds(
    lambda source, kind, tags: {"source": source, "cell_type": kind, "metadata": {"tags": tags} if tags else {}},
    SOURCES,
    st.sampled_from(["code", "code", "code", "markdown"]),
    st.lists(st.sampled_from(["a", "nbpipe-ignore:NB102", "parameters"]), max_size=2),
)


@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(["", "R"]))
def test_afterwards_nothing_is_found_and_the_code_is_the_same(cells: list[dict[str, Any]], language: str) -> None:
    text = notebook(*cells, **({"kernelspec": {"name": "ir", "language": language}} if language else {}))
    before = parse_notebook(text)
    found = [item for item in check(before).diagnostics if item.code != "NB006"]
    event("something to silence" if found else "nothing to silence")

    done = ignore(text)

    after = parse_notebook(done.text)
    silenced = {(item.rule, item.range and item.range.cell) for item in done.silenced}
    assert not [item for item in check(after).diagnostics if (item.rule, item.range and item.range.cell) in silenced]
    assert len(done.silenced) + len(done.left) == len(found)
    assert not done.left
    assert [_code(before, index) for index in range(len(cells))] == [_code(after, index) for index in range(len(cells))]
    assert ignore(done.text).text == done.text


def _code(document: Notebook, index: int) -> str:
    """Give the code of a cell without comments and blank lines; its source where it is no Python that parses."""
    import ast

    code = analyze(document).codes.get(index)
    if code is None or code.tree is None:
        return document.cells[index].source
    return ast.dump(code.tree)
