"""Plain Python in place of IPython's syntax does what IPython does: both are run, in folders of their own."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.plain.notebook import PlainNotebook, plain_notebook
from nbpipe.convert.source import read_source
from nbpipe.errors import ConversionError
from nbpipe.steps import plan_steps
from tests.convert.ipython_cells import ran_by_ipython
from tests.convert.snippets import notebook, snippets

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "ipython"
# Names that only plain Python needs.
ADDED = {
    "Path",
    "appended",
    "contextlib",
    "io",
    "os",
    "out_stderr",
    "out_stdout",
    "print_function",
    "shlex",
    "subprocess",
    "sys",
    "types",
}
OF_IPYTHON = re.compile(r"_\d*|_i+\d*|__+|In|Out|__file__|__warningregistry__|_exit_code")


def cases(name: str, kind: str) -> list[Any]:
    found = snippets(FIXTURES / f"{name}.md")
    return [pytest.param(code, said, id=title) for title, code, said in found if said.startswith(kind)]


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Leave the process as it was, but for the folder's files."""
    here, path, arguments, environ = Path.cwd(), list(sys.path), list(sys.argv), dict(os.environ)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        sys.path[:], sys.argv[:] = path, arguments
        os.environ.clear()
        os.environ.update(environ)
        sys.modules.pop("beside_tool", None)


def plain_of(code: str, folder: Path) -> PlainNotebook:
    folder.mkdir(exist_ok=True)
    return plain_notebook(analyze(notebook(code, folder / "notebook.ipynb")), folder)


def run_plain(plain: PlainNotebook) -> dict[str, Any]:
    module = types.ModuleType("__main__")
    for code in analyze(plain.notebook).codes.values():
        exec(compile(code.code.text, "<cell>", "exec", dont_inherit=True), vars(module))
    return vars(module)


def run_ipython(code: str, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    document = notebook(code, folder / "notebook.ipynb")
    with inside(folder):
        return ran_by_ipython([cell.source for cell in document.cells])


def values(names: dict[str, Any]) -> dict[str, Any]:
    """Give what the notebook's own names hold; functions are known by what they give."""
    kept = {name: value for name, value in names.items() if name not in ADDED and not OF_IPYTHON.fullmatch(name)}
    return {name: value for name, value in kept.items() if not name.startswith("__") and not callable(value)}


def files_in(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of IPython's loop for programs
@pytest.mark.parametrize(("code", "said"), cases("plain", "same"))
def test_it_does_what_ipython_does(code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del said
    monkeypatch.delenv("SHELL", raising=False)
    plain = plain_of(code, tmp_path / "plain")
    assert not plain.reasons
    assert not plain.notes
    with inside(tmp_path / "plain"):
        given = run_plain(plain)
    expected = run_ipython(code, tmp_path / "ipython")
    if re.search(r"%%capture out\b", code) and code.count("out") == 1:  # for nobody
        del expected["out"]
    assert values(given) == values(expected)
    assert files_in(tmp_path / "plain") == files_in(tmp_path / "ipython")


@pytest.mark.parametrize(("code", "said"), cases("refused", "program: "))
def test_a_script_that_runs_as_a_program(code: str, said: str, tmp_path: Path) -> None:
    plain = plain_of(code, tmp_path / "plain")
    assert [note.message.startswith(said.removeprefix("program: ")) for note in plain.notes] == [True]
    with inside(tmp_path / "plain"):
        run_plain(plain)
    run_ipython(code, tmp_path / "ipython")
    assert "f.txt" in files_in(tmp_path / "plain")
    assert files_in(tmp_path / "plain") == files_in(tmp_path / "ipython")


@pytest.mark.parametrize(("code", "said"), cases("refused", "refused: "))
def test_what_has_no_counterpart_is_refused_by_name(code: str, said: str, tmp_path: Path) -> None:
    plain = plain_of(code, tmp_path)
    with pytest.raises(ConversionError, match="^" + re.escape(said.removeprefix("refused: "))):
        read_source(analyze(plain.notebook), plan_steps(plain.notebook), (), plain.reasons)


PYLAB = """\
import matplotlib, numpy
import numpy as np
import matplotlib.pyplot as plt
from matplotlib import pylab, pyplot
from matplotlib import mlab"""
TEXTS = {
    "a command": ("!ls -l", "import subprocess\nsubprocess.run('ls -l', shell=True, check=False)"),
    "in a loop": (
        "# All\nfor i in x:\n    !echo {i}",
        "import subprocess\n# All\nfor i in x:\n    subprocess.run(f'echo {i}', shell=True, check=False)",
    ),
    "installing": ("!pip install -q x\n!sudo apt-get install -y y", ""),
    "installing by a program": ("%%bash\npip install x\n", ""),
    "what only shows": ("%matplotlib inline\nx = 1", ""),
    "a cell of one line": (
        "%%bash\nls\n",
        "import subprocess\nsubprocess.run(['bash'], input='ls\\n', text=True, check=True)",
    ),
    "a variable": ("%env A=1\nx = 1", "import os\nos.environ['A'] = '1'\nx = 1"),
    "a pylab": ("%pylab inline --no-import-all", PYLAB),
    "none": ("x = 1\n\n\ny = x", ""),
}


@pytest.mark.parametrize(("source", "expected"), TEXTS.values(), ids=TEXTS)
def test_what_cells_become(source: str, expected: str, tmp_path: Path) -> None:
    document = notebook(f"# step:a\n{source}")
    plain = plain_notebook(analyze(document), tmp_path)
    assert plain.notebook.cells[0].source == (expected or document.cells[0].source)
    assert (plain.notebook is document) == (not expected)


def test_files_that_are_inlined_are_told_unless_a_cell_writes_them(tmp_path: Path) -> None:
    plain = plain_of(
        "# step:a\n%run one.py\n# step:b\n%%writefile two.py\nx = 1\n# step:c\n%run two\n# file one.py\ny = 1", tmp_path
    )
    assert plain.inlined == (tmp_path / "one.py",)


def test_lines_are_those_of_the_cell(tmp_path: Path) -> None:
    plain = plain_of(
        "# step:a\n# Remark\nx = !echo a \\\n  b\n\n%run one.py\ny = 1\n# file one.py\nz = 1\nu = 2", tmp_path
    )
    told = list(zip(plain.lines[0], plain.notebook.cells[0].source.split("\n"), strict=True))
    assert [(line, text.partition(" = ")[0]) for line, text in told] == [
        (1, "import subprocess"),
        (1, "# Remark"),
        (2, "x"),
        (4, ""),
        (5, "# From one.py"),
        (5, "z"),
        (5, "u"),
        (6, "y"),
    ]


def test_a_script_that_is_run_again_stands_there_without_its_functions(tmp_path: Path) -> None:
    script = "import sys\n\n\ndef f():\n    return 1\n\n\nx = f()"
    code = f"# step:a\n%run one.py 1\n# step:b\n%run one.py 2\n# file one.py\n{script}"
    cells = plain_of(code, tmp_path).notebook.cells
    assert "def f():" in cells[0].source
    assert cells[1].source == "import sys\n# From one.py\nsys.argv[:] = ['one.py', '2']\nx = f()"
