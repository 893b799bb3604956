"""What the fixes of the rules of the environment write: the finding is gone, and nothing else changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbpipe.config import Settings
from nbpipe.lint.diagnostic import CellEdit, Diagnostic, Edit
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection


def cell(source: str, *printed: str) -> dict[str, Any]:
    outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in printed]
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": outputs, "execution_count": None}


def found(cells: list[dict[str, Any]], rule: str, **metadata: Any) -> list[Diagnostic]:
    settings = Settings({"select": (rule,)})
    source = json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4})
    return list(Linter(settings, Selection(settings)).check_source(source.encode(), "a.ipynb").diagnostics)


def fixed(cells: list[dict[str, Any]], rule: str, **metadata: Any) -> list[str]:
    """Give the sources of the cells after all fixes of a rule; unchanged where there are none."""
    sources: list[str | None] = [each["source"] for each in cells]
    inserted: list[tuple[int, str]] = []
    edits = [edit for item in found(cells, rule, **metadata) if item.fix is not None for edit in item.fix.edits]
    texts = sorted((edit for edit in edits if isinstance(edit, Edit)), key=lambda edit: edit.range.key(), reverse=True)
    for edit in texts:
        where = edit.range
        lines = (sources[where.cell] or "").split("\n")
        before = [*lines[: where.start_line], lines[where.start_line][: where.start_column]]
        after = [lines[where.end_line][where.end_column :], *lines[where.end_line + 1 :]]
        sources[where.cell] = "\n".join(before) + edit.content + "\n".join(after)
    for whole in (edit for edit in edits if isinstance(edit, CellEdit)):
        if whole.kind == "delete-cell" and whole.cell is not None:
            sources[whole.cell] = None
        elif whole.after is not None:
            inserted.append((whole.after + 1, whole.content))
    for place, content in inserted:
        sources.insert(place, content)
    result = [source for source in sources if source is not None]
    assert not (edits and found([cell(source, *printed(cells)) for source in result], rule, **metadata))
    return result


def printed(cells: list[dict[str, Any]]) -> list[str]:
    return [output["text"] for each in cells for output in each["outputs"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!pip install a==1", "%pip install a==1"),
        ("! pip3 install a==1 -q", "%pip install a==1 -q"),
        ("if x:\n    !python -m pip install a==1", "if x:\n    %pip install a==1"),
        ("%%capture\n!pip install \\\n  a==1", "%%capture\n%pip install \\\n  a==1"),
        ("!pip install a==1\nx = 1\n!pip3 install b==1", "%pip install a==1\nx = 1\n%pip install b==1"),
    ],
)
def test_shell_pip_becomes_the_magic(before: str, after: str) -> None:
    assert fixed([cell(before)], "NB402") == [after]


@pytest.mark.parametrize(
    "source",
    [
        "!pip install a==1 | tail -1",
        "!pip install a==1 && pip install b==1",
        "!pip install a==1 > /dev/null",
        "out = !pip install a==1",
        "!sudo pip install a==1",
        "%%bash\npip install a==1",
        "%time !pip install a==1",
    ],
)
def test_shell_pip_stays_where_the_magic_would_mean_something_else(source: str) -> None:
    assert found([cell(source)], "NB402")
    assert fixed([cell(source)], "NB402") == [source]


def test_shell_pip_stays_on_databricks_where_the_magic_restarts_python() -> None:
    metadata: dict[str, Any] = {"application/vnd.databricks.v1+notebook": {}}

    assert fixed([cell("!pip install a==1")], "NB402", **metadata) == ["!pip install a==1"]


@pytest.mark.parametrize(
    ("source", "output", "after"),
    [
        ("%pip install pandas", "Successfully installed numpy-2.1.0 pandas-2.2.3\n", "%pip install pandas==2.2.3"),
        (
            "!pip install -q a[x] b_c \\\n  d==1",
            "Requirement already satisfied: a[x] in /lib (1.0+cu121)\nSuccessfully installed b-c-2.0.post1\n",
            "!pip install -q a[x]==1.0 b_c==2.0.post1 \\\n  d==1",
        ),
        (
            "%pip install a==1\n%pip install b\n%pip install c",
            "Successfully installed b-2\nSuccessfully installed c-3\n",
            "%pip install a==1\n%pip install b==2\n%pip install c==3",
        ),
        ("%pip install pandas", "Successfully installed numpy-2.1.0\n", "%pip install pandas"),
        ("%pip install pandas", "ERROR: no matching distribution\n", "%pip install pandas"),
        ("%pip install 'pandas>=2'", "Successfully installed pandas-2.2.3\n", "%pip install 'pandas>=2'"),
    ],
)
def test_an_install_is_pinned_to_what_the_output_says(source: str, output: str, after: str) -> None:
    assert fixed([cell(source, output)], "NB401") == [after]


def test_late_imports_join_the_imports_at_the_top() -> None:
    cells = [
        cell("import os  # files\n\nROOT = 'data'"),
        cell("print(os.listdir(ROOT))"),
        cell("# now count\nimport json\nfrom math import (\n    pi,\n)\n\nprint(json.dumps(pi))"),
        cell("import csv"),
        cell("print(csv)\nimport re"),
    ]

    assert fixed(cells, "NB404") == [
        "import os  # files\nimport json\nfrom math import (\n    pi,\n)\nimport csv\nimport re\n\nROOT = 'data'",
        "print(os.listdir(ROOT))",
        "# now count\n\nprint(json.dumps(pi))",
        "print(csv)",
    ]


def test_late_imports_get_a_cell_of_their_own_where_there_is_none() -> None:
    cells = [cell("print(1)"), cell("import json\nprint(json)")]

    assert fixed(cells, "NB404") == ["import json", "print(1)", "print(json)"]


@pytest.mark.parametrize(
    "late",
    [
        "import json; x = 1",
        "x = 1; import json",
        "from math import *",
        "import plt",
        "%pip install a==1\nx = 1\nprint(x)",
    ],
)
def test_late_imports_stay_where_moving_them_may_matter(late: str) -> None:
    cells = [cell("import os"), cell("plt = os.getcwd()"), cell(late), cell("import csv")]
    before = [each["source"] for each in cells]

    assert found(cells, "NB404")
    assert fixed(cells, "NB404") == before
