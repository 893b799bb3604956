"""Names of findings stay when a notebook is edited elsewhere or run again."""

from __future__ import annotations

import json
from typing import Any

from nbpipe.api.check import check_source
from nbpipe.config import Settings
from nbpipe.lint.fingerprint import fingerprints

SETTINGS = Settings({"select": ("NB102",)})


def names(*sources: str, path: str = "a.ipynb", first_count: int = 1) -> list[str]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": first_count + at}
        for at, source in enumerate(sources)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return fingerprints(check_source(json.dumps(document).encode(), path, SETTINGS), path)


def test_a_name_stays_when_cells_lines_and_counts_change() -> None:
    (name,) = names("x = 1", "print(gone)")

    assert names("# new cell", "x = 1", "import os\nif x:\n    print(gone)", first_count=40) == [name]


def test_another_line_rule_or_file_is_another_name() -> None:
    (name,) = names("print(gone)")

    assert name not in names("print(gone, 2)")
    assert name not in names("print(lost)")
    assert name not in names("print(gone)", path="b.ipynb")


def test_what_is_alike_is_counted() -> None:
    first, second = names("print(gone)", "print(gone)")

    assert first != second
    assert names("print(gone)", "y = 2", "print(gone)") == [first, second]
    assert all(len(name) == 16 for name in (first, second))
