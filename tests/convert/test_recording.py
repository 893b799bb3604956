"""What is asked of the kernel while a notebook is recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nbpipe.convert.recorded import Wanted
from nbpipe.convert.recording import _Script, record
from nbpipe.steps import StepCells


def made(kind: str, source: str) -> Any:
    return SimpleNamespace(cell_type=kind, source=source)


@pytest.mark.parametrize(
    ("between", "observed"),
    [
        ([], 3),
        ([("markdown", "# Next"), ("code", "  ")], 3),
        ([("code", "draw()")], 4),
    ],
    ids=["nothing", "text", "code"],
)
def test_a_boundary_is_observed_once_where_nothing_runs_between_two_steps(
    between: list[tuple[str, str]], observed: int, tmp_path: Path
) -> None:
    cells = [made("code", "a = 1"), made("code", "b = a"), *(made(*cell) for cell in between), made("code", "c = b")]
    steps = (StepCells("one", "one", (0, 1)), StepCells("two", "two", (len(cells) - 1,)))
    script = _Script(Wanted(steps, ("a", "b", "c"), ()), tmp_path)
    document: Any = SimpleNamespace(node=SimpleNamespace(cells=cells))
    asked = [cell.source for cell in script.cells(document)]
    assert sum("observe" in source and "pause" in source for source in asked) == observed


SHELL_CELLS = [
    "open('first.txt', 'w').write('one'); n = 1",
    "!echo a > f.txt",
    "!cat f.txt | wc -l\nx = !ls *.txt\nkept = {'files': x}",
    "%%bash\nprintf two > g.txt",
    "%%capture out\nprint('shown')",
    "m = len(open('g.txt').read())",
]


def test_shell_lines_and_magics_of_a_notebook_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**cell, "id": f"c{index}", "source": source} for index, source in enumerate(SHELL_CELLS)]
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    steps = tuple(StepCells(f"s{index}", f"s{index}", (index,)) for index in range(len(SHELL_CELLS)))
    recording = record(path, Wanted(steps, ("n", "x", "kept", "out", "m"), ()))
    seen = [recording.after[step.name].files for step in steps]
    here = Path(os.path.realpath(tmp_path))
    assert [files["written"] for files in seen] == [
        [str(here / "first.txt")],
        [str(here / "f.txt")],
        [],
        [str(here / "g.txt")],
        [],
        [],
    ]
    assert [files["read"] for files in seen] == [[], [], [str(here / "f.txt")], [], [], [str(here / "g.txt")]]
    assert [files["programs"] for files in seen] == [[], ["echo"], [], ["bash"], [], []]
    assert [files["unexplained"] for files in seen] == [[]] * len(steps)
    end = recording.after["s5"]
    assert end.types["x"] == ["builtins", "list[str]"]
    assert end.types["out"] == ["types", "SimpleNamespace"]
    assert end.values["x"]["type"] == "list"
    assert end.values["out"]["type"] == "types.SimpleNamespace"
    assert [group["names"] for group in end.aliases] == [["kept", "x"]]
