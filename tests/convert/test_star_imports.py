"""Star imports name what they bind, as far as the notebook mentions it; all else stays as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from nbpipe.convert.star_imports import has_star_imports, named
from tests.convert.snippets import notebook

if TYPE_CHECKING:
    from pathlib import Path

CASES = {
    "names that are used": ("from math import *\nx = sqrt(pi)", "from math import pi, sqrt \nx = sqrt(pi)"),
    "nothing used": ("from math import *\nx = 1", "pass \nx = 1"),
    "what hides a builtin": ("from os import *\nf = open('a', 0)", "from os import open \nf = open('a', 0)"),
    "a comment behind": ("from math import *  # all\nx = pi", "from math import pi # all\nx = pi"),
    "inside a block": ("if True:\n    from math import *\nx = e", "if True:\n    from math import e \nx = e"),
    "no such module": ("from nowhere_at_all import *\nx = 1", "from nowhere_at_all import *\nx = 1"),
    "none": ("from math import pi\nx = pi", "from math import pi\nx = pi"),
    "a module imported by name, too": (
        "import os.path\nimport xml.dom as dom\nfrom xml import *\nx = dom",
        "import os.path\nimport xml.dom as dom\npass \nx = dom",
    ),
}


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES)
def test_what_stars_become(code: str, expected: str, tmp_path: Path) -> None:
    document = notebook(f"# step:a\n{code}")
    assert has_star_imports(document) == ("*" in code)
    assert named(document, tmp_path, lambda: sys.executable).cells[0].source == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import numpy as np\npi = 4\n_k = 1\ndef f(): pass\n", "f, np, pi"),
        ("__all__ = ['f']\npi = 4\ndef f(): pass\n", "f"),
        ("from math import *\n", "*"),
        ("def f(:\n", "*"),
    ],
)
def test_a_module_beside_the_notebook_is_read_and_not_run(text: str, names: str, tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(text, encoding="utf-8")
    document = notebook("# step:a\nfrom tools import *\nx = f(np, pi, _k)")
    found = named(document, tmp_path, lambda: str(tmp_path / "none")).cells[0].source
    assert found == f"from tools import {names}{' ' if names != '*' else ''}\nx = f(np, pi, _k)"


def test_an_interpreter_that_does_not_answer_changes_nothing(tmp_path: Path) -> None:
    document = notebook("# step:a\nfrom math import *\nx = pi")
    assert named(document, tmp_path, lambda: str(tmp_path / "none")) is document
