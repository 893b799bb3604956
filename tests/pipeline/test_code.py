from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from nbpipe.pipeline.code import CodeReader

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "shop/__init__.py": "",
    "shop/steps/__init__.py": "",
    "shop/steps/train.py": """
        import pandas as pd
        import numpy.linalg
        from shop import definitions
        from shop.definitions import clean as tidy, LIMIT
        from ..tools.maths import *
        import shop.tools.texts as texts

        def train(df):
            import json
            rows = tidy(df)[:LIMIT]
            return double(len(rows)) + definitions.Model(rows).size + len(texts.shout("a"))

        def dynamic(name):
            return eval(name)
    """,
    "shop/definitions.py": """
        import re
        LIMIT = 3
        PATTERN = re.compile("a")
        OTHER = 4
        def clean(df):
            return [row for row in df if PATTERN.match(row)]
        def unused():
            return OTHER
        class Base:
            def scale(self): return OTHER2
        OTHER2 = 5
        class Model(Base):
            def __init__(self, rows): self.size = len(rows)
    """,
    "shop/tools/__init__.py": "",
    "shop/tools/maths.py": "def double(x): return 2 * x\ndef half(x): return x / 2\n",
    "shop/tools/texts.py": "def shout(x): return x.upper()\ndef whisper(x): return x.lower()\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return tmp_path


def _digest(folder: Path, function: str = "shop.steps.train:train") -> str:
    return CodeReader(folder).of(function).digest


def test_all_that_a_function_uses_counts_and_nothing_else(folder: Path) -> None:
    code = CodeReader(folder).of("shop.steps.train:train")
    assert set(code.parts) == {
        "shop.steps.train.train",
        "shop.definitions.clean",
        "shop.definitions.LIMIT",
        "shop.definitions.PATTERN",
        "shop.definitions.Model",
        "shop.definitions.Base",
        "shop.definitions.OTHER2",
        "shop.tools.maths.double",
        "shop.tools.texts.shout",
    }
    assert code.imports == {"pandas", "numpy", "json", "re"}
    assert str(folder / "shop" / "tools" / "texts.py") in code.files


@pytest.mark.parametrize(
    ("file", "before", "after", "counts"),
    [
        ("definitions.py", "LIMIT = 3", "LIMIT = 4", True),
        ("definitions.py", 'compile("a")', 'compile("b")', True),
        ("definitions.py", "OTHER2 = 5", "OTHER2 = 6", True),
        ("definitions.py", "OTHER = 4", "OTHER = 5", False),
        ("definitions.py", "return OTHER\n", "return 1\n", False),
        ("definitions.py", "LIMIT = 3", "LIMIT = 3  # rows\n\n", False),
        ("definitions.py", "LIMIT = 3", "LIMIT = 3\nprint('loaded')", True),  # importing it does more now
        ("tools/maths.py", "2 * x", "3 * x", True),
        ("tools/maths.py", "x / 2", "x / 3", False),
        ("tools/texts.py", "x.upper()", "x.title()", True),
        ("tools/texts.py", "x.lower()", "x.title()", False),
        ("steps/train.py", "import json", "import json, decimal", True),
        ("steps/train.py", "return eval(name)", "return 1", False),
        ("__init__.py", "", "import os\nos.environ['MODE'] = 'shop'\n", True),
    ],
)
def test_one_edit(folder: Path, file: str, before: str, after: str, *, counts: bool) -> None:
    known = _digest(folder)
    path = folder / "shop" / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1) if before else after)
    assert (_digest(folder) != known) is counts


def test_where_names_cannot_be_followed_the_module_counts(folder: Path) -> None:
    known = _digest(folder, "shop.steps.train:dynamic")
    path = folder / "shop" / "definitions.py"
    path.write_text(path.read_text().replace("LIMIT = 3", "LIMIT = 4"))
    assert _digest(folder, "shop.steps.train:dynamic") != known


def test_a_module_that_this_python_cannot_read_counts_as_text(folder: Path) -> None:
    path = folder / "shop" / "tools" / "maths.py"
    path.write_text("def double(x): return 2 *\n")
    known = _digest(folder)
    path.write_text("def double(x): return 3 *\n")
    assert _digest(folder) != known


def test_a_name_that_is_nowhere_is_no_error(folder: Path) -> None:
    assert CodeReader(folder).of("shop.nothing:at_all").parts == {}
    assert CodeReader(folder).of("nowhere:f").parts == {}
