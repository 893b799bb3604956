"""The results that a step gives when no later step needs anything of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.division import Division
from nbpipe.steps import plan_steps
from tests.convert import in_process
from tests.convert.snippets import notebook

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("aside", "given"),
    [
        ("rows\n", ("rows",)),
        ("print(2)\nlen(rows)\n", ("rows",)),
        ("look(rows)\n", ()),  # nobody knows what it does
    ],
)
def test_what_a_cell_left_out_only_shows_is_still_a_result(aside: str, given: tuple[str, ...], tmp_path: Path) -> None:
    begin = "# imports\nfrom pprint import pprint as look\n# step:draw\nrows = [1, 2]\n"
    document = notebook(f"{begin}# skip\n{aside}# step:draw\nprint(rows)\n")
    path = tmp_path / "notebook.ipynb"
    path.write_text("{}", encoding="utf-8")
    conversion, _ = in_process.convert(path, analyze(document), Division(plan_steps(document)), tmp_path)
    assert tuple(conversion.flows["draw"].outputs) == given
