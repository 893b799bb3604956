"""Which folders a notebook puts on `sys.path`, as far as that can be told by reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.search_path import path_changes
from nbpipe.convert.source import read_source
from nbpipe.steps import plan_steps
from tests.convert.snippets import notebook

HERE = Path("/work/books/notes")
TOLD = {
    "sys.path.append('..')": "/work/books",
    "sys.path.insert(0, 'src')": "/work/books/notes/src",
    "sys.path.append(os.path.abspath(os.path.join('..', 'lib')))": "/work/books/lib",
    "sys.path.append(os.path.dirname(os.getcwd()))": "/work/books",
    "sys.path.append(os.path.split(os.getcwd())[0])": "/work/books",
    "sys.path.append(str(Path.cwd().parent / 'src'))": "/work/books/src",
    "sys.path.append(str(Path('.').resolve().parents[1]))": "/work",
    "root = os.path.join(os.pardir, 'lib')\nif root not in sys.path:\n    sys.path.append(root)": "/work/books/lib",
    "sys.path.append('../' + 'lib')": "/work/books/lib",
    "sys.path.append('/opt/lib')": "/opt/lib",
}
NOT_TOLD = (
    "sys.path.append(os.environ['ROOT'])",
    "sys.path.append(folder())",
    "sys.path.append('..', 1)",
    "sys.path.append(1 + 2)",
    "if sys.path:\n    sys.path.append('..')\n    print(1)",
    "if x:\n    sys.path.append('..')",
    "sys.path.pop()",
    "x = 1 / 0",
)


def changes(code: str) -> list[str]:
    document = notebook(f"# step:a\n{code}")
    source = read_source(analyze(document), plan_steps(document))
    return [str(folder) for change in path_changes(source.statements, HERE)[0] for folder in change.folders]


@pytest.mark.parametrize(("code", "folder"), TOLD.items())
def test_folders_that_can_be_told(code: str, folder: str) -> None:
    assert changes(code) == [folder]


@pytest.mark.parametrize("code", NOT_TOLD)
def test_nothing_is_guessed(code: str) -> None:
    assert changes(f"import sys\n{code}") == []
